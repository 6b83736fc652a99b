#include "job/gate_bench.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "av/decoder.h"
#include "av/demuxer.h"
#include "base/process_usage.h"
#include "detect/labels.h"
#include "gate/frame_grid.h"
#include "gate/held_units.h"
#include "track/tracker.h"

namespace pasu::job {
namespace {

constexpr int kSeenMin = 2;       // Analysed frames of a second in which somebody was seen.
constexpr float kSameIou = 0.3f;  // Of boxes of the same person in the same second.

int second_of(media::Pts pts) { return static_cast<int>(std::floor(media::to_seconds(pts))); }

/// What a run saw, second by second.
struct Seen {
  struct Person {
    int frames = 0;
    std::vector<geom::Box> boxes;
  };
  std::map<int, std::map<uint32_t, Person>> people;  // By second and track.
  std::map<int, int> analysed;                       // Frames by second.
};

/// Detection and tracking of the frames that a run chooses.
class Analysis {
 public:
  Analysis(detect::Detector& detector, float threshold, double fps)
      : detector_(detector), threshold_(threshold), tracker_(track::options_for(threshold, fps)) {}

  Result<gate::Sighting> look(const media::Frame& frame) {
    const auto found = TRY(detector_.detect(frame));
    const auto& labels = detector_.info().labels;
    gate::Sighting out;
    for (const geom::Detection& one : found)
      if (detect::is_person(labels, one.label))
        out.score = std::max(out.score, one.score / threshold_);
    const int second = second_of(frame.pts);
    ++seen_.analysed[second];
    for (const track::Track& track : tracker_.update(found, frame.pts)) {
      if (!track.seen || !detect::is_person(labels, track.label)) continue;
      out.tracked = true;
      Seen::Person& person = seen_.people[second][track.id];
      ++person.frames;
      person.boxes.push_back(track.box);
    }
    return out;
  }
  [[nodiscard]] const Seen& seen() const { return seen_; }

 private:
  detect::Detector& detector_;
  const float threshold_;
  track::Tracker tracker_;
  Seen seen_;
};

/// Reads the clip's video, unit by unit.
class Clip {
 public:
  static Result<Clip> open(const std::string& path, const std::atomic<bool>& stop) {
    Clip out;
    out.demuxer_ = TRY(av::Demuxer::open(path, {.stop = &stop}));
    const media::StreamInfo* video = av::find_video(out.demuxer_->info());
    if (video == nullptr) return fail(Errc::unsupported, "{}: has no video in it", path);
    out.video_ = *video;
    return out;
  }
  [[nodiscard]] const media::StreamInfo& video() const { return video_; }
  /// Nothing at the end. A file cut short ends where it does.
  Result<std::optional<media::AccessUnit>> next() {
    for (;;) {
      auto unit = demuxer_->read();
      if (!unit && unit.error().code() == Errc::truncated) return std::nullopt;
      if (!unit || !*unit || (*unit)->stream == video_.index) return unit;
    }
  }

 private:
  Clip() = default;
  std::unique_ptr<av::Demuxer> demuxer_;
  media::StreamInfo video_;
};

template <class OnFrame>
Result<void> take_all(av::VideoDecoder& decoder, OnFrame on_frame) {
  for (;;) {
    auto frame = decoder.take();
    if (!frame) return {};  // Damage: what follows is taken after the next unit.
    if (!*frame) return {};
    TRY(on_frame(std::move(**frame)));
  }
}

Result<void> run_full(const std::string& path, Analysis& analysis, double fps, GateCost& cost,
                      const std::atomic<bool>& stop) {
  Clip clip = TRY(Clip::open(path, stop));
  const auto decoder = TRY(av::VideoDecoder::create(clip.video()));
  gate::FrameGrid grid(fps);
  media::Pts last{0};
  const auto on_frame = [&](const media::Frame& frame) -> Result<void> {
    last = std::max(last, frame.pts);
    if (!grid.take(frame.pts)) return {};
    TRY(analysis.look(frame));
    ++cost.full_analysed;
    return {};
  };
  while (auto unit = TRY(clip.next())) {
    if (stop) return fail(Errc::cancelled, "stopped");
    (void)decoder->push(*unit);  // Damage concerns that unit alone.
    TRY(take_all(*decoder, on_frame));
  }
  decoder->finish();
  TRY(take_all(*decoder, on_frame));
  cost.seconds = media::to_seconds(last) + 1 / std::max(clip.video().frame_rate, 1.0);
  return {};
}

/// As a camera's analyser does it, but with the detector's answer at once.
class GatedRun {
 public:
  GatedRun(Clip clip, std::unique_ptr<av::VideoDecoder> decoder, Analysis& analysis,
           const gate::GateOptions& options)
      : clip_(std::move(clip)), decoder_(std::move(decoder)), analysis_(analysis), gate_(options) {}

