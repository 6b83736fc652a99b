// Parameter sets, configuration records and units of any bytes into fragmented MP4.
//
// Input: a byte of choices, the extradata's length (16 bits), the extradata, the unit.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "av/muxer.h"
#include "base/assert.h"

namespace {

using namespace pasu;

uint64_t big_endian(ByteView bytes, size_t at) {
  ASSERT(at + 4 <= bytes.size());
  return uint64_t{bytes[at]} << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
}

// Top-level boxes must fill the bytes exactly; gives where the last one begins.
size_t check_boxes(ByteView bytes, size_t count) {
  size_t at = 0, last = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t size = big_endian(bytes, at);
    ASSERT(size >= 8 && size <= bytes.size() - at);
    last = at;
    at += size;
  }
  ASSERT(at == bytes.size());
  return last;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const size_t extradata = std::min<size_t>(data[1] << 8 | data[2], size - 3);
  // Exact-size copies, so that a read past the end is seen.
  const std::vector<uint8_t> record(data + 3, data + 3 + extradata);
  const std::vector<uint8_t> bytes(data + 3 + extradata, data + size);
  media::StreamInfo stream;
  stream.codec = (data[0] & 1) != 0 ? media::Codec::h265 : media::Codec::h264;
  if ((data[0] & 2) != 0) stream.width = stream.height = 64;
  stream.extradata = Bytes::share(nullptr, record);
  media::AccessUnit unit;
  unit.data = Bytes::share(nullptr, bytes);
  unit.key = true;
  const auto muxer = av::FragmentMuxer::create(stream, unit);
  if (!muxer) return 0;
  check_boxes((*muxer)->init_segment(), 2);
  for (int i = 0; i < 2; ++i) {
    const auto fragment = (*muxer)->fragment(unit);
    if (!fragment) continue;
    const size_t mdat = check_boxes(*fragment, 2);
    ASSERT(as_text(fragment->view().subspan(mdat + 4, 4)) == "mdat");
    // Never more than each start code of three bytes become a length of four.
    ASSERT(fragment->size() - mdat - 8 <= bytes.size() / 3 * 4 + 8 + bytes.size());
  }
  return 0;
}
