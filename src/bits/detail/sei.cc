#include "bits/detail/sei.h"

#include "bits/bit_reader.h"

namespace pasu::bits {
namespace {

constexpr size_t kRecoveryPoint = 6;  // payloadType, H.264 D.1.1, H.265 D.2.1

// payload_type and payload_size: a run of 255s and a last byte (H.264 7.3.2.3.1, H.265 7.3.5).
size_t read_number(BitReader& bits) {
  size_t number = 0;
  while (bits.ok()) {
    const uint32_t byte = bits.u(8);
    number += byte;
    if (byte != 255) break;
  }
  return number;
}

}  // namespace

Result<bool> has_recovery_point(ByteView nal, size_t header_bytes) {
  BitReader bits(nal, header_bytes);
  while (bits.more_rbsp_data()) {
    const size_t type = read_number(bits);
    const size_t size = read_number(bits);
    TRY(bits.status("SEI"));
    if (type == kRecoveryPoint) return true;
    if (size > nal.size()) {
      return fail(Errc::truncated, "SEI: a message of {} bytes in a unit of {} (byte {})", size,
                  nal.size(), bits.byte_position());
    }
    for (size_t i = 0; i < size && bits.ok(); ++i) bits.skip(8);
  }
  TRY(bits.status("SEI"));
  return false;
}

}  // namespace pasu::bits
