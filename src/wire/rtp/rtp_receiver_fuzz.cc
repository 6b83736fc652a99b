// Packets into a whole track, over UDP or TCP by the first byte. Each: a byte that says how it
// differs from the one before (sequence, time, source, clock), a size, the rest of the bytes.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "wire/rtp/detail/numbers.h"
#include "wire/rtp/inbound_track.h"

using namespace pasu;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  rtp::PayloadFormat format{96, "H264", 90'000, 0, {}};
  format.fmtp["sprop-parameter-sets"] = "Z2QACqzZRHsBEAAAAwAQAAADAyDxIllg,aOvjyyLA";
  if ((data[0] & 2) != 0) format = {96, "PCMU", 8000, 1, {}};
  auto track = rtp::InboundTrack::create(
      format, {.reorder = (data[0] & 1) != 0, .check_payload_type = (data[0] & 4) != 0});
  if (!track) __builtin_trap();

  MonoTime now{std::chrono::hours(1)};
  uint16_t sequence = 0;
  uint32_t timestamp = 0, ssrc = 1;
  std::optional<media::Pts> last;
  uint64_t pushed = 0;
  for (size_t at = 1; at + 4 <= size;) {
    const uint8_t kind = data[at], amount = data[at + 1], marks = data[at + 2];
    const size_t length = std::min<size_t>(data[at + 3], size - at - 4);
    at += 4;
    const ByteView body(data + at, length);
    at += length;
    ++sequence;
    switch (kind % 8) {
      case 1:
        sequence = static_cast<uint16_t>(sequence + static_cast<int8_t>(amount));
        break;
      case 2:
        sequence = static_cast<uint16_t>(sequence + amount * 256);
        break;
      case 3:
        timestamp += amount * 360u;
        break;
      case 4:
        timestamp += uint32_t{amount} << 24;
        break;
      case 5:
        ssrc = amount & 3;
        break;
      case 6:
        now += std::chrono::milliseconds(amount);
        break;
      default:
        break;
    }
    std::vector<uint8_t> bytes;
    if (kind % 8 == 7) {
      bytes.assign(body.begin(), body.end());  // RTCP, or nothing at all.
    } else {
      rtp::append_packet(bytes, {.marker = (marks & 1) != 0,
                                 .payload_type = static_cast<uint8_t>((marks & 2) != 0 ? 96 : 0),
                                 .sequence = sequence,
                                 .timestamp = timestamp,
                                 .ssrc = ssrc,
                                 .payload = body});
    }
    bytes.shrink_to_fit();
    (void)track->push(bytes, now);
    ++pushed;
    if ((marks & 4) != 0) (void)track->on_time(now + std::chrono::seconds(1));
    while (const auto unit = track->take()) {
      if (unit->dts > unit->pts || (last && unit->dts <= *last)) __builtin_trap();
      last = unit->dts;
    }
    if ((marks & 8) != 0) (void)track->receiver_report(now, 9, "fuzz");
  }
  const rtp::ReceiverCounters& counters = track->counters();
  if (counters.packets + counters.late + counters.duplicate + counters.malformed > pushed) {
    __builtin_trap();
  }
  return 0;
}
