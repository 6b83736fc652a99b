#include <algorithm>
#include <filesystem>
#include <fstream>

#include "artifact/package.h"
#include "detect/models.h"
#include "job/child_cost.h"
#include "job/detect_bench.h"
#include "job/scratch.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;

constexpr float kBareThreshold = 0.5f;  // Of networks without a manifest.

struct Comparison {
  std::string python, script;
  std::string network;  // The file that both run.
  geom::Size input;
  float threshold = kBareThreshold;
};

Result<std::string> find_python(const fs::path& bench, const std::atomic<bool>& stop) {
  for (const std::string& python : {(bench / "venv/bin/python3").string(), std::string("python3")})
    if (run_child({python, "-c", "import cv2, numpy, openvino"}, stop)) return python;
  return fail(Errc::not_found, "no python3 with openvino, cv2 and numpy; {} makes one from PyPI",
              (bench / "setup.sh").string());
}

Result<void> find_network(const std::string& model, Comparison& out) {
  const fs::path path = TRY(detect::find_model(model));
  if (!fs::is_directory(path)) {
    out.network = path.string();
    return {};
  }
  const auto package = TRY(artifact::load_package(path));
  const artifact::Variant& variant = package.manifest.variants.front();
  out.network = package.file(variant.file).string();
  out.input = variant.input;
  out.threshold = variant.threshold;
  return {};
}

// Counts what a run wrote: both must have done the same work.
void count(const std::string& lines, RunCost& cost) {
  std::ifstream file(lines);
  cost.frames = cost.boxes = 0;
  for (std::string line; std::getline(file, line);) {
    ++cost.frames;
    for (size_t at = 0; (at = line.find("\"label\"", at)) != line.npos; ++at) ++cost.boxes;
  }
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

Result<EndToEnd> bench_end_to_end(const EndToEndOptions& options, const std::atomic<bool>& stop) {
  Comparison parts;
  const fs::path bench = TRY(bench_folder("detect_python.py"));
  parts.script = (bench / "detect_python.py").string();
  parts.python = TRY(find_python(bench, stop));
  TRY(find_network(options.model, parts));
  const Scratch scratch;
  const std::string ours = scratch.file("pasu.jsonl"), theirs = scratch.file("python.jsonl");
  const std::string threshold = fmt::format("{}", parts.threshold);
  std::vector<std::string> pasu = {
      this_program().string(), "detect",      "--json", ours, "--model",
      options.model,           "--threshold", threshold};
  std::vector<std::string> python = {
      parts.python,  parts.script,
      parts.network, fmt::format("{}x{}", parts.input.width, parts.input.height),
      threshold,     theirs};
  for (int i = 0; i < options.repeats; ++i) {
    pasu.push_back(options.clip);
    python.push_back(options.clip);
  }

  EndToEnd out{.clip = options.clip,
               .model = options.model,
               .repeats = options.repeats,
               .rounds = options.rounds,
               .pasu = {},
               .python = {}};
  std::vector<double> cpu[2], wall[2];
  for (int round = 0; round < options.rounds; ++round) {
    for (const int which : {0, 1}) {
      const ChildCost cost = TRY(run_child(which == 0 ? pasu : python, stop));
      cpu[which].push_back(cost.cpu_seconds);
      wall[which].push_back(cost.wall_seconds);
    }
  }
  out.pasu.cpu_seconds = median(cpu[0]);
  out.pasu.wall_seconds = median(wall[0]);
  out.python.cpu_seconds = median(cpu[1]);
  out.python.wall_seconds = median(wall[1]);
  count(ours, out.pasu);
  count(theirs, out.python);
  if (out.pasu.frames != out.python.frames)
    return fail(Errc::internal, "{}: pasu saw {} frames, Python {}: nothing to compare",
                options.clip, out.pasu.frames, out.python.frames);
  return out;
}

}  // namespace pasu::job
