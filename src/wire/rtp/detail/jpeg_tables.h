// The tables of JPEG (ITU-T T.81 annex K) that RTP leaves out.
#pragma once

#include <array>
#include <cstdint>

namespace pasu::rtp {

/// One quantisation table, in zigzag order.
using JpegQuantizer = std::array<uint8_t, 64>;

/// The body of the DHT segment with tables K.3 to K.6, which every JPEG in RTP is coded with
/// (RFC 2435 3.1): class and id, 16 counts, values; luma DC, chroma DC, luma AC, chroma AC.
extern const std::array<uint8_t, 416> kJpegHuffman;

/// Luma and chroma quantisation of a Q from 1 to 99 (RFC 2435 4.2).
[[nodiscard]] std::array<JpegQuantizer, 2> jpeg_quantizers(int q);

}  // namespace pasu::rtp
