// One video: a thread reads and decodes, the detector's threads infer, this one tracks, writes
// lines and draws, a fourth encodes and writes. Queues between them keep the frames' order and
// bound the memory.
#include <algorithm>
#include <chrono>
#include <thread>
#include <variant>

#include "av/decoder.h"
#include "base/clock.h"
#include "base/log.h"
#include "job/detail/analysis.h"
#include "job/detail/boxed_video.h"
#include "job/detail/planar.h"
#include "job/detail/runs.h"
#include "job/open_input.h"

namespace pasu::job::detail {
namespace {

constexpr size_t kItemsMax = 12;       // Frames and audio units on their way: 12 x 3 MB at 1080p.
constexpr int kDecoderThreadsMax = 4;  // Each holds a few frames more.
constexpr int kDrainErrorsMax = 1000;  // A decoder that only fails at the end is left alone.

struct Step {
  media::Frame frame;
  std::optional<std::future<Found>> found;  // Only where the frame is analysed.
  uint64_t number = 0;
  std::optional<double> part;  // Of the input that is read.
};
using Item = std::variant<Step, media::AccessUnit>;

class VideoRun {
 public:
  VideoRun(const Task& task, const Session& session) : task_(task), session_(session) {
    outcome_.input = log::hide_credentials(task.input);
  }

  Outcome run() {
    const MonoTime begun = system_clock().now();
    session_.progress.begin(outcome_.input);
    if (auto opened = open(); !opened) {
      outcome_.cut = opened.error().code() == Errc::cancelled;
      if (!outcome_.cut) outcome_.error = std::move(opened).error();
    } else {
      process();
    }
    outcome_.seconds = std::chrono::duration<double>(system_clock().now() - begun).count();
    return std::move(outcome_);
  }

 private:
  Result<void> open() {
    demuxer_ = TRY(open_input(task_.input, session_.pull, session_.stop));
    const media::StreamInfo* video = av::find_video(demuxer_->info());
    if (video == nullptr) return fail(Errc::unsupported, "{}: has no video in it", outcome_.input);
    video_ = *video;
    av::DecoderOptions decoding;
    decoding.threads =
        std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kDecoderThreadsMax);
    decoder_ = TRY(with_context(av::VideoDecoder::create(video_, decoding), outcome_.input));
    fps_ = session_.fps > 0 || demuxer_->is_file() ? session_.fps : Session::kLiveFps;
    sampler_.emplace(fps_);
    return {};
  }

  void process() {
    if (!task_.output.empty())
      boxed_ = std::make_unique<BoxedVideo>(task_.output, demuxer_->info());
    std::thread reader([this] {
      read_result_ = read();
      items_.close();
    });
    const Result<void> analysed = analyse();
    items_.close();
    reader.join();
    outcome_.frames = frames_;
    outcome_.damaged = damaged_;
    conclude(analysed);
  }

  // The first thing that went wrong is the one to tell.
  void conclude(const Result<void>& analysed) {
    if (!analysed) {
      outcome_.error = analysed.error();
    } else if (!read_result_) {
      outcome_.error = read_result_.error();
    } else if (frames_ == 0 && !outcome_.cut) {
      outcome_.error = Error(Errc::malformed, fmt::format("{}: no frame in it could be decoded{}",
                                                          outcome_.input, last_damage()));
    }
    if (!boxed_) return;
    if (frames_ == 0 || outcome_.fatal) {
      boxed_.reset();
      return;
    }
    const Result<void> finished = boxed_->finish();
    if (finished)
      outcome_.output = task_.output;
    else
      outcome_.error = finished.error();
    if (boxed_->note()) outcome_.notes.push_back(*boxed_->note());
  }

  std::string last_damage() const { return damage_.empty() ? "" : " (" + damage_ + ")"; }

  // The reader's thread.
  Result<void> read() {
    for (;;) {
      if (session_.stop) {
        outcome_.cut = true;
        return {};
      }
      auto unit = demuxer_->read();
      if (!unit && unit.error().code() == Errc::cancelled) {
        outcome_.cut = true;
        return {};
      }
      if (!unit || !*unit) {
        decoder_->finish();
        take_frames();
        if (!unit) return tl::unexpected(std::move(unit).error());
        return {};
      }
      if (!route(std::move(**unit))) return {};
    }
  }

