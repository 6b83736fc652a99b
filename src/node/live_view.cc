#include "node/live_view.h"

#include <algorithm>

#include "base/log.h"

namespace pasu::node {

bool plays_in_pages(const media::StreamInfo& stream) {
  if (stream.codec != media::Codec::h264) return false;
  // "High 10", "High 4:2:2", "High 4:4:4 Predictive", "CAVLC 4:4:4"
  return stream.profile.find("10") == std::string::npos &&
         stream.profile.find(':') == std::string::npos;
}

void LiveView::begin(const media::StreamInfo& stream) {
  stream_ = stream;
  transcodes_ = !plays_in_pages(stream);
  failed_ = false;
  pause();
}

void LiveView::pause() {
  gop_.clear();
  muxer_.reset();
  encoder_.reset();
  feed_.pause();
}

void LiveView::push(const media::AccessUnit& unit) {
  if (transcodes_) return;
  gop_.push(unit);
  if (feed_.readers() == 0 || failed_) return;
  if (muxer_) {
    if (unit.key) follow_parameters(unit);
    remux(unit);
    return;
  }
  // The first viewer: everything since the last key frame, this unit included.
  const auto& units = gop_.units();
  if (units.empty()) return;
  start(stream_, units.front());
  for (size_t i = 0; i < units.size() && muxer_; ++i) remux(units[i]);
}

void LiveView::start(const media::StreamInfo& stream, const media::AccessUnit& key) {
  auto muxer = av::FragmentMuxer::create(stream, key);
  if (!muxer) {
    log::warn("live video cannot be shown: {}", muxer.error().message());
    failed_ = true;
    return;
  }
  restart(std::move(*muxer));
}

void LiveView::restart(std::unique_ptr<av::FragmentMuxer> muxer) {
  muxer_ = std::move(muxer);
  hub::VideoMessage message;
  message.mime = muxer_->mime();
  message.width = muxer_->width();
  message.height = muxer_->height();
  message.transcoded = transcodes_;
  feed_.restart(std::move(message), muxer_->init_segment());
}

// A camera that was set to another size or profile says so in its next key frame.
void LiveView::follow_parameters(const media::AccessUnit& key) {
  auto muxer = av::FragmentMuxer::create(stream_, key);
  if (!muxer) return;
  const ByteView now = (*muxer)->init_segment(), before = muxer_->init_segment();
  if (!std::ranges::equal(now, before)) restart(std::move(*muxer));
}

void LiveView::remux(const media::AccessUnit& unit) {
  auto fragment = muxer_->fragment(unit);
  if (fragment) {
    feed_.publish(std::move(*fragment), unit.key);
  } else {
    log::debug("a unit is left out of the live video: {}", fragment.error().message());
  }
}

void LiveView::push(const media::Frame& frame) {
  if (!wants_frames() || failed_) return;
  if (encoder_ && (encoded_width_ != frame.width || encoded_height_ != frame.height)) {
    encoder_.reset();
    muxer_.reset();
  }
  if (!encoder_) {
    av::H264EncoderOptions options;
    options.width = frame.width;
    options.height = frame.height;
    options.frame_rate = stream_.frame_rate > 0 ? stream_.frame_rate : 15;
    options.live = true;
    options.threads = 1;
    options.gop = static_cast<int>(options.frame_rate * 2) + 1;
    auto encoder = av::H264Encoder::create(options);
    if (!encoder) {
      log::warn("live video cannot be encoded: {}", encoder.error().message());
      failed_ = true;
      return;
    }
    encoder_ = std::move(*encoder);
    encoded_width_ = frame.width;
    encoded_height_ = frame.height;
  }
  encode(frame);
}

void LiveView::encode(const media::Frame& frame) {
  if (auto pushed = encoder_->push(frame, !muxer_); !pushed) {
    log::debug("a frame is left out of the live video: {}", pushed.error().message());
    return;
  }
  for (;;) {
    auto unit = encoder_->take();
    if (!unit || !*unit) return;
    if (!muxer_ && (*unit)->key) start(encoder_->stream(), **unit);
    if (muxer_) remux(**unit);
  }
}

void LiveView::rest() {
  if (!muxer_ && !encoder_) return;
  if (feed_.readers() > 0) return;
  muxer_.reset();
  encoder_.reset();
  feed_.pause();
}

}  // namespace pasu::node
