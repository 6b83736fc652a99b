// A row of pictures: one thread reads and decodes ahead, the detector's threads infer, this one
// writes lines, draws and saves, in the order given.
#include <chrono>
#include <thread>

#include "av/decoder.h"
#include "av/demuxer.h"
#include "av/encoder.h"
#include "base/clock.h"
#include "base/part_file.h"
#include "flow/queue.h"
#include "job/detail/analysis.h"
#include "job/detail/planar.h"
#include "job/detail/runs.h"

namespace pasu::job::detail {
namespace {

constexpr size_t kPicturesMax = 4;  // Decoded and waiting.
constexpr int kQuality = 92;

struct Step {
  const Task* task = nullptr;
  Result<media::Frame> frame;
  std::optional<std::future<Found>> found;
};

Result<media::Frame> read_picture(const std::string& path, const std::atomic<bool>& stop) {
  av::DemuxerOptions options;
  options.stop = &stop;
  const auto demuxer = TRY(av::Demuxer::open(path, options));
  const media::StreamInfo* stream = av::find_video(demuxer->info());
  if (stream == nullptr) return fail(Errc::malformed, "{}: holds no picture", path);
  const auto decoder = TRY(with_context(av::VideoDecoder::create(*stream), path));
  while (const auto unit = TRY(demuxer->read())) {
    if (unit->stream != stream->index) continue;
    TRY(with_context(decoder->push(*unit), path));
    break;
  }
  decoder->finish();
  auto frame = TRY(with_context(decoder->take(), path));
  if (!frame) return fail(Errc::malformed, "{}: no picture in it could be decoded", path);
  const int degrees = stream->rotation + frame->rotation;
  return upright(to_yuv(std::move(*frame)), degrees);
}

Outcome conclude(Step& step, const Session& session) {
  Outcome outcome;
  outcome.input = step.task->input;
  if (!step.frame) {
    outcome.cut = step.frame.error().code() == Errc::cancelled;
    if (!outcome.cut) outcome.error = step.frame.error();
    return outcome;
  }
  const media::Frame& frame = *step.frame;
  outcome.frames = 1;
  const auto found = step.found->get();
  if (!found) {
    outcome.error = found.error().with(outcome.input);
    outcome.fatal = true;
    return outcome;
  }
  Analysis analysis(session.detector.info(),
                    {.threshold = session.threshold, .fps = 0, .tracked = false});
  FrameBoxes line{.source = outcome.input,
                  .frame = 0,
                  .pts = {},
                  .size = {frame.width, frame.height},
                  .boxes = {}};
  for (const Shown& one : analysis.update(*found, line.size, frame.pts))
    line.boxes.push_back(one.found);
  outcome.analysed = 1;
  outcome.boxes = line.boxes.size();
  if (session.on_picture) session.on_picture(line);
  if (session.lines != nullptr) {
    if (auto written = session.lines->write(line); !written) {
      outcome.error = written.error();
      outcome.fatal = true;
      return outcome;
    }
  }
  if (step.task->output.empty()) return outcome;
  const auto marks = analysis.marks_at(frame.pts);
  const auto jpeg =
      av::encode_jpeg(marks.empty() ? frame.share() : draw::draw_marks(frame, marks), kQuality);
  const auto saved = jpeg ? write_file(step.task->output, *jpeg) : tl::unexpected(jpeg.error());
  if (saved)
    outcome.output = step.task->output;
  else
    outcome.error = saved.error();
  return outcome;
}

}  // namespace

void detect_pictures(std::span<const Task> tasks, const Session& session,
                     const std::function<bool(const Outcome&)>& on_outcome) {
  flow::Queue<Step> steps(
      {.capacity = kPicturesMax, .overflow = flow::Overflow::block, .dropped = {}});
  std::thread reader([&] {
    for (const Task& task : tasks) {
      if (session.stop) break;
      Step step{.task = &task, .frame = read_picture(task.input, session.stop), .found = {}};
      if (step.frame) step.found = begin_detection(session.detector, step.frame->share());
      if (!steps.push(std::move(step))) break;
    }
    steps.close();
  });
  session.progress.begin("pictures");
  uint64_t done = 0;
  while (auto step = steps.pop()) {
    const MonoTime begun = system_clock().now();
    Outcome outcome = conclude(*step, session);
    outcome.seconds = std::chrono::duration<double>(system_clock().now() - begun).count();
    ++done;
    session.progress.update(done, static_cast<double>(done) / static_cast<double>(tasks.size()));
    if (!on_outcome(outcome)) break;
  }
  steps.close();
  steps.clear();
  reader.join();
}

}  // namespace pasu::job::detail
