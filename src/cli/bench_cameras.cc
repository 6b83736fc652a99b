// pasu bench cameras: how many cameras this machine takes; pasu bench feed: their process.
#include <memory>

#include <nlohmann/json.hpp>

#include "base/part_file.h"
#include "base/read_file.h"
#include "bench/camera_feed.h"
#include "bench/cameras_bench.h"
#include "cli/bench_command.h"
#include "cli/command.h"
#include "cli/output.h"

namespace pasu::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFooter = R"(Examples:
  bench/camera_clips.sh bench/media/cameras                      makes the clips of the documentation
  pasu bench cameras --cameras 200 --active 0.1 --clip bench/media/cameras/360p_vbr.mp4
  pasu bench cameras --cameras 4 --clip gate.mp4 --clip yard.mp4 --transport memory --json cost.json

Each clip is first analysed in full, every frame of it. Then a second process sends it as so many RTSP
cameras, each beginning elsewhere, and a whole server in this process watches them. With --active a
camera plays the clip's stretches with people and between them, over and over, its longest stretch
without. A person-second is somebody whom full analysis followed for a GOP; it is missed where the
server analysed less than half its frames of that GOP and told no box of theirs. Waking is from
somebody's first frame to the first boxes; boxes is from a frame's sending to its boxes, while awake.)";

struct Arguments {
  bench::CamerasLoad load;
  double active = 0;
  bool always_awake = false;
  std::string transport = "rtsp", json;
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
      "busy           {:.0f} % of each camera's frames had their time; key frames only {:.0f} % of it\n"
      "waking         {}\n"
      "boxes          {}\n"
      "drops          {}\n"
      "missed         {} of {} person-seconds = {:.2f} %\n",
      c.cameras, c.not_connected, c.connect_s, c.cores, 1e3 * c.cores / cameras,
      cameras / std::max(c.cores, 1e-6), c.feed_cores, c.rss_mb, c.source_fps, c.analysed_fps,
      100 * c.awake_share, 100 * c.analysed_share, 100 * c.thrifty_share, spread_text(c.wake_ms), spread_text(c.boxes_ms),
      drops.empty() ? "none" : drops, c.missed, c.person_seconds, 100 * c.miss_rate());
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

Result<void> run(const Arguments& arguments) {
  const auto on_step = [](const std::string& step) { fmt::print(stderr, "{} ...\n", step); };
  const auto cost = TRY(bench::bench_cameras(arguments.load, on_step, stop_requested()));
  print(report_text(cost));
  if (arguments.json.empty()) return {};
  const std::string text = to_json(cost).dump(2) + "\n";
  if (arguments.json == "-") {
    print(text);
    return {};
  }
  return write_file(arguments.json, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
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
      ->required()
      ->check(CLI::ExistingFile)
      ->type_name("F");
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
  command->add_option("--model", load.model, "The detector")
      ->capture_default_str()
      ->type_name("M");
  command->add_option("--fps", load.fps, "Frames analysed a second, awake")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 30.0));
  command->add_flag("--always-awake", arguments->always_awake,
                    "Decode every frame of every camera");
  command->add_option("--seed", load.seed, "Of which camera begins where")->capture_default_str();
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