  Result<void> run(GateCost& cost, const std::atomic<bool>& stop) {
    gate_.begin(MonoTime());
    double awake = 0;
    std::optional<media::Pts> before;
    while (auto unit = TRY(clip_.next())) {
      if (stop) return fail(Errc::cancelled, "stopped");
      now_ = std::max(now_, MonoTime(unit->dts));
      TRY(on_unit(*unit));
      const double passed = before ? media::to_seconds(unit->dts - *before) : 0;
      before = unit->dts;
      if (!gate_.awake()) continue;
      awake += passed;
      awake_at_[second_of(unit->pts)] += passed;
    }
    cost.awake_share = cost.seconds > 0 ? awake / cost.seconds : 0;
    cost.counters = gate_.counters();
    return {};
  }
  [[nodiscard]] const std::map<int, double>& awake_at() const { return awake_at_; }

 private:
  Result<void> on_unit(const media::AccessUnit& unit) {
    const gate::UnitStep step = gate_.on_unit(unit.pts, unit.key, now_);
    held_.push(unit, unit.key && step.action != gate::Action::skip);
    if (step.action == gate::Action::skip) return {};
    if (step.replay != gate::Replay::none) return replay(step.replay);
    if (step.action == gate::Action::alone) decoder_->flush();
    (void)decoder_->push(unit);
    if (step.action == gate::Action::alone) decoder_->finish();
    return take_frames();
  }

  Result<void> replay(gate::Replay what) {
    const auto units = what == gate::Replay::running ? held_.running() : held_.with_previous();
    decoder_->flush();
    for (const media::AccessUnit& unit : units) {
      (void)decoder_->push(unit);
      TRY(take_frames());
    }
    return {};
  }

  // A replay asked for on the way takes the place of the frames that are still in the decoder.
  Result<void> take_frames() {
    gate::Replay wanted = gate::Replay::none;
    const auto on_frame = [&](const media::Frame& frame) -> Result<void> {
      const gate::FrameStep step = gate_.on_frame(frame, now_);
      if (step.replay != gate::Replay::none) wanted = step.replay;
      if (!step.analyse) return {};
      const auto sighting = TRY(analysis_.look(frame));
      const gate::Replay answer = gate_.on_result(frame.pts, sighting, now_);
      if (answer != gate::Replay::none) wanted = answer;
      return {};
    };
    TRY(take_all(*decoder_, on_frame));
    return wanted == gate::Replay::none ? Result<void>{} : replay(wanted);
  }

  Clip clip_;
  std::unique_ptr<av::VideoDecoder> decoder_;
  Analysis& analysis_;
  gate::Gate gate_;
  gate::HeldUnits held_;
  MonoTime now_{};
  std::map<int, double> awake_at_;
};

bool is_followed(const Seen& seen, int second, const Seen::Person& person) {
  const auto people = seen.people.find(second);
  if (people == seen.people.end()) return false;
  for (const auto& [id, other] : people->second)
    for (const geom::Box& a : other.boxes)
      for (const geom::Box& b : person.boxes)
        if (geom::iou(a, b) >= kSameIou) return true;
  return false;
}

int analysed_in(const Seen& seen, int second) {
  const auto found = seen.analysed.find(second);
  return found == seen.analysed.end() ? 0 : found->second;
}

void compare(const Seen& full, const Seen& gated, const std::map<int, double>& awake_at,
             GateCost& cost) {
  for (const auto& [second, people] : full.people) {
    const bool was_awake = 2 * analysed_in(gated, second) >= analysed_in(full, second);
    for (const auto& [track, person] : people) {
      if (person.frames < kSeenMin) continue;
      ++cost.person_seconds;
      if (was_awake || is_followed(gated, second, person)) continue;
      cost.missed.push_back({second, track, person.boxes.front()});
    }
  }
  int empty = 0;
  double awake = 0;
  for (const auto& [second, frames] : full.analysed) {
    if (full.people.contains(second)) continue;
    ++empty;
    const auto found = awake_at.find(second);
    if (found != awake_at.end()) awake += found->second;
  }
  cost.empty_share = full.analysed.empty() ? 0 : empty / static_cast<double>(full.analysed.size());
  cost.empty_awake = empty == 0 ? 0 : awake / empty;
}

}  // namespace

Result<GateCost> bench_gate(const std::string& clip, detect::Detector& detector,
                            const GateBenchOptions& options, const std::atomic<bool>& stop) {
  GateCost cost;
  cost.clip = clip;
  const float threshold = options.threshold > 0 ? options.threshold : detector.info().threshold;
  Analysis full(detector, threshold, options.gate.fps);
  const double begun = process_cpu_seconds();
  TRY(run_full(clip, full, options.gate.fps, cost, stop));
  const double between = process_cpu_seconds();

  Analysis through(detector, threshold, options.gate.fps);
  Clip opened = TRY(Clip::open(clip, stop));
  auto decoder = TRY(av::VideoDecoder::create(opened.video(), {.skip_loop_filter = true}));
  GatedRun gated(std::move(opened), std::move(decoder), through, options.gate);
  TRY(gated.run(cost, stop));
  const double seconds = std::max(cost.seconds, 1e-3);
  cost.gated_cpu_ms = 1e3 * (process_cpu_seconds() - between) / seconds;
  cost.full_cpu_ms = 1e3 * (between - begun) / seconds;
  compare(full.seen(), through.seen(), gated.awake_at(), cost);
  return cost;
}

}  // namespace pasu::job
