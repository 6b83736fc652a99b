#include "node/camera.h"

#include <algorithm>
#include <pthread.h>

#include "av/encoder.h"
#include "base/assert.h"
#include "base/log.h"
#include "detect/labels.h"
#include "draw/overlay.h"

namespace pasu::node {
namespace {

// So long a unit may lie unread of a camera that is only passed on, or sleeps.
constexpr std::chrono::milliseconds kWatchedPatience{50}, kUnwatchedPatience{250};

CameraState state_of(const Error& error) {
  return error.code() == Errc::unsupported ? CameraState::unsupported : CameraState::lost;
}

// Of a camera that works: asleep, or what its owner should know.
std::pair<CameraState, Why> state_of(const Wakefulness& wakefulness) {
  if (!wakefulness.awake)
    return {CameraState::asleep,
            {wakefulness.cause == gate::Cause::nobody ? Reason::nobody_seen : Reason::nothing_moves,
             wakefulness.why}};
  if (!wakefulness.long_gop.empty())
    return {CameraState::live, {Reason::long_gop, wakefulness.long_gop}};
  return {CameraState::live, {}};
}

bool is_worth_a_line(CameraState before, CameraState after) {
  const auto works = [](CameraState s) {
    return s == CameraState::live || s == CameraState::asleep;
  };
  return !works(before) || !works(after);
}

}  // namespace

const char* to_string(CameraState state) {
  switch (state) {
    case CameraState::connecting:
      return "connecting";
    case CameraState::waiting:
      return "waiting";
    case CameraState::live:
      return "live";
    case CameraState::asleep:
      return "asleep";
    case CameraState::degraded:
      return "degraded";
    case CameraState::lost:
      return "lost";
    case CameraState::unsupported:
      return "unsupported";
    case CameraState::disabled:
      return "disabled";
  }
  return "lost";
}

bool shows_pictures(CameraState state) {
  return state == CameraState::live || state == CameraState::degraded ||
         state == CameraState::asleep;
}

Camera::Camera(CameraConfig config, const CameraContext& context)
    : config_(std::move(config)),
      context_(context),
      meter_(config_.name, system_clock(), context.inference_cpu_ms),
      state_(config_.enabled ? CameraState::connecting : CameraState::disabled),
      since_(system_clock().utc()) {
  shown_ = make_analyser(has_sub() ? 0 : config_.fps, true);
  analyser_ = shown_.get();
  if (has_sub()) {
    sub_eyes_ = make_analyser(config_.fps, false);
    analyser_ = sub_eyes_.get();
  }
  auto streams = CameraStreams::create(context.streaming->registry(), config_.name,
                                       context.streaming->boxes(), is_published());
  ASSERT(streams);  // Names are free: the node sees to that.
  streams_ = std::move(*streams);
  if (!config_.enabled) return;
  if (is_published()) context.streaming->access().open_path(config_.name);
  if (has_sub())
    sub_ = std::make_unique<SubStream>(
        SubStream::Options{.camera = config_.name, .url = config_.sub, .start = start_},
        context_.open_source, *sub_eyes_, meter_);
  thread_ = std::thread([this] { supervise(); });
  pthread_setname_np(thread_.native_handle(), "camera");
}

Camera::~Camera() { stop(); }

std::unique_ptr<Analyser> Camera::make_analyser(double fps, bool shown) {
  Analyser::Options options;
  options.fps = fps;
  options.sleeps = config_.sleeps;
  options.closer_looks = static_cast<int>(config_.closer_looks);
  if (fps > 0)
    options.threshold =
        static_cast<float>(config_.threshold.value_or(context_.inference->info().threshold));
  Analyser::Events events;
  events.on_analysis = [this](Analysis analysis) { on_analysis(std::move(analysis)); };
  events.on_frame = [](const media::Frame&) {};
  events.wants_frames = [] { return false; };
  if (shown) {
    events.on_frame = [this](const media::Frame& frame) { on_frame(frame); };
    events.wants_frames = [this] {
      if (streams_->boxes().wanted()) return true;
      streams_->boxes().rest();
      return false;
    };
  }
  return std::make_unique<Analyser>(options, *context_.workers, context_.inference,
                                    *context_.governor, meter_, std::move(events));
}

void Camera::ask_to_stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  if (sub_) sub_->ask_to_stop();
}

