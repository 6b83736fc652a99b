// NAL units out of a run of bytes: Annex B (start codes) and length-prefixed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::bits {

/// One NAL unit, header first, without start code, length or trailing zero bytes.
struct NalUnit {
  ByteView bytes;
  size_t offset = 0;  ///< Of its header, in the bytes it was found in.
};

/// nal_unit_type (H.264 Table 7-1). The others are skipped.
enum class H264Nal : uint8_t {
  slice = 1,
  partition_a = 2,
  idr_slice = 5,
  sei = 6,
  sps = 7,
  pps = 8,
  access_unit_delimiter = 9,
  end_of_sequence = 10,
  end_of_stream = 11,
};

/// nal_unit_type (H.265 Table 7-1). VCL units are 0 to 31, IRAP pictures 16 to 23.
enum class H265Nal : uint8_t {
  radl_n = 6,
  radl_r = 7,
  rasl_n = 8,
  rasl_r = 9,
  bla_w_lp = 16,
  bla_n_lp = 18,
  idr_w_radl = 19,
  idr_n_lp = 20,
  cra = 21,
  vps = 32,
  sps = 33,
  pps = 34,
  access_unit_delimiter = 35,
  end_of_sequence = 36,
  end_of_bitstream = 37,
  prefix_sei = 39,
};

/// nal_unit_type of a unit of at least one byte (H.264 7.3.1).
[[nodiscard]] inline H264Nal h264_type(ByteView nal) { return H264Nal(nal[0] & 0x1f); }
/// nal_unit_type of a unit of at least one byte (H.265 7.3.1.2).
[[nodiscard]] inline H265Nal h265_type(ByteView nal) { return H265Nal((nal[0] >> 1) & 0x3f); }
/// Pictures that decoding can start at (H.265 3.77), and those of them that forget all before.
[[nodiscard]] inline bool is_irap(H265Nal type) { return int(type) >= 16 && int(type) <= 23; }
[[nodiscard]] inline bool is_idr(H265Nal type) {
  return type == H265Nal::idr_w_radl || type == H265Nal::idr_n_lp;
}
/// nuh_layer_id of a unit of at least two bytes; layer 0 is the plain picture.
[[nodiscard]] inline int h265_layer(ByteView nal) { return (nal[0] & 1) << 5 | nal[1] >> 3; }

/// Index of the first `00 00 01` at or after `from`; the size where there is none (H.264 B.1).
[[nodiscard]] size_t find_start_code(ByteView bytes, size_t from);

/// Do these bytes begin with a start code, `00 00 01` or `00 00 00 01`?
[[nodiscard]] bool starts_with_start_code(ByteView bytes);

/// Walks through the NAL units of an access unit; empty ones are passed over. Borrows the bytes.
class NalCursor {
 public:
  /// H.264 B.1, H.265 B.2.
  [[nodiscard]] static NalCursor annexb(ByteView bytes) { return {bytes, 0}; }
  /// ISO 14496-15 5.3.3 and 8.3.3; `length_size` is 1, 2 or 4 bytes.
  [[nodiscard]] static NalCursor length_prefixed(ByteView bytes, int length_size) {
    return {bytes, length_size};
  }

  /// The next unit; nothing at the end. After an error the next call goes on behind the damage.
  /// Errors: truncated (a length past the end), malformed (bytes before the first start code).
  [[nodiscard]] Result<std::optional<NalUnit>> next();
  /// Where the last error was, and where the next unit will be looked for.
  [[nodiscard]] size_t position() const { return position_; }

 private:
  NalCursor(ByteView bytes, int length_size) : bytes_(bytes), length_size_(length_size) {}
  Result<std::optional<NalUnit>> next_annexb();
  Result<std::optional<NalUnit>> next_prefixed();

  ByteView bytes_;
  size_t position_ = 0;
  int length_size_;  // 0: Annex B.
};

}  // namespace pasu::bits
