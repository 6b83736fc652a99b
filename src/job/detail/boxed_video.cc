#include "job/detail/boxed_video.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace pasu::job::detail {
namespace {

// Sound before the first picture: a minute of it; more is left out.
constexpr size_t kEarlyAudioMax = 4096;
// One tick of the 90 kHz clock of containers: frames closer than that share a time.
constexpr media::Pts kTick{11'112};

std::string names_of(const std::vector<media::StreamInfo>& streams) {
  std::string out;
  for (const auto& stream : streams) out += (out.empty() ? "" : ", ") + stream.codec_name;
  return out;
}

}  // namespace

BoxedVideo::BoxedVideo(std::string path, const media::ContainerInfo& source)
    : path_(std::move(path)), source_(source), thread_([this] { run(); }) {}

BoxedVideo::~BoxedVideo() {
  queue_.close();
  queue_.clear();
  if (thread_.joinable()) thread_.join();
}

bool BoxedVideo::push(media::Frame frame) { return queue_.push(Item(std::move(frame))); }
bool BoxedVideo::push(media::AccessUnit audio) { return queue_.push(Item(std::move(audio))); }

Result<void> BoxedVideo::finish() {
  queue_.close();
  thread_.join();
  if (!result_) return result_;
  if (!muxer_) return fail(Errc::malformed, "{}: no frame came, so no file is left", path_);
  encoder_->finish();
  if (auto written = write_encoded(); !written) return written;
  return muxer_->finish();
}

void BoxedVideo::run() {
  result_ = write_all();
  queue_.close();
}

Result<void> BoxedVideo::write_all() {
  while (auto item = queue_.pop()) {
    if (auto* frame = std::get_if<media::Frame>(&*item))
      TRY(encode(std::move(*frame)));
    else
      TRY(write_audio(std::move(std::get<media::AccessUnit>(*item))));
  }
  return {};
}

Result<void> BoxedVideo::begin(const media::Frame& first) {
  const media::StreamInfo* video = nullptr;
  for (const media::StreamInfo& stream : source_.streams) {
    if (stream.kind == media::MediaKind::video && video == nullptr) video = &stream;
    if (stream.kind == media::MediaKind::audio) audio_.push_back(stream);
  }
  av::H264EncoderOptions options;
  options.width = first.width;
  options.height = first.height;
  options.matrix = first.matrix;
  options.full_range = first.full_range;
  if (video != nullptr && video->frame_rate > 0 && video->frame_rate <= 240)
    options.frame_rate = video->frame_rate;
  encoder_ = TRY(with_context(av::H264Encoder::create(options), path_));

  std::vector<media::StreamInfo> streams = {encoder_->stream()};
  streams.insert(streams.end(), audio_.begin(), audio_.end());
  auto muxer = av::FileMuxer::create(path_, streams);
  if (!muxer && muxer.error().code() == Errc::unsupported && !audio_.empty()) {
    note_ = fmt::format("the sound ({}) is not kept: a {} file cannot hold it; .mkv can",
                        names_of(audio_), std::filesystem::path(path_).extension().string());
    audio_.clear();
    muxer = av::FileMuxer::create(path_, {encoder_->stream()});
  }
  muxer_ = TRY(std::move(muxer));
  for (media::AccessUnit& unit : std::exchange(early_audio_, {})) TRY(write_audio(std::move(unit)));
  return {};
}

Result<void> BoxedVideo::encode(media::Frame frame) {
  if (!muxer_) TRY(begin(frame));
  // Sources with stuttering clocks: every frame stays, each a little after the one before.
  if (last_pts_) frame.pts = std::max(frame.pts, *last_pts_ + kTick);
  last_pts_ = frame.pts;
  TRY(with_context(encoder_->push(frame), path_));
  return write_encoded();
}

Result<void> BoxedVideo::write_encoded() {
  while (auto unit = TRY(with_context(encoder_->take(), path_))) {
    unit->stream = 0;
    TRY(muxer_->write(*unit));
  }
  return {};
}

Result<void> BoxedVideo::write_audio(media::AccessUnit unit) {
  if (!muxer_) {
    if (early_audio_.size() < kEarlyAudioMax) early_audio_.push_back(std::move(unit));
    return {};
  }
  const auto kept = std::ranges::find(audio_, unit.stream, &media::StreamInfo::index);
  if (kept == audio_.end()) return {};
  unit.stream = static_cast<int>(kept - audio_.begin()) + 1;
  return muxer_->write(unit);
}

}  // namespace pasu::job::detail