void Camera::stop() {
  ask_to_stop();
  std::lock_guard lock(stop_mutex_);
  if (thread_.joinable()) thread_.join();
  if (sub_) sub_->stop();
  if (sub_eyes_) sub_eyes_->stop();
  shown_->stop();
  shown_->live().feed().end("the camera was stopped or changed");
  if (is_published()) context_.streaming->access().close_path(config_.name);
  streams_.reset();
  std::lock_guard events(events_mutex_);
  silent_ = true;
}

void Camera::supervise() {
  log::Scope scope("camera " + config_.name);
  bool first = true;
  while (!stop_) {
    if (!first && !is_published()) meter_.reconnected();
    first = false;
    {
      std::lock_guard lock(mutex_);
      retry_at_.reset();
    }
    const Error error = run_session();
    if (stop_) return;
    end_session();
    wait_to_retry(error);
  }
}

Result<std::unique_ptr<Source>> Camera::open_session() {
  if (is_published()) {
    if (!streams_->raw()->state().live)
      set_state(CameraState::waiting,
                {Reason::no_publisher,
                 fmt::format("nobody publishes to it; push to the RTSP or RTMP address of this "
                             "server with /{} behind it, as a user who may publish",
                             config_.name)});
    // What is only passed on waits for nobody here, or for those who watch it on the page.
    Patience patience;
    if (is_passed_on())
      patience = [this] { return is_watched() ? kWatchedPatience : kUnwatchedPatience; };
    auto source = open_published_source(streams_->raw(), std::move(patience), stop_);
    // Waiting is no loss: a publisher that came back is.
    if (source && std::exchange(was_published_, true)) meter_.reconnected();
    return source;
  }
  const auto patience = [this] {
    // What costs least is asked first: it is asked for each unit.
    const bool waits =
        (has_sub() || shown_->dozes()) && !is_watched() && streams_->raw()->stats().readers == 0;
    return waits ? kUnwatchedPatience : std::chrono::milliseconds(0);
  };
  return context_.open_source(config_.url, patience, stop_);
}

bool Camera::is_watched() {
  return shown_->live().feed().readers() > 0 || streams_->boxes().wanted();
}

// The video's place among the tracks.
Result<size_t> Camera::begin(const hub::Tracks& tracks) {
  const size_t video = TRY(find_video_track(tracks, log::hide_credentials(config_.url)));
  {
    std::lock_guard lock(mutex_);
    codec_ = tracks[video].codec_name;
    width_ = tracks[video].width;
    height_ = tracks[video].height;
    in_session_ = true;
  }
  TRY(shown_->begin(tracks[video]));
  streams_->begin(tracks);
  return video;
}

Error Camera::run_session() {
  const auto opened = open_session();
  if (!opened) return opened.error();
  Source& source = **opened;
  auto video = begin(source.tracks());
  if (!video) return video.error();
  timeline_.begin_session(system_clock().now());
  CpuLaps cpu(meter_);
  Source::Losses losses;
  for (;;) {
    auto next = source.read();
    const Source::Losses losses_now = source.losses();
    meter_.lost(losses_now, std::exchange(losses, losses_now));
    if (!next) return next.error();
    if (next->new_tracks) {
      video = begin(source.tracks());
      if (!video) return video.error();
    }
    media::AccessUnit& unit = next->unit;
    if (static_cast<size_t>(unit.stream) != *video) {
      if (timeline_.follow(unit)) streams_->publish(unit);
      continue;
    }
    if (next->new_round) timeline_.begin_round();
    timeline_.place(unit);
    meter_.unit_arrived(unit.data.size());
    streams_->publish(unit);
    // Of what is not decoded a key frame is all that shows it is there.
    if (is_passed_on() && unit.key) became_live();
    if (!has_sub()) meter_.unit_to_analyse();
    shown_->push(std::move(unit));
    cpu.lap();
  }
}

void Camera::end_session() {
  shown_->end();  // Frames on their way must not make a lost camera look live.
  std::lock_guard lock(mutex_);
  in_session_ = false;
  people_ = 0;
  newest_ = {};
}

void Camera::wait_to_retry(const Error& error) {
  if (backoff_reset_.exchange(false)) backoff_.reset();
  // A publisher that left is waited for; one that sends what nobody can watch is given time to mend
  // it.
  if (is_published() && error.code() == Errc::unavailable) return;
  const auto delay = backoff_.next(random_unit());
  const UtcTime retry_at = system_clock().utc() + delay;
  set_state(state_of(error), why_lost(error, config_.url), retry_at);
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, delay, [&] { return stop_.load(); });
}

