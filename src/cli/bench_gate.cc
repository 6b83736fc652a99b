// pasu bench gate: what the gate saves on clips, and whom it misses.
#include <chrono>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "cli/bench_command.h"
#include "cli/command.h"
#include "cli/output.h"
#include "job/gate_bench.h"

namespace pasu::cli {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFooter = R"(Examples:
  bench/gate_clips.sh bench/media/gate demo/vtest.avi     makes the clips
  pasu bench gate bench/media/gate/*.mp4
  pasu bench gate --missed --heartbeat 2 yard.mp4 --json

Each clip is gone through twice: every frame decoded and --fps of them analysed a second, and through
the gate. A person-second is a second in which full analysis saw a person in two frames or more. It
is missed where the gated run analysed less than half as many frames of that second and had no track
there. "empty" is the time without anybody by full analysis, "awake" how much of it was awake; false
wakes found nobody. CPU-ms are those of the whole process, a second of the clip. docs/design/gate.md
has figures measured with this command.)";

struct Arguments {
  std::vector<std::string> clips;
  detect::DetectorOptions detector;
  job::GateBenchOptions bench;
  double heartbeat = 4;
  bool no_look_back = false, missed = false, json = false;
};

ordered_json to_json(const job::GateCost& cost) {
  const gate::GateCounters& c = cost.counters;
  ordered_json missed = ordered_json::array();
  for (const job::MissedSecond& m : cost.missed)
    missed.push_back(
        {{"second", m.second}, {"track", m.track}, {"box", {m.box.x, m.box.y, m.box.w, m.box.h}}});
  return {{"clip", cost.clip},
          {"seconds", cost.seconds},
          {"person_seconds", cost.person_seconds},
          {"missed", std::move(missed)},
          {"miss_rate", cost.miss_rate()},
          {"awake_share", cost.awake_share},
          {"empty_share", cost.empty_share},
          {"empty_awake", cost.empty_awake},
          {"false_wakes_per_minute", cost.false_wakes()},
          {"full_cpu_ms", cost.full_cpu_ms},
          {"gated_cpu_ms", cost.gated_cpu_ms},
          {"full_analysed", cost.full_analysed},
          {"analysed", c.analysed},
          {"heartbeats", c.heartbeats},
          {"units", c.units},
          {"skipped", c.skipped},
          {"alone", c.alone},
          {"compared", c.compared},
          {"still", c.still},
          {"moved", c.moved},
          {"scene_changes", c.scene_changes},
          {"shaken", c.shaken},
          {"light", c.light},
          {"wakes",
           {{"motion", c.wakes_motion},
            {"heartbeat", c.wakes_heartbeat},
            {"scene_changed", c.wakes_scene},
            {"nobody", c.wakes_nobody}}},
          {"replays", c.replays}};
}

std::string head() {
  return fmt::format("{:<38} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} {:>8} {:>7} {:>7} {:>7}\n",
                     "clip", "s", "pers-s", "missed", "miss %", "awake", "empty", "awake",
                     "compared", "false/m", "full ms", "gate ms");
}

std::string line(const job::GateCost& c) {
  return fmt::format(
      "{:<38} {:>6.1f} {:>7} {:>6} {:>6.2f} {:>5.0f}% {:>5.0f}% {:>5.0f}% {:>8} {:>7.1f} {:>7.2f} "
      "{:>7.2f}\n",
      std::filesystem::path(c.clip).stem().string(), c.seconds, c.person_seconds, c.missed.size(),
      100 * c.miss_rate(), 100 * c.awake_share, 100 * c.empty_share, 100 * c.empty_awake,
      c.counters.compared, c.false_wakes(), c.full_cpu_ms, c.gated_cpu_ms);
}

Result<void> run(Arguments& arguments) {
  arguments.detector.streams = 1;
  arguments.detector.score_min = 0.1f;
  arguments.bench.gate.heartbeat =
      std::chrono::milliseconds(static_cast<int64_t>(1e3 * arguments.heartbeat));
  arguments.bench.gate.look_back = !arguments.no_look_back;
  const auto detector = TRY(detect::Detector::open(arguments.detector));
  ordered_json out = ordered_json::array();
  if (!arguments.json) print(head());
  for (const std::string& clip : arguments.clips) {
    const auto cost = TRY(job::bench_gate(clip, *detector, arguments.bench, stop_requested()));
    if (arguments.json) {
      out.push_back(to_json(cost));
      continue;
    }
    print(line(cost));
    if (!arguments.missed) continue;
    for (const job::MissedSecond& m : cost.missed)
      print(fmt::format("    missed: second {}, track {}, {:.0f}x{:.0f} at {:.0f}, {:.0f}\n",
                        m.second, m.track, m.box.w, m.box.h, m.box.x, m.box.y));
  }
  if (arguments.json) print(out.dump(2) + "\n");
  return {};
}

}  // namespace

void add_bench_gate(CLI::App& bench, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      bench.add_subcommand("gate", "What the gate saves on clips, and whom it misses");
  command->add_option("clips", arguments->clips, "Videos with a key frame each second or so")
      ->required()
      ->type_name("CLIP");
  command->add_option("--model", arguments->detector.model, "The detector")
      ->capture_default_str()
      ->type_name("M");
  command->add_option("--threshold", arguments->bench.threshold, "Score (the model's own)")
      ->check(CLI::Range(0.01, 0.99));
  command->add_option("--fps", arguments->bench.gate.fps, "Frames analysed a second, awake")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 30.0));
  command->add_option("--heartbeat", arguments->heartbeat, "Seconds between looks, asleep; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 3600.0));
  command->add_flag("--no-look-back", arguments->no_look_back,
                    "Woken, do not decode the GOP before");
  command->add_flag("--missed", arguments->missed, "Tell each person-second that was missed");
  command->add_flag("--json", arguments->json, "One JSON array instead of a table");
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    const auto done = run(*arguments);
    exit_code = finish_output(done ? kDone : report(done.error()));
  });
}

}  // namespace pasu::cli
