// pasu probe: what an input is, as it declares itself and as measured.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bits/gop_tally.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/picture_walk.h"
#include "cli/transport_option.h"
#include "job/open_input.h"

namespace pasu::cli {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

struct ProbeOptions {
  std::string input;
  net::PullOptions pull;
  bool json = false;
  bool full = false;
  double seconds = 0;  // 0: 10 of a file, 5 of a live stream.
};

constexpr double kFileSeconds = 10;
constexpr double kLiveSeconds = 5;
// A file is read on until two groups were seen whole, but not beyond this.
constexpr double kFileSecondsMax = 60;

/// What the access units of one stream add up to.
struct Measured {
  size_t units = 0;
  size_t bytes = 0;
  media::Pts first = media::Pts::max(), last = media::Pts::min();

  void add(const media::AccessUnit& unit) {
    ++units;
    bytes += unit.data.size();
    first = std::min(first, unit.pts);
    last = std::max(last, unit.pts);
  }
  /// Each unit counted as long as the mean; 0 where fewer than two came.
  [[nodiscard]] double seconds() const {
    if (units < 2 || last <= first) return 0;
    const auto n = static_cast<double>(units);
    return media::to_seconds(last - first) * n / (n - 1);
  }
  [[nodiscard]] double rate() const {
    return seconds() > 0 ? static_cast<double>(units) / seconds() : 0;
  }
  [[nodiscard]] double bit_rate() const {
    return seconds() > 0 ? static_cast<double>(bytes) * 8 / seconds() : 0;
  }
};

/// Measures the streams of one input. Pictures are told apart where the codec allows it; elsewhere
/// the container's key frames count.
class Probe {
 public:
  Probe(const ProbeOptions& options, const av::Demuxer& demuxer)
      : options_(options),
        info_(demuxer.info()),
        live_(!demuxer.is_file()),
        video_(av::find_video(info_)),
        streams_(info_.streams.size()) {
    if (video_ == nullptr) return;
    auto walk = PictureWalk::create(options.input, *video_);
    if (walk) {
      walk_.emplace(std::move(*walk));
    } else if (walk.error().code() != Errc::unsupported) {
      exit_code_ = report(walk.error());
    }
  }

  Result<int> run(av::Demuxer& demuxer) {
    const Clock::time_point begin = Clock::now();
    while (!enough(std::chrono::duration<double>(Clock::now() - begin).count())) {
      const auto unit = demuxer.read();
      if (!unit) {
        if (unit.error().code() != Errc::cancelled) exit_code_ = report(unit.error());
        break;
      }
      if (!*unit) {
        whole_ = true;
        break;
      }
      add(**unit);
    }
    if (walk_) count(walk_->finish());
    print(options_.json ? json().dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n"
                        : text());
    if (walk_ && walk_->damaged_units() > 0) exit_code_ = kFailed;
    return finish_output(exit_code_);
  }

 private:
  [[nodiscard]] const Measured* measured(const media::StreamInfo& stream) const {
    const auto index = static_cast<size_t>(stream.index);
    return index < streams_.size() && streams_[index].units > 0 ? &streams_[index] : nullptr;
  }

  // What its parameter set says; nullptr for streams that are not told apart.
  [[nodiscard]] const bits::SequenceInfo* sequence_of(const media::StreamInfo& stream) const {
    return &stream == video_ && walk_ ? walk_->sequence() : nullptr;
  }

  [[nodiscard]] bool enough(double elapsed) const {
    if (stop_requested()) return true;
    if (options_.full) return false;
    const double wanted = options_.seconds > 0 ? options_.seconds
                          : live_              ? kLiveSeconds
                                               : kFileSeconds;
    if (live_) return elapsed >= wanted;
    double seconds = 0;
    for (const Measured& stream : streams_) seconds = std::max(seconds, stream.seconds());
    if (video_ == nullptr || options_.seconds > 0) return seconds >= wanted;
    const bool two_groups = tally_.lengths().gops >= 2;
    return seconds >= (two_groups ? wanted : kFileSecondsMax);
  }

  void add(const media::AccessUnit& unit) {
    const auto index = static_cast<size_t>(unit.stream);
    if (index >= streams_.size()) return;
    streams_[index].add(unit);
    if (video_ == nullptr || unit.stream != video_->index) return;
    if (walk_) {
      count(walk_->push(unit));
    } else {
      bits::Picture picture{.bytes = unit.data.size()};
      if (unit.key) picture.type = bits::PictureType::idr;
      tally_.add(picture, unit.pts);
    }
  }

  void count(const std::optional<WalkedFrame>& frame) {
    if (frame) tally_.add(frame->picture, frame->pts);
  }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string video_text(const media::StreamInfo& stream) const;
  [[nodiscard]] std::string gop_text() const;
  [[nodiscard]] ordered_json json() const;
  [[nodiscard]] ordered_json stream_json(const media::StreamInfo& stream) const;
  [[nodiscard]] ordered_json gop_json() const;

