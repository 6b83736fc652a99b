// pasu gop: what a stream is made of, picture by picture.
#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "base/json_text.h"
#include "bits/gop_tally.h"
#include "cli/command.h"
#include "cli/gop_strip.h"
#include "cli/output.h"
#include "cli/picture_walk.h"
#include "cli/transport_option.h"
#include "job/open_input.h"

namespace pasu::cli {
namespace {

using bits::PictureType;

constexpr PictureType kTypes[] = {PictureType::idr, PictureType::i, PictureType::p, PictureType::b};

struct GopOptions {
  std::string input;
  net::PullOptions pull;
  bool json = false;
  uint64_t frames_max = UINT64_MAX;
};

/// First and last presentation time, whatever order they come in.
struct Span {
  media::Pts first = media::Pts::max();
  media::Pts last = media::Pts::min();

  void add(media::Pts pts) {
    first = std::min(first, pts);
    last = std::max(last, pts);
  }
  /// Seconds that `frames` frames last, each as long as the mean; 0 where that is not known.
  [[nodiscard]] double seconds(size_t frames) const {
    if (frames < 2 || last <= first) return 0;
    const auto n = static_cast<double>(frames);
    return media::to_seconds(last - first) * n / (n - 1);
  }
};

/// Writes {"gops":[...]} group by group. "closed" stands before the frames although only they show
/// it, so a group's first frames are held back.
class JsonWriter {
 public:
  /// Pictures that need the group before follow close behind the key picture: no group is found
  /// open later than this, and an endless one holds no more.
  static constexpr size_t kFramesHeldMax = 1000;

  void begin(const GopOptions& options, const media::StreamInfo& stream) {
    print(fmt::format(R"({{"source":{},"codec":"{}","gops":[)", json_text(options.input),
                      media::to_string(stream.codec)));
  }
  /// False once nobody can be written to.
  bool add(const WalkedFrame& frame, const bits::GopTally& tally, bool begins) {
    const bool wrote = !begins || tally.gops() == 1 || print(end_of_gop() + ",");
    if (begins) written_ = false;
    gop_ = tally.gop();
    const bits::Picture& picture = frame.picture;
    held_ += fmt::format(
        R"({}{{"type":"{}","bytes":{},"pts":{},"dts":{},"qp":{},"frame_num":{},"reference":{})",
        begins ? "\n" : ",\n", bits::to_string(picture.type), picture.bytes,
        seconds_text(frame.pts), seconds_text(frame.dts), picture.qp, picture.frame_num,
        picture.reference);
    held_ += frame.position >= 0 ? fmt::format(",\"position\":{}}}", frame.position) : "}";
    return wrote && (gop_.pictures < kFramesHeldMax || print(held_frames()));
  }
  void finish(const bits::GopTally& tally, double seconds, size_t damaged_units) {
    std::string text = tally.gops() > 0 ? end_of_gop() : "";
    text +=
        fmt::format("],\n\"frames\":{},\"bytes\":{},\"seconds\":{:.6f},\"damaged_units\":{}}}\n",
                    tally.pictures(), tally.bytes(), seconds, damaged_units);
    print(text);
  }

 private:
  std::string held_frames() {
    std::string text = std::exchange(held_, {});
    if (std::exchange(written_, true)) return text;
    return fmt::format("\n{{\"start\":{},\"closed\":{},\"frames\":[{}", seconds_text(gop_.start),
                       gop_.closed, text);
  }
  std::string end_of_gop() { return fmt::format("{}],\"bytes\":{}}}", held_frames(), gop_.bytes); }

