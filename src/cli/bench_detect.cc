// pasu bench detect: detectors' speed, and whole runs against Python.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <nlohmann/json.hpp>

#include "artifact/package.h"
#include "cli/bench_command.h"
#include "cli/command.h"
#include "cli/output.h"
#include "detect/models.h"
#include "job/detect_bench.h"

namespace pasu::cli {
namespace {

using nlohmann::ordered_json;

constexpr size_t kFrames = 32;  // Kept decoded, shown in turn.

constexpr const char* kFooter = R"(Examples:
  pasu bench detect                        every model there is, then pasu against Python
  pasu bench detect --model yolox_nano.onnx --seconds 5
  pasu bench detect --clip yard.mp4 --json > bench.json

Images per CPU-second count the user and system time of all threads: what a machine with nothing
else to do gives for each of its cores. Latency runs from handing a picture over to its boxes. The
comparison runs `pasu detect` and bench/detect_python.py (OpenCV and OpenVINO, same model, same
clip) by turns, as whole programs; bench/setup.sh makes the Python it needs. docs/ref/bench.md has
figures measured with this command.)";

struct Arguments {
  std::string clip = "demo/vtest.avi";
  std::vector<std::string> models;
  double seconds = 2;
  int rounds = 3;
  bool json = false;
};

struct Candidate {
  std::string model;
  geom::Size input;
};

// Every size of every package, and the classic method.
Result<std::vector<Candidate>> candidates(const std::vector<std::string>& wanted) {
  std::vector<std::string> models = wanted;
  if (models.empty()) {
    for (const auto& found : detect::list_models()) models.push_back(found.name);
    models.emplace_back("hog");
  }
  std::vector<Candidate> out;
  for (const std::string& model : models) {
    if (model == "hog") {
      out.push_back({model, {}});
      continue;
    }
    const auto path = TRY(detect::find_model(model));
    if (!std::filesystem::is_directory(path)) {
      out.push_back({model, {}});
      continue;
    }
    const auto package = TRY(artifact::load_package(path));
    for (const auto& variant : package.manifest.variants) {
      const auto measured = [&](const Candidate& c) {
        return c.model == model && c.input == variant.input;
      };
      // Of several precisions at one size, pasu runs the first.
      if (std::ranges::none_of(out, measured)) out.push_back({model, variant.input});
    }
  }
  return out;
}

std::string cpu_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown CPU";
}

ordered_json to_json(const job::ModelCost& cost) {
  return {{"model", cost.model},
          {"input", {cost.input.width, cost.input.height}},
          {"precision", cost.precision},
          {"streams", cost.streams},
          {"batch", cost.batch},
          {"images_per_cpu_second", cost.images_per_cpu_second},
          {"images_per_second", cost.images_per_second},
          {"latency_p50_ms", cost.latency_p50_ms},
          {"latency_p95_ms", cost.latency_p95_ms}};
}

ordered_json to_json(const job::RunCost& cost) {
  return {{"cpu_seconds", cost.cpu_seconds},
          {"wall_seconds", cost.wall_seconds},
          {"frames_per_cpu_second", cost.frames_per_cpu_second()},
          {"boxes", cost.boxes}};
}

class Bench {
 public:
  Bench(const Arguments& arguments) : arguments_(arguments) {}

  Result<void> run() {
    const auto frames = TRY(job::read_frames(arguments_.clip, kFrames));
    const int cores = std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
    out_["cpu"] = cpu_name();
    out_["cores"] = cores;
    out_["clip"] = arguments_.clip;
    say(fmt::format("{}, {} cores; {} ({}x{})\n\n", cpu_name(), cores, arguments_.clip,
                    frames[0].width, frames[0].height));
    TRY(models(frames, cores));
    end_to_end();
    if (arguments_.json) print(out_.dump(2) + "\n");
    return {};
  }

 private:
  void say(const std::string& text) const {
    if (!arguments_.json) print(text);
  }

