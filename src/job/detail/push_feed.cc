#include "job/detail/push_feed.h"

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "job/open_input.h"

namespace pasu::job {
namespace {

constexpr double kFrameRateUnknown = 25;

}  // namespace

Result<std::unique_ptr<PushFeed>> PushFeed::open(const PushPlan& plan,
                                                 const std::atomic<bool>& stop) {
  auto demuxer = TRY(open_input(plan.input, {.tls = plan.options.tls}, stop));
  const media::ContainerInfo info = demuxer->info();
  std::unique_ptr<PushFeed> feed(new PushFeed(std::move(demuxer), plan.loop));
  if (const auto* video = av::find_video(info); video && plan.video != PushTrack::none)
    TRY(with_context(feed->add_video(*video, plan.video), plan.input));
  const auto audio =
      std::ranges::find(info.streams, media::MediaKind::audio, &media::StreamInfo::kind);
  if (audio != info.streams.end() && plan.audio != PushTrack::none)
    TRY(with_context(feed->add_audio(*audio, plan.audio), plan.input));
  if (feed->tracks_.empty())
    return fail(Errc::unsupported, "{}: neither pictures nor sound to send", plan.input);
  // They come from the file and from two encoders, each with a number of its own.
  for (size_t i = 0; i < feed->tracks_.size(); ++i) feed->tracks_[i].index = static_cast<int>(i);
  return feed;
}

Result<void> PushFeed::add_video(const media::StreamInfo& stream, PushTrack how) {
  video_ = {true, stream.index, static_cast<int>(tracks_.size())};
  if (how == PushTrack::copy ||
      (how == PushTrack::automatic && stream.codec == media::Codec::h264)) {
    tracks_.push_back(stream);
    return {};
  }
  decoder_ = TRY(av::VideoDecoder::create(stream));
  av::H264EncoderOptions options;
  options.width = stream.width;
  options.height = stream.height;
  options.frame_rate = stream.frame_rate > 0 ? stream.frame_rate : kFrameRateUnknown;
  options.gop = static_cast<int>(std::lround(2 * options.frame_rate));
  options.live = true;
  encoder_ = TRY(av::H264Encoder::create(options));
  tracks_.push_back(encoder_->stream());
  return {};
}

Result<void> PushFeed::add_audio(const media::StreamInfo& stream, PushTrack how) {
  audio_ = {true, stream.index, static_cast<int>(tracks_.size())};
  if (how == PushTrack::copy ||
      (how == PushTrack::automatic && stream.codec == media::Codec::aac)) {
    tracks_.push_back(stream);
    return {};
  }
  aac_ = TRY(av::AacTranscoder::create(stream));
  tracks_.push_back(aac_->stream());
  return {};
}

Result<std::optional<media::AccessUnit>> PushFeed::next() {
  while (ready_.empty()) {
    if (ended_) return std::nullopt;
    auto unit = demuxer_->read();
    if (!unit) {
      // Damage is passed over, as a player would.
      if (unit.error().code() != Errc::malformed && unit.error().code() != Errc::truncated)
        return tl::unexpected<Error>(std::move(unit).error());
      ++damaged_;
      continue;
    }
    if (*unit) {
      ++units_in_round_;
      end_ = std::max(end_, (*unit)->dts + (*unit)->duration);
      TRY(take(std::move(**unit)));
    } else {
      ended_ = !TRY(end_round());
    }
  }
  media::AccessUnit unit = std::move(ready_.front());
  ready_.pop_front();
  return unit;
}

Result<void> PushFeed::take(media::AccessUnit unit) {
  unit.pts += offset_;
  unit.dts += offset_;
  if (video_.present && unit.stream == video_.from) {
    if (!decoder_) {
      queue(std::move(unit), video_);
      return {};
    }
    if (!decoder_->push(unit)) ++damaged_;
    return encode_pictures();
  }
  if (audio_.present && unit.stream == audio_.from) {
    if (!aac_) {
      queue(std::move(unit), audio_);
      return {};
    }
    if (!aac_->push(unit)) ++damaged_;
    return take_sound();
  }
  return {};
}

Result<void> PushFeed::encode_pictures() {
  for (;;) {
    auto frame = decoder_->take();
    if (!frame) {
      ++damaged_;
      return {};
    }
    if (!*frame) return {};
    // A picture out of time is left out.
    if (!encoder_->push(**frame, std::exchange(want_key_, false))) ++damaged_;
    for (;;) {
      auto unit = TRY(encoder_->take());
      if (!unit) break;
      queue(std::move(*unit), video_);
    }
  }
}

Result<void> PushFeed::take_sound() {
  for (;;) {
    auto unit = TRY(aac_->take());
    if (!unit) return {};
    queue(std::move(*unit), audio_);
  }
}

// False where that was the last.
Result<bool> PushFeed::end_round() {
  if (decoder_) {
    decoder_->finish();
    TRY(encode_pictures());
  }
  if (!loop_ || units_in_round_ == 0) {
    if (aac_) {
      aac_->finish();
      TRY(take_sound());
    }
    return false;
  }
  TRY(demuxer_->rewind());
  if (decoder_) decoder_->flush();
  offset_ += std::max(end_, demuxer_->info().duration);
  end_ = media::Pts(0);
  units_in_round_ = 0;
  return true;
}

void PushFeed::queue(media::AccessUnit unit, const Track& track) {
  unit.stream = track.to;
  ready_.push_back(std::move(unit));
}

}  // namespace pasu::job
