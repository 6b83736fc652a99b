// pasu bench cameras: how many cameras this machine takes; pasu bench feed: their process.
#include <array>
#include <filesystem>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include "base/part_file.h"
#include "base/read_file.h"
#include "bench/camera_feed.h"
#include "bench/cameras_bench.h"
#include "bench/curve_svg.h"
#include "bench/shadow.h"
#include "cli/bench_command.h"
#include "cli/command.h"
#include "cli/output.h"

namespace pasu::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFooter = R"(Examples:
  bench/camera_clips.sh bench/media/cameras                      makes the clips of the documentation
  pasu bench cameras --cameras 200 --active 0.1 --clip bench/media/cameras/360p_vbr.mp4
  pasu bench cameras --shadow pasu.toml --seconds 600         the gate on your own cameras, beside a running server
  pasu bench cameras --cameras 4 --clip gate.mp4 --clip yard.mp4 --transport memory --json cost.json

Each clip is first analysed in full, every frame of it. Then a second process sends it as so many RTSP
cameras, each beginning elsewhere, and a whole server in this process watches them. With --active a
camera plays the clip's stretches with people and between them, over and over, its longest stretch
without. A person-second is somebody whom full analysis followed for a GOP; it is missed where the
server analysed less than half its frames of that GOP and told no box of theirs. Waking is from
somebody's first frame to the first boxes; boxes is from a frame's sending to its boxes, while awake.

With --shadow the cameras of a configuration are watched twice, every frame of them and through the
gate, by connections of their own. Each second in which the first saw a track in two frames is a
person-second; the table says how many of them the gate would have missed, and what it would save.)";

struct Arguments {
  bench::CamerasLoad load;
  double active = 0;
  bool always_awake = false;
  std::string transport = "rtsp", json;
  std::string shadow;  ///< A configuration.
  std::vector<std::string> only;
  std::string curve;  ///< A picture to be written.
};

std::string spread_text(const bench::Spread& s) {
  if (s.count == 0) return "none";
  return fmt::format("p50 {:.0f}, p95 {:.0f}, p99 {:.0f} ms ({})", s.p50, s.p95, s.p99, s.count);
}

std::string report_text(const bench::CamerasCost& c) {
  std::string drops;
  for (const auto& [cause, count] : c.drops)
    drops += fmt::format("{}{} {}", drops.empty() ? "" : ", ", cause, count);
  const auto cameras = static_cast<double>(c.cameras);
  return fmt::format(
      "cameras        {} ({} never showed a picture; all connected after {:.1f} s)\n"
      "cores          {:.3f} = {:.2f} CPU-ms a camera-second, so {:.0f} cameras a core "
      "(the cameras' process: {:.3f})\n"
      "memory         {:.0f} MB\n"
      "frames         {:.1f} a second from a camera, {:.2f} analysed; awake {:.1f} % of the time\n"
      "busy           {:.0f} % of each camera's frames had their time; key frames only {:.0f} % of "
      "it\n"
      "waking         {}\n"
      "boxes          {}\n"
      "drops          {}\n"
      "missed         {} of {} person-seconds = {:.2f} %\n",
      c.cameras, c.not_connected, c.connect_s, c.cores, 1e3 * c.cores / cameras,
      cameras / std::max(c.cores, 1e-6), c.feed_cores, c.rss_mb, c.source_fps, c.analysed_fps,
      100 * c.awake_share, 100 * c.analysed_share, 100 * c.thrifty_share, spread_text(c.wake_ms),
      spread_text(c.boxes_ms), drops.empty() ? "none" : drops, c.missed, c.person_seconds,
      100 * c.miss_rate());
}

