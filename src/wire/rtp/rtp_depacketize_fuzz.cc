// Every payload format, chosen by the first byte; then packets: a byte of size, one of marks
// (marker, gap, new time), the payload.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "bits/nal.h"
#include "wire/rtp/depacketizer.h"
#include "wire/rtp/packetizer.h"
#include "wire/rtp/payload_format.h"

using namespace pasu;

namespace {

const rtp::PayloadFormat kFormats[] = {
    {96, "H264", 90'000, 0, {}},
    {96,
     "H264",
     90'000,
     0,
     {{"sprop-parameter-sets", "Z2QACqzZRHsBEAAAAwAQAAADAyDxIllg,aOvjyyLA"}}},
    {96, "H265", 90'000, 0, {}},
    {96, "H265", 90'000, 0, {{"sprop-max-don-diff", "1"}}},
    {96, "MPEG4-GENERIC", 48'000, 2, {{"config", "1190"}}},
    {96,
     "MPEG4-GENERIC",
     8000,
     1,
     {{"sizelength", "6"}, {"indexlength", "2"}, {"indexdeltalength", "2"}}},
    {96, "MP4A-LATM", 48'000, 2, {}},
    {96, "MP4A-LATM", 48'000, 2, {{"cpresent", "0"}, {"config", "400023203fc0"}}},
    {0, "PCMU", 8000, 1, {}},
    {96, "opus", 48'000, 2, {}},
    {14, "MPA", 90'000, 0, {}},
    {26, "JPEG", 90'000, 0, {}},
    {96, "vnd.onvif.metadata", 90'000, 0, {}},
};

bool is_nal(media::Codec codec) {
  return codec == media::Codec::h264 || codec == media::Codec::h265;
}

// A unit is never empty; one of NAL units is length-prefixed without a hole; and the packetizer of
// the stream either sends it or says why not.
void check(const rtp::Depacketizer& depacketizer, const media::AccessUnit& unit) {
  if (unit.data.empty() || unit.data.size() > rtp::Depacketizer::kUnitBytesMax + 65'536) {
    __builtin_trap();
  }
  const media::StreamInfo& stream = depacketizer.stream_info();
  if (!depacketizer.ready()) __builtin_trap();
  if (is_nal(stream.codec)) {
    bits::NalCursor cursor = bits::NalCursor::length_prefixed(unit.data, 4);
    for (;;) {
      const auto nal = cursor.next();
      if (!nal) __builtin_trap();
      if (!*nal) break;
    }
  }
  auto packetizer = rtp::Packetizer::create(stream, {});
  if (!packetizer) return;
  const auto batch = (*packetizer)->push(unit);
  if (!batch) return;
  size_t bytes = 0;
  for (size_t i = 0; i < batch->size(); ++i) bytes += batch->packet(i).size() + 4;
  if (bytes != batch->data.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto made = rtp::make_depacketizer(kFormats[data[0] % std::size(kFormats)]);
  if (!made) __builtin_trap();
  rtp::Depacketizer& depacketizer = **made;
  int64_t time = 0;
  for (size_t at = 1; at + 2 <= size;) {
    const uint8_t marks = data[at + 1];
    // Sizes up to 63, or large where the top bits are set.
    size_t length = data[at] < 192 ? data[at] & 63 : size_t{data[at]} * 8;
    at += 2;
    length = std::min(length, size - at);
    const std::vector<uint8_t> payload(data + at, data + at + length);
    at += length;
    if ((marks & 4) != 0) time += marks >> 3;
    (void)depacketizer.push({payload, time, (marks & 1) != 0, (marks & 2) != 0});
    while (const auto unit = depacketizer.take()) check(depacketizer, *unit);
  }
  return 0;
}