void Camera::set_state(CameraState state, Why why, std::optional<UtcTime> retry_at) {
  {
    std::lock_guard lock(mutex_);
    retry_at_ = retry_at;
    if (state_ == state && why_ == why) return;
    // A camera that is lost stays lost since the first failure, whatever the later ones say.
    if (state_ != state) since_ = system_clock().utc();
    state_ = state;
    why_ = why;
  }
  if (state == CameraState::lost || state == CameraState::unsupported)
    log::warn("{}: {}", to_string(state), why.sentence);
  else
    log::info("{}{}{}", to_string(state), why.sentence.empty() ? "" : ": ", why.sentence);
  tell();
}

void Camera::set_health(CameraState state, Why why) {
  bool said = false;
  {
    std::lock_guard lock(mutex_);
    if (!shows_pictures(state_) || (state_ == state && why_ == why)) return;
    said = is_worth_a_line(state_, state) || why.reason == Reason::long_gop;
    if (state_ != state) since_ = system_clock().utc();
    state_ = state;
    why_ = why;
  }
  if (said) log::info("{}{}{}", to_string(state), why.sentence.empty() ? "" : ": ", why.sentence);
  tell();
}

void Camera::tell() {
  std::lock_guard lock(events_mutex_);
  if (!silent_) context_.on_camera(status());
}

void Camera::on_frame(const media::Frame& frame) {
  BoxesStream& boxes = streams_->boxes();
  if (boxes.wanted())
    boxes.push(frame, meter_.health().source_fps);
  else
    boxes.rest();
  {
    std::lock_guard lock(mutex_);
    width_ = frame.width;
    height_ = frame.height;
  }
  became_live();
}

void Camera::became_live() {
  {
    std::lock_guard lock(mutex_);
    if (shows_pictures(state_)) return;
    live_since_ = system_clock().now();
  }
  if (stop_) return;
  backoff_reset_ = true;
  log::Scope scope("camera " + config_.name);
  set_state(CameraState::live, {});
}

void Camera::on_analysis(Analysis analysis) {
  // Only who was seen in this very frame is counted and shown; a hidden person keeps the id.
  std::erase_if(analysis.tracks, [](const track::Track& t) { return !t.seen; });
  Detections event;
  event.camera = config_.name;
  event.pts = analysis.frame.pts;
  event.width = analysis.frame.width;
  event.height = analysis.frame.height;
  event.tracks = analysis.tracks;
  event.replayed = analysis.replayed;
  event.labels = context_.labels;
  streams_->boxes().see(event.tracks, {event.width, event.height}, event.pts);
  const auto waited = system_clock().now() - analysis.arrival;
  streams_->meta().push(
      {event.tracks, *context_.labels, event.width, event.height,
       system_clock().utc() - std::chrono::duration_cast<UtcTime::duration>(waited)},
      event.pts);
  const auto people = std::count_if(
      event.tracks.begin(), event.tracks.end(),
      [&](const track::Track& t) { return detect::is_person(*context_.labels, t.label); });
  {
    std::lock_guard lock(mutex_);
    if (!in_session_) return;
    people_ = static_cast<int>(people);
    newest_ = std::move(analysis);
  }
  context_.on_detections(event);
}

CameraStatus Camera::status() {
  CameraStatus out;
  out.config = config_;
  out.config.url = log::hide_credentials(config_.url);
  out.config.sub = log::hide_credentials(config_.sub);
  out.figures = meter_.figures();
  const Wakefulness wakefulness = analyser_->wakefulness();
  out.figures.awake = wakefulness.awake;
  out.figures.awake_why = wakefulness.cause ? gate::to_string(*wakefulness.cause) : "always";
  out.figures.wakes = wakefulness.counters.wakes_motion + wakefulness.counters.wakes_heartbeat +
                      wakefulness.counters.wakes_scene;
  out.figures.viewers = shown_->live().feed().readers();
  out.figures.streams =
      stream_figures(context_.streaming->registry(), config_.name, is_published());
  std::lock_guard lock(mutex_);
  out.state = state_;
  out.why = why_;
  out.since = since_;
  out.retry_at = retry_at_;
  out.people = people_;
  out.width = width_;
  out.height = height_;
  out.codec = codec_;
  return out;
}

