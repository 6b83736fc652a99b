// What H.264 and H.265 have in common on their way back: NAL units gathered into access units.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "wire/rtp/depacketizer.h"
#include "wire/rtp/detail/parameter_sets.h"

namespace pasu::rtp {

/// An access unit ends at the marker or where the time changes. Units come out length-prefixed with
/// 4 bytes, all their NAL units as sent. Accepted because cameras send it:
/// - the marker on parameter sets, and these with another time than their picture: they are kept
///   for the picture that follows;
/// - the marker on each slice: once seen, markers are no longer believed and a unit ends where the
///   next begins;
/// - start codes at the head of a payload.
class NalDepacketizer : public Depacketizer {
 protected:
  /// `sets`: those that the format told.
  NalDepacketizer(media::StreamInfo info, int clock_rate, ParameterSets sets)
      : Depacketizer(std::move(info), clock_rate),
        codec_(next_info().codec),
        sets_(std::move(sets)) {}

  /// Takes a payload that is no Annex B apart, by the calls below.
  virtual Result<void> unpack(ByteView payload) = 0;

  Result<void> add_unit(ByteView nal);
  /// A NAL unit in fragments: its header, then its parts. A part without start is an error, unless
  /// its start may have been lost.
  Result<void> begin_fragments(ByteView header);
  Result<void> add_fragment(ByteView part);
  Result<void> end_fragments();

 private:
  Result<void> add(const Payload& payload) final;
  void discard() final {}  // add() sees to it, as a marker may have ended the unit.
  Result<void> split(ByteView payload);
  Result<void> append(ByteView bytes);
  void begin_time(const Payload& payload);
  void accept(ByteView nal);
  void finish();
  /// Parameter sets alone do not make a unit: they wait for their picture.
  [[nodiscard]] bool begun() const { return has_picture_ || damaged_ || fragments_; }
  [[nodiscard]] bool is_slice(int type) const;

  media::Codec codec_;
  ParameterSets sets_;
  bool sets_changed_ = false;
  bool markers_lie_ = false;
  std::optional<int64_t> last_time_;  // Of the last unit that a marker ended.

  // The access unit at hand.
  std::vector<uint8_t> unit_;        // Kept between units, for its capacity.
  std::optional<size_t> fragments_;  // Where the unit that comes in fragments has its length.
  int64_t time_ = 0;
  bool has_picture_ = false;
  bool key_ = false;
  bool damaged_ = false;
  bool start_unsure_ = true;  // Packets before this one are missing, perhaps of this unit.
};

}  // namespace pasu::rtp