  const ProbeOptions& options_;
  const media::ContainerInfo& info_;
  bool live_;
  const media::StreamInfo* video_;
  std::vector<Measured> streams_;
  std::optional<PictureWalk> walk_;
  bits::GopTally tally_;
  bool whole_ = false;
  int exit_code_ = kDone;
};

const char* kind_name(media::MediaKind kind) {
  switch (kind) {
    case media::MediaKind::video:
      return "video";
    case media::MediaKind::audio:
      return "audio";
    case media::MediaKind::other:
      break;
  }
  return "other";
}

const char* chroma_name(int chroma_format_idc) {
  constexpr const char* kNames[] = {"monochrome", "4:2:0", "4:2:2", "4:4:4"};
  return kNames[chroma_format_idc];
}

void join(std::string& text, const std::string& part) {
  if (!text.empty()) text += ", ";
  text += part;
}

std::string Probe::text() const {
  std::string text = fmt::format("{}: {}", options_.input,
                                 info_.format_long.empty() ? info_.format : info_.format_long);
  if (live_) text += ", live";
  if (info_.duration.count() > 0) {
    text += fmt::format(", {:.2f} s", media::to_seconds(info_.duration));
  }
  if (info_.size_bytes > 0) text += ", " + bytes_text(static_cast<double>(info_.size_bytes));
  if (info_.bit_rate > 0) text += ", " + rate_text(static_cast<double>(info_.bit_rate));
  text += '\n';
  for (const media::StreamInfo& stream : info_.streams) {
    const bits::SequenceInfo* sequence = sequence_of(stream);
    const std::string profile = sequence == nullptr
                                    ? stream.profile
                                    : fmt::format("{}, level {}", bits::profile_name(*sequence),
                                                  bits::level_name(*sequence));
    text += fmt::format("\n{} {}: {}{}{}\n", kind_name(stream.kind), stream.index,
                        stream.codec_name, profile.empty() ? "" : " ", profile);
    if (stream.kind == media::MediaKind::video) {
      text += video_text(stream);
    } else if (stream.kind == media::MediaKind::audio) {
      text += fmt::format("  sound     {} Hz, {} {}\n", stream.sample_rate, stream.channels,
                          stream.channels == 1 ? "channel" : "channels");
    }
    const bool video = stream.kind == media::MediaKind::video;
    std::string declared;
    if (video && stream.frame_rate > 0) {
      join(declared, fmt::format("{:.5g} frames/s", stream.frame_rate));
    }
    if (stream.bit_rate > 0) join(declared, rate_text(static_cast<double>(stream.bit_rate)));
    if (stream.duration.count() > 0) {
      join(declared, fmt::format("{:.2f} s", media::to_seconds(stream.duration)));
    }
    if (!declared.empty()) text += "  declared  " + declared + '\n';
    const Measured* sum = measured(stream);
    if (sum != nullptr && sum->seconds() > 0) {
      text += "  measured  ";
      if (video) text += fmt::format("{:.5g} frames/s, ", sum->rate());
      text += fmt::format("{} over {:.2f} s\n", rate_text(sum->bit_rate()), sum->seconds());
    }
    if (&stream == video_ && sum != nullptr && sum->units > 1) text += gop_text();
  }
  return text;
}

std::string Probe::video_text(const media::StreamInfo& stream) const {
  std::string text = fmt::format("  picture   {}x{}", stream.width, stream.height);
  if (stream.rotation != 0) text += fmt::format(", to be turned by {} degrees", stream.rotation);
  const bits::SequenceInfo* sequence = sequence_of(stream);
  if (sequence != nullptr) {
    text +=
        fmt::format(", {} {} bit, {}, {} range", chroma_name(sequence->chroma_format_idc),
                    sequence->bit_depth_luma, sequence->interlaced ? "interlaced" : "progressive",
                    sequence->full_range ? "full" : "limited");
  }
  return text + '\n';
}

std::string Probe::gop_text() const {
  const auto& lengths = tally_.lengths();
  const Measured* sum = measured(*video_);
  std::string text = "  GOP       ";
  if (lengths.gops == 0) {
    text += fmt::format("longer than the {} frames seen", tally_.gop().pictures);
    if (whole_ && tally_.gops() == 1) text = "  GOP       one, the whole stream";
  } else {
    text += lengths.min == lengths.max ? fmt::format("{} frames", lengths.min)
                                       : fmt::format("{} to {} frames, mean {:.4g}", lengths.min,
                                                     lengths.max, lengths.mean);
    if (sum->rate() > 0) text += fmt::format(" ({:.3g} s)", lengths.mean / sum->rate());
  }
  if (walk_) {
    const size_t open = tally_.gops() - tally_.closed_gops();
    text += open == 0 ? ", closed" : fmt::format(", {} of {} open", open, tally_.gops());
    text += tally_.sum(bits::PictureType::b).pictures > 0 ? ", with B frames" : ", no B frames";
  }
  return text + '\n';
}

ordered_json Probe::gop_json() const {
  const auto& lengths = tally_.lengths();
  ordered_json gop = {{"seen_whole", lengths.gops}};
  if (lengths.gops > 0) {
    gop["frames_min"] = lengths.min;
    gop["frames_max"] = lengths.max;
    gop["frames_mean"] = lengths.mean;
  }
  if (walk_) {
    gop["open"] = tally_.gops() - tally_.closed_gops();
    gop["b_frames"] = tally_.sum(bits::PictureType::b).pictures > 0;
  }
  return gop;
}

ordered_json Probe::stream_json(const media::StreamInfo& stream) const {
  ordered_json out = {
      {"index", stream.index}, {"kind", kind_name(stream.kind)}, {"codec", stream.codec_name}};
  const bits::SequenceInfo* sequence = sequence_of(stream);
  if (sequence != nullptr) {
    out["profile"] = bits::profile_name(*sequence);
    out["level"] = bits::level_name(*sequence);
  } else if (!stream.profile.empty()) {
    out["profile"] = stream.profile;
  }
  if (stream.kind == media::MediaKind::video) {
    out["width"] = stream.width;
    out["height"] = stream.height;
    if (stream.rotation != 0) out["rotation"] = stream.rotation;
    if (sequence != nullptr) {
      out["chroma"] = chroma_name(sequence->chroma_format_idc);
      out["bit_depth"] = sequence->bit_depth_luma;
      out["interlaced"] = sequence->interlaced;
      out["full_range"] = sequence->full_range;
    }
    if (stream.frame_rate > 0) out["frame_rate"] = stream.frame_rate;
  } else if (stream.kind == media::MediaKind::audio) {
    out["sample_rate"] = stream.sample_rate;
    out["channels"] = stream.channels;
  }
  if (stream.bit_rate > 0) out["bit_rate"] = stream.bit_rate;
  if (stream.duration.count() > 0) out["duration"] = media::to_seconds(stream.duration);
  const Measured* sum = measured(stream);
  if (sum == nullptr) return out;
  out["measured"] = {{"seconds", sum->seconds()}, {"bytes", sum->bytes}};
  ordered_json& measured_out = out["measured"];
  if (stream.kind == media::MediaKind::video) measured_out["frames"] = sum->units;
  if (sum->seconds() > 0) {
    if (stream.kind == media::MediaKind::video) measured_out["frame_rate"] = sum->rate();
    measured_out["bit_rate"] = sum->bit_rate();
  }
  if (&stream == video_) measured_out["gop"] = gop_json();
  return out;
}

ordered_json Probe::json() const {
  ordered_json out = {{"source", options_.input},
                      {"format", info_.format},
                      {"format_long", info_.format_long},
                      {"live", live_}};
  if (info_.duration.count() > 0) out["duration"] = media::to_seconds(info_.duration);
  if (info_.size_bytes > 0) out["size_bytes"] = info_.size_bytes;
  if (info_.bit_rate > 0) out["bit_rate"] = info_.bit_rate;
  out["read_whole"] = whole_;
  if (walk_) out["damaged_units"] = walk_->damaged_units();
  out["streams"] = ordered_json::array();
  for (const media::StreamInfo& stream : info_.streams) {
    out["streams"].push_back(stream_json(stream));
  }
  return out;
}

Result<int> run(const ProbeOptions& options) {
  const auto demuxer = TRY(job::open_input(options.input, options.pull, stop_requested()));
  return Probe(options, *demuxer).run(*demuxer);
}

constexpr const char* kFooter =
    R"("declared" is what the container says, "measured" what its packets add up to: the first 10 s of
a file (more where groups of pictures are longer, all with --full), 5 s of a live stream.

  pasu probe clip.mp4
  pasu probe rtsp://cam/live --seconds 20
  pasu probe clip.mkv --json | jq '.streams[0].measured.gop')";

}  // namespace

void add_probe(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ProbeOptions>();
  CLI::App* command = app.add_subcommand(
      "probe", "Say what a file or stream is: codecs, size, rate, GOP length, bit rate");
  command->add_option("IN", options->input, "Video, sound or picture file, or stream URL")
      ->required();
  command->add_flag("--json", options->json, "Print JSON");
  auto* full = command->add_flag("--full", options->full, "Measure the whole file");
  command->add_option("--seconds", options->seconds, "Measure this long")
      ->type_name("S")
      ->check(CLI::Range(0.1, 86'400.0))
      ->excludes(full);
  add_transport(*command, options->pull);
  command->footer(kFooter);
  command->callback([options, &exit_code] {
    const auto result = run(*options);
    exit_code = result ? *result : report(result.error());
  });
}

}  // namespace pasu::cli