void Camera::check_health() {
  constexpr auto kSettle = std::chrono::seconds(2 * Rate::kSeconds);
  {
    std::unique_lock lock(mutex_);
    if (state_ == CameraState::connecting && in_session_ && meter_.health().source_fps > 0 &&
        ++blind_ticks_ >= 2 * Rate::kSeconds) {
      lock.unlock();
      return set_state(CameraState::connecting,
                       {Reason::no_key_frame,
                        "it sends no key frame, so nothing can be shown yet; set the camera's key "
                        "frame interval to 1 s, or restart it"});
    }
    if (!shows_pictures(state_)) return;
    blind_ticks_ = 0;
    if (system_clock().now() - live_since_ < kSettle) return;
  }
  log::Scope scope("camera " + config_.name);
  const Meter::Health health = meter_.health();
  const Wakefulness wakefulness = analyser_->wakefulness();
  // The rates are means over some seconds: after a wake they say nothing yet.
  const bool all_along = wakefulness.awake && awake_ticks_++ >= 2 * Rate::kSeconds;
  if (!wakefulness.awake) awake_ticks_ = 0;
  // What the governor takes from all cameras is the server's to say.
  const Governor::Limits limits = context_.governor->limits();
  const double wanted = limits.thrift == gate::Thrift::none
                            ? std::min(config_.fps * limits.share, health.decoded_fps)
                            : 0;
  if (auto trouble = sub_ ? sub_->trouble() : std::nullopt) {
    set_health(CameraState::degraded, std::move(*trouble));
  } else if (health.failed_fps > 0.05 * std::max(1.0, health.source_fps)) {
    set_health(CameraState::degraded,
               {Reason::damaged_pictures,
                "the camera sends damaged pictures; check its network, cable and bit rate"});
  } else if (all_along && config_.fps > 0 && health.source_fps > 0 &&
             health.decoded_fps < 0.5 * health.source_fps) {
    set_health(
        CameraState::degraded,
        {Reason::decoder_behind,
         "the server cannot decode this camera fast enough; lower its frame rate or size, or "
         "watch fewer cameras"});
  } else if (all_along && health.analysed_fps < 0.5 * wanted) {
    set_health(
        CameraState::degraded,
        {Reason::detector_behind,
         "the server is too busy to look at every frame it should; lower fps, or watch fewer "
         "cameras"});
  } else {
    auto [state, why] = state_of(wakefulness);
    set_health(state, std::move(why));
  }
}

// What is not decoded as it comes is decoded when it is asked for: the newest key frame.
Result<media::Frame> Camera::decode_newest() {
  const auto stream = streams_->raw();
  const hub::StreamState state = stream->state();
  std::vector<hub::Unit> units;
  if (state.live) stream->read_units()->take({.items = 1}, units);
  if (units.empty() || units[0].generation != state.generation) return media::Frame{};
  const auto track = static_cast<size_t>(units[0].unit.stream);
  const auto decoder = TRY(av::VideoDecoder::create((*state.tracks)[track]));
  TRY(decoder->push(units[0].unit));
  decoder->finish();
  auto frame = TRY(decoder->take());
  return frame ? std::move(*frame) : media::Frame{};
}

Result<Bytes> Camera::frame_jpeg(bool boxes, int width) {
  media::Frame frame;
  std::vector<track::Track> tracks;
  if (config_.fps == 0) {
    std::lock_guard lock(stop_mutex_);
    if (streams_) frame = TRY(decode_newest());
  } else {
    std::lock_guard lock(mutex_);
    if (newest_.frame) frame = newest_.frame.share();
    tracks = newest_.tracks;
  }
  if (!frame) {
    std::lock_guard lock(mutex_);
    return fail(Errc::unavailable, "camera '{}' has no picture yet: {}", config_.name,
                why_.sentence.empty() ? to_string(state_) : why_.sentence);
  }
  if (boxes) {
    std::vector<draw::Mark> marks;
    for (const auto& t : tracks)
      marks.push_back({t.box, fmt::format("{} {:.2f}", t.id, t.score), t.id});
    frame = draw::draw_marks(frame, marks);
  }
  constexpr int kQuality = 85;
  return av::encode_jpeg(frame, kQuality, width);
}

Result<std::unique_ptr<hub::VideoReader>> Camera::watch() {
  auto reader = shown_->live().feed().subscribe();
  if (!reader)
    return fail(Errc::unavailable, "camera '{}' has {} viewers, which is the most it may have",
                config_.name, hub::VideoFeed::kReadersMax);
  return reader;
}

}  // namespace pasu::node
