// The pictures of an input's first video stream, one after another.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "av/demuxer.h"
#include "base/result.h"
#include "bits/gop.h"

namespace pasu::cli {

/// A frame: a picture, or two fields counted as one.
struct WalkedFrame {
  bits::Picture picture;
  media::Pts pts{0}, dts{0};
  int64_t position = -1;  ///< As in AccessUnit.
};

/// Turns access units into frames. Damage is told on standard error, with its place in the file,
/// and read past.
class PictureWalk {
 public:
  /// `stream` is borrowed for the call. Errors: as PictureReader::create().
  [[nodiscard]] static Result<PictureWalk> create(const std::string& input,
                                                  const media::StreamInfo& stream);

  /// A frame that is now whole: mostly the one of the unit before, for a second field may follow.
  [[nodiscard]] std::optional<WalkedFrame> push(const media::AccessUnit& unit);
  /// The last frame.
  [[nodiscard]] std::optional<WalkedFrame> finish() { return std::exchange(waiting_, {}); }

  /// Units in which something could not be read.
  [[nodiscard]] size_t damaged_units() const { return damaged_units_; }
  [[nodiscard]] const bits::SequenceInfo* sequence() const { return reader_.sequence(); }

 private:
  PictureWalk(std::string input, bits::PictureReader reader)
      : input_(std::move(input)), reader_(std::move(reader)) {}
  void tell_damage(const media::AccessUnit& unit);

  std::string input_;
  bits::PictureReader reader_;
  std::optional<WalkedFrame> waiting_;
  size_t units_ = 0;
  size_t damaged_units_ = 0;
};

}  // namespace pasu::cli