  Result<void> models(const std::vector<media::Frame>& frames, int cores) {
    say(fmt::format("{:<36} {:>9} {:>10} {:>7} {:>6} {:>11} {:>9} {:>15}\n", "model", "input",
                    "precision", "threads", "batch", "img/CPU-s", "img/s", "ms p50, p95"));
    std::vector<int> threads = {1};
    if (cores > 1) threads.push_back(cores);
    for (const auto& [model, input] : TRY(candidates(arguments_.models))) {
      for (const int streams : threads) {
        for (const int batch : {1, 8}) {
          if (model == "hog" && batch > 1) continue;  // Knows no batches.
          const auto cost = TRY(job::bench_model({.model = model,
                                                  .input = input,
                                                  .streams = streams,
                                                  .batch = batch,
                                                  .seconds = arguments_.seconds},
                                                 frames, stop_requested()));
          out_["models"].push_back(to_json(cost));
          say(fmt::format("{:<36} {:>9} {:>10} {:>7} {:>6} {:>11.1f} {:>9.1f} {:>7.2f} {:>7.2f}\n",
                          cost.model, fmt::format("{}x{}", cost.input.width, cost.input.height),
                          cost.precision, streams, batch, cost.images_per_cpu_second,
                          cost.images_per_second, cost.latency_p50_ms, cost.latency_p95_ms));
        }
      }
    }
    return {};
  }

  // Without a Python to compare with the rest is worth having.
  void end_to_end() {
    const std::string model = arguments_.models.empty() ? "person" : arguments_.models.front();
    const auto result = job::bench_end_to_end(
        {.clip = arguments_.clip, .model = model, .repeats = 5, .rounds = arguments_.rounds},
        stop_requested());
    if (!result) {
      out_["end_to_end"] = nullptr;
      std::fprintf(stderr, "pasu: no comparison with Python: %s\n",
                   result.error().message().c_str());
      return;
    }
    out_["end_to_end"] = {{"model", result->model},
                          {"frames", result->pasu.frames},
                          {"rounds", result->rounds},
                          {"pasu", to_json(result->pasu)},
                          {"python", to_json(result->python)},
                          {"ratio", result->ratio()}};
    say(fmt::format("\nwhole runs over {} x {}, model {}, median of {} by turns\n", result->repeats,
                    result->clip, result->model, result->rounds));
    const auto line = [&](const char* name, const job::RunCost& cost) {
      say(fmt::format("{:<28} {:>8.1f} frames/CPU-s {:>8.2f} CPU-s {:>8.2f} s {:>7} boxes\n", name,
                      cost.frames_per_cpu_second(), cost.cpu_seconds, cost.wall_seconds,
                      cost.boxes));
    };
    line("pasu detect", result->pasu);
    line("Python, OpenCV, OpenVINO", result->python);
    say(fmt::format("ratio of frames per CPU-second {:.2f}\n", result->ratio()));
  }

  const Arguments& arguments_;
  ordered_json out_;
};

}  // namespace

void add_bench_detect(CLI::App& bench, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      bench.add_subcommand("detect", "Detectors' speed, and `pasu detect` against Python");
  command->add_option("--clip", arguments->clip, "The video to measure with")
      ->capture_default_str()
      ->type_name("FILE");
  command
      ->add_option("--model", arguments->models,
                   "Only these models (all packages there are, and hog); the first is compared")
      ->type_name("M");
  command->add_option("--seconds", arguments->seconds, "Time for each line of the table")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 600.0));
  command->add_option("--rounds", arguments->rounds, "Whole runs of each program")
      ->capture_default_str()
      ->check(CLI::Range(1, 99));
  command->add_flag("--json", arguments->json, "One JSON object instead of tables");
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    const auto done = Bench(*arguments).run();
    exit_code = finish_output(done ? kDone : report(done.error()));
  });
}

}  // namespace pasu::cli