ordered_json to_json(const bench::CamerasCost& c) {
  ordered_json drops = ordered_json::object();
  for (const auto& [cause, count] : c.drops) drops[cause] = count;
  return {{"cameras", c.cameras},
          {"seconds", c.seconds},
          {"connect_s", c.connect_s},
          {"not_connected", c.not_connected},
          {"cores", c.cores},
          {"feed_cores", c.feed_cores},
          {"rss_mb", c.rss_mb},
          {"source_fps", c.source_fps},
          {"analysed_fps", c.analysed_fps},
          {"awake_share", c.awake_share},
          {"analysed_share", c.analysed_share},
          {"thrifty_share", c.thrifty_share},
          {"wake_ms_p50", c.wake_ms.p50},
          {"wake_ms_p95", c.wake_ms.p95},
          {"wakes_measured", c.wake_ms.count},
          {"boxes_ms_p50", c.boxes_ms.p50},
          {"boxes_ms_p95", c.boxes_ms.p95},
          {"boxes_ms_p99", c.boxes_ms.p99},
          {"drops", std::move(drops)},
          {"person_seconds", c.person_seconds},
          {"missed", c.missed},
          {"miss_rate", c.miss_rate()}};
}

void tell_step(const std::string& step) { fmt::print(stderr, "{} ...\n", step); }

