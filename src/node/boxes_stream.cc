#include "node/boxes_stream.h"

#include <algorithm>

#include "base/log.h"
#include "draw/overlay.h"

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
    : registry_(registry), path_(std::move(path)), options_(options), wish_(std::move(wish)) {
  if (options.fps > 0) grid_.emplace(options.fps);
}

BoxesStream::~BoxesStream() {
  publication_.reset();
  registry_.remove(path_, "the camera was stopped or changed");
}

void BoxesStream::see(const std::vector<track::Track>& tracks, media::Pts pts) {
  tracks_ = tracks;
  tracks_pts_ = pts;
}

bool BoxesStream::wanted() const { return wish_->wanted; }

void BoxesStream::rest() {
  encoder_.reset();
  publication_.reset();
  if (grid_) grid_->restart();
  failed_ = false;
}

void BoxesStream::push(const media::Frame& frame, double source_fps) {
  if (failed_ || (grid_ && !grid_->take(frame.pts))) return;
  if (!encoder_ || width_ != frame.width || height_ != frame.height)
    start_encoder(frame, source_fps);
  if (!encoder_) return;
  std::vector<draw::Mark> marks;
  const media::Pts ahead = frame.pts - tracks_pts_;
  if (ahead <= kAheadMax)
    for (const track::Track& t : tracks_)
      marks.push_back(
          {track::extrapolate(t, ahead), fmt::format("{} {:.0f}%", t.id, 100 * t.score), t.id});
  encode(draw::draw_marks(frame, marks));
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
  auto publication = publication_ ? std::move(publication_) : registry_.publish(path_);
  Result<void> told;
  if (encoder && publication) told = (*publication)->set_tracks({(*encoder)->stream()});
  if (!encoder || !publication || !told) {
    const Error& error = !encoder       ? encoder.error()
                         : !publication ? publication.error()
                                        : told.error();
    log::warn("{} cannot be shown: {}", path_, error.message());
    failed_ = true;
    encoder_.reset();
    return;
  }
  encoder_ = std::move(*encoder);
  publication_ = std::move(*publication);
}

void BoxesStream::encode(const media::Frame& boxed) {
  if (auto pushed = encoder_->push(boxed); !pushed) {
    log::debug("a frame is left out of {}: {}", path_, pushed.error().message());
    return;
  }
  for (;;) {
    auto unit = encoder_->take();
    if (!unit || !*unit) return;
    (*unit)->stream = 0;
    publication_->publish(std::move(**unit));
  }
}

}  // namespace pasu::node
