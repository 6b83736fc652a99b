// The parameter sets of one H.264 or H.265 stream, as they come in SDP, in band or in extradata.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/codec.h"

namespace pasu::rtp {

/// Keeps the latest set of each type and id.
class ParameterSets {
 public:
  /// All sets together; one that does not fit is refused.
  static constexpr size_t kBytesMax = 256u << 10;

  /// `codec` is h264 or h265.
  explicit ParameterSets(media::Codec codec) : codec_(codec) {}

  /// Is this unit, of at least one byte, a parameter set of the codec?
  [[nodiscard]] bool is_set(ByteView nal) const;
  /// Takes a set in; a start code before it, as some cameras put into sprop, is passed over. True:
  /// it is new or differs. False: known already, or not fit to be kept (no set, unreadable).
  bool add(ByteView nal);
  /// add() for all sets of an avcC or hvcC record, or of Annex B extradata.
  Result<void> add_extradata(ByteView extradata);

  /// One of each type that decoding needs: SPS and PPS; VPS too in H.265.
  [[nodiscard]] bool complete() const;
  /// The sets of one nal_unit_type, by id.
  [[nodiscard]] std::vector<ByteView> of_type(int type) const;
  /// All of them, VPS before SPS before PPS.
  [[nodiscard]] std::vector<ByteView> all() const;
  /// Writes the configuration record, size, rate and profile into `info`. Call when complete().
  [[nodiscard]] Result<void> describe(media::StreamInfo& info) const;

 private:
  struct Set {
    int type;
    uint32_t id;
    std::vector<uint8_t> nal;
  };

  media::Codec codec_;
  std::vector<Set> sets_;  // Ordered by type and id.
  std::vector<uint8_t> last_sps_;
};

/// Adds the sets of a comma-separated base64 list of an fmtp. Cameras write it empty, without PPS
/// or with what is no parameter set: such entries are passed over.
void add_sprop(std::string_view list, ParameterSets& sets);

/// nal_unit_type of a unit of at least one byte, in either codec.
[[nodiscard]] int nal_type(media::Codec codec, ByteView nal);

}  // namespace pasu::rtp
