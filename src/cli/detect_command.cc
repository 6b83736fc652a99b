// pasu detect: videos, pictures and streams in; boxes as JSON lines, drawn video or pictures out.
#include <cstdio>
#include <memory>

#include "base/log.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/size_option.h"
#include "cli/transport_option.h"
#include "job/detect.h"
#include "track/tracker.h"

namespace pasu::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  pasu detect yard.mp4 -o boxed.mp4 --json yard.jsonl   boxes drawn, and their coordinates
  pasu detect yard.mp4                                  coordinates on stdout alone
  pasu detect photos/ -o boxed/                         every picture and video of a folder
  pasu detect rtsp://camera/1 --json - --fps 2          a stream, two frames a second, until Ctrl-C
  pasu detect yard.mp4 -o b.mp4 --input 640x384         slower, and better at small people

A line a frame: {"source":"yard.mp4","frame":0,"pts":0.04,"width":768,"height":432,
"detections":[{"label":"person","score":0.91,"box":[x,y,w,h],"track":3}]}. Boxes are in pixels of
the picture as it is shown (turned upright), from its top left corner. "track" stays with a person
from frame to frame; it is null until the person was seen twice, and in pictures.

Ctrl-C ends cleanly: what was done so far is finished and kept, the exit code is 130. A bad input
does not stop the others; the exit code is then 1. Files get their names when they are whole.)";

struct Arguments {
  job::PlanOptions plan;
  detect::DetectorOptions detector;
  std::string input_size;
  float threshold = 0;
  double fps = 0;
  net::PullOptions pull;
};

void tell(const job::Outcome& outcome) {
  const std::string& name = outcome.input;
  if (outcome.frames > 0) {
    std::string line = fmt::format("{}: {} frames", name, outcome.frames);
    if (outcome.analysed != outcome.frames) line += fmt::format(", {} analysed", outcome.analysed);
    line += fmt::format(", {} boxes", outcome.boxes);
    if (outcome.tracks > 0) line += fmt::format(", {} tracks", outcome.tracks);
    if (outcome.frames > 1 && outcome.seconds > 0)
      line += fmt::format(", {:.1f} s, {:.1f} frames/s", outcome.seconds,
                          static_cast<double>(outcome.frames) / outcome.seconds);
    if (!outcome.output.empty()) line += " -> " + outcome.output;
    if (outcome.cut) line += " (stopped early)";
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  if (outcome.damaged > 0)
    std::fprintf(stderr, "%s: %s\n", name.c_str(),
                 fmt::format("{} damaged parts were passed over", outcome.damaged).c_str());
  for (const std::string& note : outcome.notes)
    std::fprintf(stderr, "%s: %s\n", name.c_str(), note.c_str());
  if (outcome.error) report(*outcome.error);
}

Result<int> detect(Arguments arguments) {
  if (arguments.plan.output.empty() && arguments.plan.json.empty()) arguments.plan.json = "-";
  if (!arguments.input_size.empty())
    arguments.detector.input = TRY(parse_size("--input", arguments.input_size));
  const auto tasks = TRY(job::plan(arguments.plan));
  std::unique_ptr<job::JsonLines> lines;
  if (!arguments.plan.json.empty()) lines = TRY(job::JsonLines::create(arguments.plan.json));
  // Lower scores keep tracks going; 0.1 lies below 0.7 of any threshold worth having.
  arguments.detector.score_min =
      arguments.threshold > 0 ? track::options_for(arguments.threshold, 0).low : 0.1f;
  const auto detector = TRY(detect::Detector::open(arguments.detector));

  const bool lines_on_screen = arguments.plan.json == "-" && Terminal::of_stdout().interactive;
  job::Progress progress(Terminal::of_stderr().interactive && !lines_on_screen);
  const job::Session session{
      .detector = *detector,
      .threshold = arguments.threshold > 0 ? arguments.threshold : detector->info().threshold,
      .fps = arguments.fps,
      .pull = arguments.pull,
      .lines = lines.get(),
      .progress = progress,
      .stop = stop_requested()};
  bool failed = false;
  size_t whole = 0;
  job::run(tasks, session, [&](const job::Outcome& outcome) {
    tell(outcome);
    failed |= outcome.error.has_value();
    whole += !outcome.cut;
  });
  // No line at all after a failure: a file would only look like a result.
  if (lines && (lines->lines() > 0 || !failed)) TRY(lines->finish());
  if (stop_requested() && whole < tasks.size()) return kInterrupted;
  return failed ? kFailed : kDone;
}

}  // namespace

void add_detect(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("detect", "Find people in videos, pictures and streams: boxes out");
  command
      ->add_option("IN", arguments->plan.inputs, "Videos, pictures, folders of them, stream URLs")
      ->required();
  command
      ->add_option("-o", arguments->plan.output,
                   "Boxes drawn: a video (.mp4, .mkv), a picture (.jpg), or a folder for several")
      ->type_name("OUT");
  command
      ->add_option("--json", arguments->plan.json,
                   "Boxes as JSON lines, one a frame; - is stdout (the default without -o)")
      ->type_name("FILE");
  command
      ->add_option("--model", arguments->detector.model,
                   "A model's name, its folder, an .xml, .onnx or .pb file, or hog")
      ->capture_default_str()
      ->type_name("M");
  command
      ->add_option("--input", arguments->input_size,
                   "The network's picture size, where the model has several: 640x384")
      ->type_name("WxH");
  command
      ->add_option("--fps", arguments->fps,
                   "Frames analysed a second; the boxes in OUT move on between them "
                   "(all frames of a file, 5 a second of a stream)")
      ->check(CLI::Range(0.001, 1000.0))
      ->type_name("N");
  command
      ->add_option("--threshold", arguments->threshold,
                   "The least score reported, above 0 to 1 (the model's own)")
      ->check(CLI::Range(0.001, 1.0))
      ->type_name("T");
  add_transport(*command, arguments->pull);
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    const auto code = detect(*arguments);
    if (code)
      exit_code = *code;
    else
      exit_code = code.error().code() == Errc::invalid_argument ? (report(code.error()), kWrongUse)
                                                                : report(code.error());
  });
}

}  // namespace pasu::cli
