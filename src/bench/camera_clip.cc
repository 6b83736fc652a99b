#include "bench/camera_clip.h"

#include <algorithm>
#include <map>

#include "av/decoder.h"
#include "av/demuxer.h"
#include "detect/labels.h"
#include "track/tracker.h"

namespace pasu::bench {
namespace {

constexpr double kFpsMin = 1, kFpsMax = 120;

/// Which GOP and which of its frames a time of the clip is.
struct Place {
  size_t gop = 0, frame = 0;
};

}  // namespace

size_t CameraClip::units() const {
  size_t out = 0;
  for (const auto& gop : gops) out += gop.size();
  return out;
}

Result<CameraClip> CameraClip::load(const std::string& path, const std::atomic<bool>& stop) {
  CameraClip out;
  out.path = path;
  const auto demuxer = TRY(av::Demuxer::open(path, {.stop = &stop}));
  const media::StreamInfo* video = av::find_video(demuxer->info());
  if (video == nullptr) return fail(Errc::unsupported, "{}: has no video in it", path);
  out.video = *video;
  out.video.index = 0;
  out.fps = video->frame_rate;
  if (out.fps < kFpsMin || out.fps > kFpsMax)
    return fail(Errc::unsupported, "{}: says {} frames a second, which no camera sends", path,
                out.fps);
  for (;;) {
    auto unit = TRY(demuxer->read());
    if (!unit) break;
    if (unit->stream != video->index) continue;
    unit->stream = 0;
    if (unit->key) out.gops.emplace_back();
    if (!out.gops.empty()) out.gops.back().push_back(std::move(*unit));
  }
  if (out.gops.empty())
    return fail(Errc::unsupported, "{}: has no key frame; encode it again", path);
  for (auto& gop : out.gops) {
    const media::Pts start = gop.front().pts, decode_start = gop.front().dts;
    for (media::AccessUnit& unit : gop) {
      unit.pts -= start;
      unit.dts -= decode_start;
    }
  }
  return out;
}

Result<PresenceByGop> find_people(const CameraClip& clip, detect::Detector& detector,
                                  float threshold, const std::atomic<bool>& stop) {
  const auto decoder = TRY(av::VideoDecoder::create(clip.video));
  track::Tracker tracker(track::options_for(threshold, clip.fps));
  const auto& labels = detector.info().labels;
  std::vector<std::map<uint32_t, Presence>> seen(clip.gops.size());
  std::map<media::Pts, Place> places;
  const auto look = [&](const media::Frame& frame) -> Result<void> {
    const auto found = TRY(detector.detect(frame));
    const auto at = places.find(frame.pts);
    const auto tracks = tracker.update(found, frame.pts);
    if (at == places.end()) return {};
    for (const track::Track& track : tracks) {
      if (!track.seen || !detect::is_person(labels, track.label)) continue;
      Presence& person = seen[at->second.gop][track.id];
      if (person.frames++ == 0) person.first = at->second.frame;
      person.track = track.id;
      person.boxes.push_back(track.box);
    }
    return {};
  };
  media::Pts start{0};
  const auto step = media::Pts(static_cast<int64_t>(1e9 / clip.fps));
  for (size_t g = 0; g < clip.gops.size(); ++g) {
    for (size_t i = 0; i < clip.gops[g].size(); ++i) {
      if (stop) return fail(Errc::cancelled, "stopped");
      media::AccessUnit unit = clip.gops[g][i];
      unit.pts += start;
      unit.dts += start;
      places[unit.pts] = {g, i};
      (void)decoder->push(unit);  // Damage concerns that unit alone.
      while (auto frame = TRY(decoder->take())) TRY(look(*frame));
    }
    start += step * static_cast<int64_t>(clip.gops[g].size());
  }
  decoder->finish();
  while (auto frame = TRY(decoder->take())) TRY(look(*frame));

  PresenceByGop out(clip.gops.size());
  for (size_t g = 0; g < seen.size(); ++g)
    for (auto& [track, person] : seen[g])
      if (5 * person.frames >= 2 * clip.gops[g].size()) out[g].push_back(std::move(person));
  return out;
}

}  // namespace pasu::bench