  // False: nobody takes any more.
  bool route(media::AccessUnit unit) {
    if (unit.stream != video_.index)
      return !boxed_ || !is_audio(unit.stream) || items_.push(Item(std::move(unit)));
    position_ = std::max(position_, unit.position);
    if (auto pushed = decoder_->push(unit); !pushed) note_damage(pushed.error());
    return take_frames();
  }

  bool is_audio(int index) const {
    const auto& streams = demuxer_->info().streams;
    const auto found = std::ranges::find(streams, index, &media::StreamInfo::index);
    return found != streams.end() && found->kind == media::MediaKind::audio;
  }

  bool take_frames() {
    for (int errors = 0; errors < kDrainErrorsMax;) {
      auto frame = decoder_->take();
      if (!frame) {
        note_damage(frame.error());
        ++errors;
        continue;
      }
      if (!*frame) return true;
      if (!on_frame(std::move(**frame))) return false;
    }
    return true;
  }

  bool on_frame(media::Frame frame) {
    Step step;
    step.number = frames_++;
    const bool due = sampler_->is_due(frame.pts);
    if (!due && !boxed_) return true;
    if (video_.rotation != 0) frame = upright(to_yuv(std::move(frame)), video_.rotation);
    step.part = part_done(frame.pts);
    if (due) step.found = begin_detection(session_.detector, frame.share());
    step.frame = std::move(frame);
    return items_.push(Item(std::move(step)));
  }

  std::optional<double> part_done(media::Pts pts) const {
    const media::ContainerInfo& info = demuxer_->info();
    if (!demuxer_->is_file()) return std::nullopt;
    if (info.duration > media::Pts(0))
      return media::to_seconds(pts) / media::to_seconds(info.duration);
    if (info.size_bytes > 0 && position_ > 0)
      return static_cast<double>(position_) / static_cast<double>(info.size_bytes);
    return std::nullopt;
  }

  void note_damage(const Error& error) {
    ++damaged_;
    damage_ = error.message();
  }

  // The caller's thread.
  Result<void> analyse() {
    const double source_fps = video_.frame_rate;
    Analysis analysis(
        session_.detector.info(),
        {.threshold = session_.threshold, .fps = fps_ > 0 ? fps_ : source_fps, .tracked = true});
    while (auto item = items_.pop()) {
      if (auto* audio = std::get_if<media::AccessUnit>(&*item)) {
        if (!boxed_->push(std::move(*audio))) return {};
        continue;
      }
      Step& step = std::get<Step>(*item);
      if (step.found) TRY(report(step, analysis));
      session_.progress.update(step.number + 1, step.part);
      if (boxed_ && !draw(std::move(step.frame), analysis)) return {};
    }
    return {};
  }

  Result<void> report(Step& step, Analysis& analysis) {
    const auto found = step.found->get();
    if (!found) {
      outcome_.fatal = true;
      return tl::unexpected(found.error().with(outcome_.input));
    }
    FrameBoxes line{.source = outcome_.input,
                    .frame = step.number,
                    .pts = step.frame.pts,
                    .size = {step.frame.width, step.frame.height},
                    .boxes = {}};
    for (const Shown& one : analysis.update(*found, line.size, line.pts))
      line.boxes.push_back(one.found);
    ++outcome_.analysed;
    outcome_.tracks = analysis.tracks();
    outcome_.boxes += line.boxes.size();
    if (session_.lines == nullptr) return {};
    auto written = session_.lines->write(line);
    outcome_.fatal = !written;
    return written;
  }

  bool draw(media::Frame frame, Analysis& analysis) {
    const auto marks = analysis.marks_at(frame.pts);
    if (!marks.empty()) frame = draw::draw_marks(to_yuv(std::move(frame)), marks);
    return boxed_->push(std::move(frame));
  }

  const Task& task_;
  const Session& session_;
  Outcome outcome_;
  std::unique_ptr<av::Demuxer> demuxer_;
  std::unique_ptr<av::VideoDecoder> decoder_;
  media::StreamInfo video_;
  double fps_ = 0;
  std::optional<Sampler> sampler_;
  std::unique_ptr<BoxedVideo> boxed_;
  flow::Queue<Item> items_{
      {.capacity = kItemsMax, .overflow = flow::Overflow::block, .dropped = {}}};

  // The reader's until it is joined.
  Result<void> read_result_;
  uint64_t frames_ = 0, damaged_ = 0;
  std::string damage_;
  int64_t position_ = -1;
};

}  // namespace

Outcome detect_video(const Task& task, const Session& session) {
  return VideoRun(task, session).run();
}

}  // namespace pasu::job::detail
