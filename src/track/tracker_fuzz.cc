// Any boxes at any times: reported tracks stay finite, ordered, within bounds and truthful.
#include <cmath>
#include <cstring>
#include <vector>

#include "base/assert.h"
#include "track/tracker.h"

namespace {

using pasu::track::Tracker;

template <class T>
T take(const uint8_t*& data, size_t& size) {
  T value{};
  const size_t n = std::min(size, sizeof value);
  std::memcpy(&value, data, n);
  data += n;
  size -= n;
  return value;
}

// A coordinate that is mostly ordinary, sometimes any 32 bits.
float coordinate(const uint8_t*& data, size_t& size) {
  const auto raw = take<uint16_t>(data, size);
  if (raw < 0xfe00) return static_cast<float>(raw) / 32.f - 200.f;
  return take<float>(data, size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kTracksMax = 40;
  Tracker tracker({.tracks_max = kTracksMax});
  std::vector<pasu::geom::Detection> detections;
  pasu::media::Pts pts{0};
  uint32_t newest = 0;
  while (size > 0) {
    const auto step = take<uint8_t>(data, size);
    pts = step == 0xff ? pasu::media::Pts(take<int64_t>(data, size))
                       : pasu::media::Pts(static_cast<int64_t>(static_cast<uint64_t>(pts.count()) +
                                                               step * 10'000'000u));
    detections.resize(take<uint8_t>(data, size) % 50);
    for (auto& d : detections) {
      d.box = {coordinate(data, size), coordinate(data, size), coordinate(data, size),
               coordinate(data, size)};
      const auto rest = take<uint8_t>(data, size);
      d.score = static_cast<float>(rest & 0x3f) / 63.f;
      d.label = rest >> 7;
    }
    uint32_t before = 0;
    uint32_t highest = newest;
    for (const auto& track : tracker.update(detections, pts)) {
      ASSERT(track.id > before);
      before = track.id;
      highest = std::max(highest, track.id);
      ASSERT(std::isfinite(track.box.x) && std::isfinite(track.box.y));
      ASSERT(std::isfinite(track.vx) && std::isfinite(track.vy));
      ASSERT(track.box.w > 0 && track.box.h > 0 && std::isfinite(track.box.area()));
      ASSERT(track.seen == (track.last == pts) || !track.seen);
      ASSERT(track.seen == (track.detection >= 0));
      if (track.seen) {
        ASSERT(static_cast<size_t>(track.detection) < detections.size());
        ASSERT(detections[static_cast<size_t>(track.detection)].label == track.label);
      }
    }
    ASSERT(highest - newest <= kTracksMax + detections.size());
    newest = highest;
  }
  return 0;
}
