#include "node/analyser.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "detect/labels.h"

namespace pasu::node {
namespace {

// Units decoded before another camera has its turn.
constexpr int kTurnUnits = 6;
constexpr std::chrono::seconds kTellEvery{1};
// Hundreds of cameras that connect at once make each other late: that is over in a moment, and
// nothing to hold everybody back for.
constexpr std::chrono::seconds kSettling{3};

gate::GateOptions gate_options(double fps) {
  gate::GateOptions out;
  out.fps = fps;
  return out;
}

}  // namespace

Analyser::Analyser(const Options& options, flow::Executor& workers, Inference* inference,
                   Governor& governor, Meter& meter, Events events)
    : options_(options),
      inference_(inference),
      governor_(governor),
      meter_(meter),
      events_(std::move(events)),
      strand_(workers),
      grid_(options.fps),
      gated_(gate_options(options.fps), meter, events_.on_frame),
      tracker_(track::options_for(options.threshold, options.fps)),
      closer_look_({.input = inference != nullptr ? inference->info().input : geom::Size{},
                    .a_frame = options.closer_looks}) {
  if (options.fps > 0) lane_.emplace(*inference);
}

void Analyser::stop() {
  // First the detector's answers, which are posted to the strand, then the strand itself.
  strand_.post([this] {
    gated_.end();
    is_gated_ = false;
  });
  strand_.drain();
  lane_.reset();
  strand_.drain();
}

Result<void> Analyser::begin(const media::StreamInfo& stream) {
  TRY(av::VideoDecoder::create(stream));  // Can it be decoded at all?
  skipping_ = false;
  {
    std::lock_guard lock(mutex_);
    arrived_.push_back({{}, {}, stream});
  }
  strand_.post([this] { take_arrived(); });
  return {};
}

void Analyser::begin_session(const media::StreamInfo& stream) {
  stream_ = stream;
  decoder_.reset();
  grid_.restart();
  is_gated_ = false;
  settled_ = system_clock().now() + kSettling;
  governor_.welcome();
  live_.begin(stream);
}

void Analyser::end() {
  strand_.post([this] {
    take_arrived();
    gated_.end();
    is_gated_ = false;
    live_.pause();
  });
  strand_.drain();
}

void Analyser::push(media::AccessUnit unit) {
  if (unit.key) skipping_ = false;
  const size_t size = unit.data.size();
  if (!skipping_ && (backlog_units_.load() >= kBacklogUnitsMax ||
                     backlog_bytes_.load() + size > kBacklogBytesMax))
    skipping_ = true;
  if (skipping_) {
    meter_.drop("decode_backlog");
    return;
  }
  ++backlog_units_;
  backlog_bytes_ += size;
  const bool can_wait = dozes_ && !unit.key && live_.feed().readers() == 0;
  {
    std::lock_guard lock(mutex_);
    arrived_.push_back({std::move(unit), system_clock().now(), std::nullopt});
    if (taking_ || (can_wait && arrived_.size() < kDozeUnitsMax)) return;
    taking_ = true;
  }
  strand_.post([this] { take_arrived(); });
}

void Analyser::take_arrived() {
  std::vector<Arrived> arrived;
  {
    std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
    taking_ = false;
  }
  if (arrived.empty()) return;
  CpuScope cpu(meter_);
  obey_governor();
  for (const Arrived& one : arrived) {
    if (one.begins) {
      begin_session(*one.begins);
      continue;
    }
    --backlog_units_;
    backlog_bytes_ -= one.unit.data.size();
    take(one);
  }
  if (is_gated_)
    work_on_gated();
  else
    tell_wakefulness(system_clock().now());
  live_.rest();
}

void Analyser::take(const Arrived& one) {
  live_.push(one.unit);
  const bool gated = lane_ && options_.sleeps && !is_all_wanted();
  if (gated && !is_gated_) {
    decoder_.reset();
    gated_.begin(stream_, one.arrival);
  }
  if (!gated && is_gated_) {
    gated_.end();
    grid_.restart();
  }
  is_gated_ = gated;
  if (gated)
    gated_.push(one.unit, one.arrival);
  else
    decode_all(one);
}

void Analyser::obey_governor() {
  gated_.be_wary(governor_.is_crowded());
  const Governor::Limits limits = governor_.limits();
  if (limits == limits_) return;
  limits_ = limits;
  grid_.set_fps(limits.share * options_.fps);
  gated_.limit(limits.share * options_.fps, limits.thrift);
}

void Analyser::tell_governor(std::chrono::nanoseconds waited) {
  if (system_clock().now() >= settled_) governor_.told(waited);
}

bool Analyser::is_all_wanted() { return live_.wants_frames() || events_.wants_frames(); }

// A decoder that was made anew begins at a key frame.
bool Analyser::prepare_decoder(const media::AccessUnit& unit) {
  if (!lane_ && !is_all_wanted()) {
    decoder_.reset();
    return false;
  }
  if (decoder_) return true;
  if (!unit.key && !lane_) return false;
  auto made = av::VideoDecoder::create(stream_);
  if (!made) {
    meter_.decode_failed();
    log::debug("{}", made.error().message());
    return false;
  }
  decoder_ = std::move(*made);
  return true;
}

void Analyser::decode_all(const Arrived& one) {
  if (!prepare_decoder(one.unit)) return;
  if (auto pushed = decoder_->push(one.unit); !pushed) {
    meter_.decode_failed();
    log::debug("{}", pushed.error().message());
  }
  for (;;) {
    auto frame = decoder_->take();
    if (!frame) {
      meter_.decode_failed();
      log::debug("{}", frame.error().message());
      return;
    }
    if (!*frame) return;
    meter_.frame_decoded();
    if ((*frame)->damaged) meter_.decode_failed();
    events_.on_frame(**frame);
    live_.push(**frame);
    if (lane_ && grid_.take((*frame)->pts)) look_at({std::move(**frame), one.arrival, false});
  }
}

// One frame after another while there is time to see them all, else the newest.
void Analyser::work_on_gated() {
  if (resting_) return;
  int units = kTurnUnits;
  MonoTime now = system_clock().now();
  for (;;) {
    if (under_way_ > 0 && gated_.has_work() && gated_.waited(now) < kCatchUpMax) break;
    auto look = gated_.next(units, now);
    if (!look) break;
    look_at(std::move(*look));
    now = system_clock().now();
  }
  tell_wakefulness(now);
  if (units > 0 || !gated_.has_work()) return;
  resting_ = true;
  strand_.post([this] {
    CpuScope cpu(meter_);
    resting_ = false;
    work_on_gated();
  });
}

// A server that is too busy looks at the whole alone.
std::vector<geom::Box> Analyser::parts_of(const media::Frame& frame) {
  if (limits_ != Governor::Limits() || (is_gated_ && !gated_.gate().awake())) return {};
  const gate::Movement& movement = gated_.gate().last_movement();
  const auto moved = is_gated_ && movement.kind == gate::Movement::Kind::moved
                         ? movement.regions()
                         : std::span<const geom::Box>();
  const auto parts = closer_look_.choose({frame.width, frame.height}, moved, people_, frame.pts);
  return {parts.begin(), parts.end()};
}

void Analyser::look_at(GatedVideo::Look look) {
  auto parts = parts_of(look.frame);
  const size_t pictures = 1 + parts.size();
  media::Frame seen = look.frame.share();
  const auto turn = somebody_ ? Inference::Turn::first : Inference::Turn::usual;
  auto kept = std::make_shared<GatedVideo::Look>(std::move(look));
  const bool fresh =
      lane_->submit(std::move(seen), std::move(parts), turn,
                    [this, kept, pictures](Result<std::vector<geom::Detection>> detections) {
                      strand_.post([this, kept, pictures, found = std::move(detections)]() mutable {
                        CpuScope cpu(meter_);
                        meter_.pictures_inferred(pictures);
                        on_detections(std::move(found), std::move(*kept));
                      });
                    });
  if (fresh) {
    ++under_way_;
    return;
  }
  meter_.drop("detector_busy");
  tell_governor(2 * Governor::kLate);
}

void Analyser::on_detections(Result<std::vector<geom::Detection>> detections,
                             GatedVideo::Look look) {
  --under_way_;
  const media::Pts pts = look.frame.pts;
  if (!detections) {
    meter_.drop("detector_failed");
    log::warn("the detector failed on a frame: {}", detections.error().message());
  } else {
    const auto tracks = tracker_.update(*detections, pts);
    const MonoTime now = system_clock().now();
    const gate::Sighting sighting = sighting_in(*detections, tracks);
    somebody_ = sighting.tracked;
    people_.clear();
    for (const track::Track& track : tracks) people_.push_back(track.box);
    if (is_gated_) gated_.answer(pts, sighting, now);
    meter_.frame_analysed(look.arrival, look.replayed);
    if (!look.replayed) tell_governor(now - look.arrival);
    events_.on_analysis(
        {std::move(look.frame), {tracks.begin(), tracks.end()}, look.arrival, look.replayed});
  }
  if (is_gated_) work_on_gated();
}

gate::Sighting Analyser::sighting_in(std::span<const geom::Detection> detections,
                                     std::span<const track::Track> tracks) const {
  const auto& labels = inference_->info().labels;
  gate::Sighting out;
  for (const geom::Detection& one : detections)
    if (detect::is_person(labels, one.label))
      out.score = std::max(out.score, one.score / options_.threshold);
  out.tracked = std::ranges::any_of(tracks, [&](const track::Track& track) {
    return track.seen && detect::is_person(labels, track.label);
  });
  return out;
}

void Analyser::tell_wakefulness(MonoTime now) {
  const gate::Gate& gate = gated_.gate();
  const bool awake = !is_gated_ || gate.awake();
  dozes_ = is_gated_ && !awake && !gate.has_long_gop();
  if (told_at_ && now - *told_at_ < kTellEvery && awake == wakefulness_.awake) return;
  told_at_ = now;
  Wakefulness told;
  told.awake = awake;
  told.counters = gate.counters();
  if (is_gated_) {
    told.cause = gate.cause();
    told.why = gate.why();
    told.long_gop = gate.long_gop();
  }
  std::lock_guard lock(mutex_);
  wakefulness_ = std::move(told);
}

Wakefulness Analyser::wakefulness() const {
  std::lock_guard lock(mutex_);
  return wakefulness_;
}

}  // namespace pasu::node
