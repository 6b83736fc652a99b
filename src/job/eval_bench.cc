#include "job/eval_bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <map>

#include "base/part_file.h"
#include "base/process_usage.h"
#include "base/read_file.h"
#include "job/child_cost.h"
#include "job/scratch.h"
#include "train/data/coco.h"
#include "train/data/json_reader.h"
#include "train/eval/made_up.h"
#include "train/eval/results.h"

namespace pasu::job {
namespace {

constexpr int kOursEachRound = 3;  // Short runs scatter more.
constexpr const char* kPeers[] = {"pycocotools", "faster_coco_eval"};

struct Clocks {
  double wall, cpu;
  static Clocks now() {
    return {
        std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(),
        process_cpu_seconds()};
  }
};

Result<EvalCost> run_pasu(const std::string& annotations, const std::string& results, int threads) {
  const Clocks begin = Clocks::now();
  const auto set = TRY(data::read_coco(annotations));
  const auto truth = TRY(eval::ground_truth(set));
  const auto detections = TRY(eval::read_results(results, truth));
  const Clocks read = Clocks::now();
  const auto result = eval::evaluate_coco(truth, detections.detections,
                                          {.max_dets = {1, 10, 100}, .threads = threads});
  const Clocks end = Clocks::now();
  return EvalCost{.read_seconds = read.wall - begin.wall,
                  .evaluate_seconds = end.wall - read.wall,
                  .evaluate_cpu_seconds = end.cpu - read.cpu,
                  .numbers = result.numbers};
}

Result<EvalCost> parse_cost(const std::string& path) {
  const std::string text = TRY(read_file(path, 1 << 16));
  data::JsonReader json(text);
  EvalCost out;
  TRY(json.enter_object());
  while (const auto key = TRY(json.next_key())) {
    if (*key == "numbers") {
      TRY(json.enter_array());
      for (size_t i = 0; TRY(json.next_element()); ++i) {
        const double value = TRY(json.number());
        if (i < out.numbers.size()) out.numbers[i] = value;
      }
    } else {
      const std::string name(*key);
      const double value = TRY(json.number());
      if (name == "read_seconds") out.read_seconds = value;
      if (name == "evaluate_seconds") out.evaluate_seconds = value;
      if (name == "evaluate_cpu_seconds") out.evaluate_cpu_seconds = value;
    }
  }
  return out;
}

EvalCost median(std::vector<EvalCost> costs) {
  std::ranges::sort(costs, {}, &EvalCost::evaluate_seconds);
  EvalCost out = costs[costs.size() / 2];
  std::ranges::sort(costs, {}, &EvalCost::read_seconds);
  out.read_seconds = costs[costs.size() / 2].read_seconds;
  return out;
}

class Bench {
 public:
  Bench(const EvalBenchOptions& options, const std::atomic<bool>& stop)
      : options_(options), stop_(stop) {}

  Result<void> find_peers(const std::function<void(const std::string&)>& on_missing) {
    const auto bench = bench_folder("eval_python.py");
    if (!bench) {
      on_missing(bench.error().message());
      return {};
    }
    script_ = (*bench / "eval_python.py").string();
    for (const std::string peer : kPeers) {
      for (const std::string& python :
           {(*bench / "venv/bin/python3").string(), std::string("python3")}) {
        const auto imported = run_child({python, "-c", "import " + peer}, stop_);
        if (stop_) return fail(Errc::cancelled, "stopped");
        if (imported && !pythons_.contains(peer)) pythons_[peer] = python;
      }
      if (!pythons_.contains(peer))
        on_missing(fmt::format("no python3 with {}; {} makes one from PyPI", peer,
                               (*bench / "setup.sh").string()));
    }
    return {};
  }

  Result<void> measure(size_t detections, const std::function<void(const EvalLine&)>& on_line) {
    const eval::MadeUpOptions whole;
    const auto made = eval::make_up({.pictures = options_.pictures,
                                     .truths = whole.truths * options_.pictures / whole.pictures,
                                     .detections = detections});
    annotations_ = scratch_.file("annotations.json");
    results_ = scratch_.file("results.json");
    TRY(data::write_coco(made.set, annotations_));
    TRY(write_file(results_, as_bytes(eval::results_json(made.detections, made.truth))));
    std::map<std::string, std::vector<EvalCost>> costs;
    for (int round = 0; round < options_.rounds; ++round) {
      for (int i = 0; i < kOursEachRound; ++i)
        costs["pasu"].push_back(TRY(run_pasu(annotations_, results_, options_.threads)));
      for (const auto& [peer, python] : pythons_)
        costs[peer].push_back(TRY(run_peer(peer, python)));
    }
    const EvalCost ours = median(costs["pasu"]);
    on_line({.program = "pasu", .detections = detections, .cost = ours});
    for (const std::string peer : kPeers) {
      if (!costs.contains(peer)) continue;
      EvalLine line{.program = peer, .detections = detections, .cost = median(costs[peer])};
      for (size_t i = 0; i < ours.numbers.size(); ++i)
        line.differs = std::max(line.differs, std::abs(line.cost.numbers[i] - ours.numbers[i]));
      line.ratio = line.cost.evaluate_seconds / ours.evaluate_seconds;
      line.cpu_ratio = line.cost.evaluate_cpu_seconds / ours.evaluate_cpu_seconds;
      on_line(line);
    }
    return {};
  }

 private:
  Result<EvalCost> run_peer(const std::string& peer, const std::string& python) {
    const std::string out = scratch_.file("cost.json");
    TRY(run_child({python, script_, peer, annotations_, results_, out}, stop_));
    return parse_cost(out);
  }

  const EvalBenchOptions& options_;
  const std::atomic<bool>& stop_;
  Scratch scratch_;
  std::string script_, annotations_, results_;
  std::map<std::string, std::string> pythons_;  // By peer.
};

}  // namespace

Result<void> bench_eval(const EvalBenchOptions& options,
                        const std::function<void(const EvalLine&)>& on_line,
                        const std::function<void(const std::string&)>& on_missing,
                        const std::atomic<bool>& stop) {
  Bench bench(options, stop);
  TRY(bench.find_peers(on_missing));
  for (const size_t detections : options.detections) TRY(bench.measure(detections, on_line));
  return {};
}

}  // namespace pasu::job