  bits::Gop gop_;
  std::string held_;      // Frames of gop_ that were not written yet.
  bool written_ = false;  // The beginning of gop_ was.
};

std::string describe(const std::string& input, const bits::SequenceInfo& sequence) {
  return fmt::format("{}: {} {}, level {}, {}x{}{}\n\n", input,
                     sequence.codec == media::Codec::h264 ? "H.264" : "H.265",
                     bits::profile_name(sequence), bits::level_name(sequence), sequence.width,
                     sequence.height, sequence.interlaced ? ", interlaced" : "");
}

std::string summary(const bits::GopTally& tally, double seconds, size_t damaged_units) {
  if (tally.pictures() == 0) return "no pictures\n";
  const auto total = static_cast<double>(tally.bytes());
  std::string text = fmt::format("\n{} frames, {}", tally.pictures(), bytes_text(total));
  if (seconds > 0) {
    text += fmt::format(" in {:.2f} s: {:.4g} frames/s, {}", seconds,
                        static_cast<double>(tally.pictures()) / seconds,
                        rate_text(total * 8 / seconds));
  }
  text += fmt::format("\n{} {}, ", tally.gops(), tally.gops() == 1 ? "group" : "groups");
  const auto& lengths = tally.lengths();
  if (lengths.gops == 0) {
    text += "none seen whole";
  } else if (lengths.min == lengths.max) {
    text += fmt::format("of {} frames", lengths.min);
  } else {
    text += fmt::format("of {} to {} frames, mean {:.4g}", lengths.min, lengths.max, lengths.mean);
  }
  text += fmt::format(", {} closed, {} open\n\n", tally.closed_gops(),
                      tally.gops() - tally.closed_gops());
  text += fmt::format("{:>5} {:>7} {:>10} {:>10} {:>7} {:>9}\n", "type", "frames", "mean size",
                      "biggest", "share", "QP");
  for (const PictureType type : kTypes) {
    const bits::TypeSum& sum = tally.sum(type);
    if (sum.pictures == 0) continue;
    const auto bytes = static_cast<double>(sum.bytes);
    text += fmt::format("{:>5} {:>7} {:>10} {:>10} {:>6.1f}% {:>9}\n", bits::to_string(type),
                        sum.pictures, bytes_text(bytes / static_cast<double>(sum.pictures)),
                        bytes_text(static_cast<double>(sum.bytes_max)), 100 * bytes / total,
                        sum.qp_min == sum.qp_max ? fmt::format("{}", sum.qp_min)
                                                 : fmt::format("{}..{}", sum.qp_min, sum.qp_max));
  }
  if (damaged_units > 0) {
    text += fmt::format("\n{} damaged access {}, told on standard error\n", damaged_units,
                        damaged_units == 1 ? "unit" : "units");
  }
  return text;
}

/// Where the frames go: JSON or the strip.
class Report {
 public:
  Report(const GopOptions& options, const media::StreamInfo& stream, const PictureWalk& walk)
      : options_(options), walk_(walk), strip_(Terminal::of_stdout()) {
    if (options.json) json_.begin(options, stream);
  }
  [[nodiscard]] size_t frames() const { return tally_.pictures(); }

  /// False once nobody can be written to.
  bool add(const WalkedFrame& frame) {
    span_.add(frame.pts);
    const bool begins = tally_.add(frame.picture, frame.pts);
    if (options_.json) return json_.add(frame, tally_, begins);
    if (tally_.pictures() == 1) print(describe(options_.input, *walk_.sequence()));
    const std::string text = strip_.add(frame.picture, tally_, begins);
    return text.empty() || (print(text) && std::fflush(stdout) == 0);
  }
  void finish() {
    const double seconds = span_.seconds(tally_.pictures());
    if (options_.json) {
      json_.finish(tally_, seconds, walk_.damaged_units());
    } else {
      print(strip_.finish() + summary(tally_, seconds, walk_.damaged_units()));
    }
  }

 private:
  const GopOptions& options_;
  const PictureWalk& walk_;
  bits::GopTally tally_;
  Span span_;
  JsonWriter json_;
  GopStrip strip_;
};

Result<int> run(const GopOptions& options) {
  const auto demuxer = TRY(job::open_input(options.input, options.pull, stop_requested()));
  const media::StreamInfo* stream = av::find_video(demuxer->info());
  if (stream == nullptr) {
    return fail(Errc::unsupported, "{}: no video in it, so no pictures to show", options.input);
  }
  PictureWalk walk = TRY(PictureWalk::create(options.input, *stream));
  Report report_to(options, *stream, walk);
  int exit_code = kDone;
  bool go_on = true;
  while (go_on && report_to.frames() < options.frames_max) {
    const auto unit = demuxer->read();
    if (!unit) {  // What came before it is shown all the same.
      if (unit.error().code() != Errc::cancelled) exit_code = report(unit.error());
      break;
    }
    if (!*unit) break;
    if ((*unit)->stream != stream->index) continue;
    if (const auto frame = walk.push(**unit)) go_on = report_to.add(*frame);
  }
  if (const auto frame = walk.finish(); frame && report_to.frames() < options.frames_max) {
    report_to.add(*frame);
  }
  report_to.finish();
  if (walk.damaged_units() > 0 || report_to.frames() == 0) exit_code = kFailed;
  return finish_output(exit_code);
}

constexpr const char* kFooter =
    R"(Each row is a group of pictures (GOP): the pictures from one that decoding can start at to the
next. A closed group decodes by itself; in an open one some pictures need the group before.

  pasu gop clip.mp4                  the whole file, on a terminal as a coloured strip
  pasu gop -n 250 rtsp://cam/live    the first 250 frames of a camera; Ctrl-C ends it sooner
  pasu gop clip.264 --json | jq '.gops[0].frames[].qp'

Damaged parts are told on standard error with their byte in the file and passed over; the exit
code is then 1. H.264 and H.265, from any container, Annex B file or stream URL.)";

}  // namespace

void add_gop(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<GopOptions>();
  CLI::App* command =
      app.add_subcommand("gop", "Show a stream's I, P and B frames, group by group");
  command->add_option("IN", options->input, "Video file or stream URL (H.264 or H.265)")
      ->required();
  command->add_flag("--json", options->json, "Print JSON, group by group as they are read");
  command->add_option("-n,--max-frames", options->frames_max, "Stop after this many frames")
      ->type_name("N")
      ->default_str("all");
  add_transport(*command, options->pull);
  command->footer(kFooter);
  command->callback([options, &exit_code] {
    const auto result = run(*options);
    exit_code = result ? *result : report(result.error());
  });
}

}  // namespace pasu::cli
