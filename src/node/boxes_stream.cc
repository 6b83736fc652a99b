#include "node/boxes_stream.h"

#include <algorithm>

#include "base/log.h"

namespace pasu::node {
namespace {

// A person not seen for longer is not where the speed of then would have them.
constexpr media::Pts kAheadMax = std::chrono::seconds(1);

}  // namespace

struct BoxesStream::Wish {
  std::atomic<bool> wanted = false;
};

Result<std::unique_ptr<BoxesStream>> BoxesStream::create(hub::Registry& registry,
                                                         const std::string& path,
                                                         const BoxesOptions& options) {
  auto wish = std::make_shared<Wish>();
  hub::StreamHooks hooks;
  hooks.on_first_reader = [wish] { wish->wanted = true; };
  hooks.on_last_reader = [wish] { wish->wanted = false; };
  TRY(registry.add(path, std::move(hooks)));
  return std::unique_ptr<BoxesStream>(new BoxesStream(registry, path, options, std::move(wish)));
}

BoxesStream::BoxesStream(hub::Registry& registry, std::string path, const BoxesOptions& options,
                         std::shared_ptr<Wish> wish)
    : registry_(registry),
      path_(std::move(path)),
      options_(options),
      wish_(std::move(wish)),
      encoded_total_(metrics::registry().counter("pasu_node_boxes_encoded_total",
                                                 "Pictures encoded with boxes burned in.",
                                                 {{"stream", path_}})) {
  if (options.fps > 0) grid_.emplace(options.fps);
  sound_dropped_total_ = metrics::registry().counter(
      "pasu_node_boxes_sound_dropped_total",
      "Units of sound left out because the pictures were too far behind.", {{"stream", path_}});
}

BoxesStream::~BoxesStream() {
  publication_.reset();
  registry_.remove(path_, "the camera was stopped or changed");
}

void BoxesStream::begin(const hub::Tracks& tracks) {
  hub::Tracks sounds;
  places_.assign(tracks.size(), -1);
  for (size_t i = 0; i < tracks.size(); ++i) {
    // The first place is the pictures'.
    if (tracks[i].kind != media::MediaKind::audio || sounds.size() + 1 == hub::Stream::kTracksMax)
      continue;
    sounds.push_back(tracks[i]);
    places_[i] = static_cast<int>(sounds.size());
  }
  std::lock_guard lock(mutex_);
  sounds_ = std::move(sounds);
  ++sounds_version_;
  sound_.clear();
}

void BoxesStream::hear(const media::AccessUnit& unit) {
  const auto track = static_cast<size_t>(unit.stream);
  if (!wish_->wanted || track >= places_.size() || places_[track] < 0) return;
  media::AccessUnit moved = unit;
  moved.stream = places_[track];
  std::lock_guard lock(mutex_);
  sound_.push(std::move(moved));
}

void BoxesStream::see(const std::vector<track::Track>& tracks, geom::Size size, media::Pts pts) {
  std::lock_guard lock(mutex_);
  tracks_ = tracks;
  tracks_size_ = size;
  tracks_pts_ = pts;
}

bool BoxesStream::wanted() const { return wish_->wanted; }

void BoxesStream::rest() {
  encoder_.reset();
  publication_.reset();
  if (grid_) grid_->restart();
  failed_ = false;
  std::lock_guard lock(mutex_);
  sound_.clear();
}

void BoxesStream::push(const media::Frame& frame, double source_fps) {
  if (failed_) return;
  pass_sound(frame.pts);
  if (grid_ && !grid_->take(frame.pts)) return;
  if (!encoder_ || width_ != frame.width || height_ != frame.height)
    start_encoder(frame, source_fps);
  if (!encoder_) return;
  encode(draw::draw_marks(frame, marks_on(frame)));
}

// What was analysed may be another size of the same picture.
std::vector<draw::Mark> BoxesStream::marks_on(const media::Frame& frame) {
  std::vector<draw::Mark> out;
  std::lock_guard lock(mutex_);
  const media::Pts ahead = frame.pts - tracks_pts_;
  if (ahead > kAheadMax || tracks_size_.width <= 0 || tracks_size_.height <= 0) return out;
  const float sx = static_cast<float>(frame.width) / static_cast<float>(tracks_size_.width);
  const float sy = static_cast<float>(frame.height) / static_cast<float>(tracks_size_.height);
  for (const track::Track& t : tracks_) {
    const geom::Box box = track::extrapolate(t, ahead);
    out.push_back({{box.x * sx, box.y * sy, box.w * sx, box.h * sy},
                   fmt::format("{} {:.0f}%", t.id, 100 * t.score),
                   t.id});
  }
  return out;
}

void BoxesStream::start_encoder(const media::Frame& frame, double source_fps) {
  constexpr double kUnknownRate = 15;
  width_ = frame.width;
  height_ = frame.height;
  av::H264EncoderOptions options;
  options.height = options_.height > 0 ? std::min(options_.height, frame.height) : frame.height;
  options.width = static_cast<int>(int64_t{frame.width} * options.height / frame.height);
  options.frame_rate = source_fps > 0 ? source_fps : kUnknownRate;
  if (options_.fps > 0) options.frame_rate = std::min(options.frame_rate, options_.fps);
  options.bit_rate_max = options_.bit_rate;
  options.gop = static_cast<int>(options.frame_rate * 2) + 1;
  options.live = true;
  options.threads = 1;
  options.matrix = frame.matrix;
  options.full_range = frame.full_range;
  auto encoder = av::H264Encoder::create(options);
  if (!encoder) return fail_until_they_leave(encoder.error());
  encoder_ = std::move(*encoder);
  if (!publication_) {
    auto publication = registry_.publish(path_);
    if (!publication) return fail_until_they_leave(publication.error());
    publication_ = std::move(*publication);
  }
  if (auto told = tell_tracks(); !told) fail_until_they_leave(told.error());
}

void BoxesStream::fail_until_they_leave(const Error& error) {
  log::warn("{} cannot be shown: {}", path_, error.message());
  failed_ = true;
  encoder_.reset();
  publication_.reset();
}

Result<void> BoxesStream::tell_tracks() {
  hub::Tracks tracks{encoder_->stream()};
  {
    std::lock_guard lock(mutex_);
    tracks.insert(tracks.end(), sounds_.begin(), sounds_.end());
    sounds_told_ = sounds_version_;
  }
  want_key_ = true;  // Readers go on from there.
  return publication_->set_tracks(std::move(tracks));
}

// Sound of before the first picture is of no use to anybody.
void BoxesStream::pass_sound(media::Pts until) {
  std::vector<media::AccessUnit> due;
  bool changed = false;
  {
    std::lock_guard lock(mutex_);
    while (auto unit = sound_.take(until)) due.push_back(std::move(*unit));
    changed = sounds_told_ != sounds_version_;
    sound_dropped_total_.add(
        static_cast<double>(sound_.dropped() - std::exchange(dropped_counted_, sound_.dropped())));
  }
  if (!encoder_) return;
  if (changed) {
    if (auto told = tell_tracks(); !told) fail_until_they_leave(told.error());
    return;
  }
  for (media::AccessUnit& unit : due) publication_->publish(std::move(unit));
}

void BoxesStream::encode(const media::Frame& boxed) {
  if (auto pushed = encoder_->push(boxed, std::exchange(want_key_, false)); !pushed) {
    log::debug("a frame is left out of {}: {}", path_, pushed.error().message());
    return;
  }
  for (;;) {
    auto unit = encoder_->take();
    if (!unit || !*unit) return;
    (*unit)->stream = 0;
    encoded_total_.add();
    publication_->publish(std::move(**unit));
  }
}

}  // namespace pasu::node