Result<void> write_json(const ordered_json& json, const std::string& file) {
  if (file.empty()) return {};
  const std::string text = json.dump(2) + "\n";
  if (file == "-") {
    print(text);
    return {};
  }
  return write_file(file, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

Result<void> run_shadow(const Arguments& arguments) {
  bench::ShadowOptions options;
  options.config = TRY(node::load_config(arguments.shadow));
  options.only = arguments.only;
  options.seconds = arguments.load.seconds;
  options.settle = arguments.load.settle;
  const auto cost = TRY(bench::shadow_cameras(options, tell_step, stop_requested()));
  print(fmt::format("{:<24} {:>14} {:>7} {:>7} {:>6} {:>13} {:>13}\n", "camera", "person-seconds",
                    "missed", "miss %", "awake", "CPU-ms/s full", "through gate"));
  ordered_json out = ordered_json::array();
  for (const bench::ShadowCamera& c : cost.cameras) {
    const double rate = c.person_seconds > 0 ? static_cast<double>(c.missed) / c.person_seconds : 0;
    print(fmt::format("{:<24} {:>14} {:>7} {:>7.2f} {:>5.0f}% {:>13.1f} {:>13.1f}\n", c.name,
                      c.person_seconds, c.missed, 100 * rate, 100 * c.awake_share, c.full_ms,
                      c.gated_ms));
    out.push_back({{"camera", c.name},
                   {"person_seconds", c.person_seconds},
                   {"missed", c.missed},
                   {"miss_rate", rate},
                   {"awake_share", c.awake_share},
                   {"full_cpu_ms_per_s", c.full_ms},
                   {"gated_cpu_ms_per_s", c.gated_ms}});
  }
  if (cost.analysed_share < 1)
    print(
        fmt::format("The machine could look at {:.0f} % of the frames only: take fewer cameras "
                    "with --only.\n",
                    100 * cost.analysed_share));
  return write_json(out, arguments.json);
}

// One curve a clip: cameras that all cores of this machine take, by what they cost at each
// activity.
Result<void> run_curve(const Arguments& arguments) {
  constexpr std::array kActivities{0.0, 0.05, 0.1, 0.2, 0.5, 1.0};
  const double machine = std::max(1u, std::thread::hardware_concurrency());
  ordered_json json = ordered_json::array();
  std::vector<bench::Curve> curves;
  for (const std::string& clip : arguments.load.clips) {
    curves.push_back({std::filesystem::path(clip).stem().string(), {}});
    for (const double active : kActivities) {
      bench::CamerasLoad load = arguments.load;
      load.clips = {clip};
      load.active = active;
      const auto cost = TRY(bench::bench_cameras(load, tell_step, stop_requested()));
      const double cameras = machine * static_cast<double>(cost.cameras) / cost.cores;
      print(fmt::format(
          "{:<32} {:>3.0f} % active: {:>6.2f} CPU-ms a camera-second, {:>5.0f} cameras on "
          "{:.0f} cores; missed {:.2f} %\n",
          curves.back().name, 100 * active, 1e3 * cost.cores / static_cast<double>(cost.cameras),
          cameras, machine, 100 * cost.miss_rate()));
      curves.back().points.push_back({active, cameras});
      auto one = to_json(cost);
      one["clip"] = curves.back().name;
      one["active"] = active;
      json.push_back(std::move(one));
    }
  }
  const std::string svg =
      bench::curve_svg(fmt::format("Cameras on {:.0f} cores, by what {} of them cost", machine,
                                   arguments.load.cameras),
                       std::move(curves));
  TRY(write_file(arguments.curve, {reinterpret_cast<const uint8_t*>(svg.data()), svg.size()}));
  return write_json(json, arguments.json);
}

Result<void> run(const Arguments& arguments) {
  if (!arguments.shadow.empty()) return run_shadow(arguments);
  if (arguments.load.clips.empty())
    return fail(Errc::invalid_argument,
                "give the cameras something to show: --clip FILE, or "
                "--shadow with a configuration");
  if (!arguments.curve.empty()) return run_curve(arguments);
  const auto cost = TRY(bench::bench_cameras(arguments.load, tell_step, stop_requested()));
  print(report_text(cost));
  return write_json(to_json(cost), arguments.json);
}

Result<void> feed(const std::string& file) {
  constexpr size_t kPlanMax = 256u << 20;
  const std::string text = TRY(read_file(file, kPlanMax));
  const auto plan = TRY(bench::parse_feed_plan(text));
  return bench::feed_cameras(
      plan,
      [](int port) {
        print(fmt::format("port {}\n", port));
        (void)finish_output(kDone);
      },
      stop_requested());
}

}  // namespace

void add_bench_cameras(CLI::App& bench, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  bench::CamerasLoad& load = arguments->load;
  CLI::App* command =
      bench.add_subcommand("cameras", "How many cameras this machine takes, and whom it misses");
  command->add_option("--cameras", load.cameras, "So many")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--clip", load.clips, "Video that the cameras show, by turns")
      ->check(CLI::ExistingFile)
      ->type_name("F");
  command->add_option("--shadow", arguments->shadow, "Compare on the cameras of this configuration")
      ->check(CLI::ExistingFile)
      ->type_name("TOML");
  command->add_option("--only", arguments->only, "Of these, only so named")->type_name("NAME");
  CLI::Option* active =
      command->add_option("--active", arguments->active, "Share of cameras with somebody in view")
          ->check(CLI::Range(0.0, 1.0));
  command->add_option("--seconds", load.seconds, "Measured")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 86400.0));
  command->add_option("--settle", load.settle, "Before that, once all are connected")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  command->add_option("--transport", arguments->transport, "How the pictures come")
      ->capture_default_str()
      ->check(CLI::IsMember({"rtsp", "memory"}));
  command->add_option("--model", load.model, "The detector")->capture_default_str()->type_name("M");
  command->add_option("--fps", load.fps, "Frames analysed a second, awake")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 30.0));
  command->add_flag("--always-awake", arguments->always_awake,
                    "Decode every frame of every camera");
  command->add_option("--seed", load.seed, "Of which camera begins where")->capture_default_str();
  command
      ->add_option("--curve", arguments->curve,
                   "Draw cameras against activity, a curve a clip, into this SVG")
      ->type_name("F");
  command->add_option("--json", arguments->json, "Write the figures there; - is standard output")
      ->type_name("F");
  command->footer(kFooter);
  command->callback([arguments, active, &exit_code] {
    bench::CamerasLoad& wanted = arguments->load;
    if (active->count() > 0) wanted.active = arguments->active;
    wanted.sleeps = !arguments->always_awake;
    if (arguments->transport == "memory") wanted.transport = bench::FeedTransport::memory;
    const auto done = run(*arguments);
    exit_code = finish_output(done ? kDone : report(done.error()));
  });

  auto plan = std::make_shared<std::string>();
  CLI::App* feeder = bench.add_subcommand("feed", "The cameras of bench cameras")->group("");
  feeder->add_option("plan", *plan)->required();
  feeder->callback([plan, &exit_code] {
    const auto done = feed(*plan);
    exit_code = finish_output(done ? kDone : report(done.error()));
  });
}

}  // namespace pasu::cli
