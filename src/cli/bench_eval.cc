// pasu bench eval: evaluation against pycocotools and faster_coco_eval.
#include <memory>

#include <nlohmann/json.hpp>

#include "cli/bench_command.h"
#include "cli/command.h"
#include "cli/output.h"
#include "job/eval_bench.h"

namespace pasu::cli {
namespace {

using nlohmann::ordered_json;

constexpr double kSame = 1e-6;

constexpr const char* kFooter = R"(Examples:
  pasu bench eval                            180,000 and 500,000 detections, three rounds
  pasu bench eval --detections 20000 --rounds 1 --json

5,000 pictures, 80 categories and 36,781 objects are made up like COCO's validation set, the same
on every machine, with results of that many detections; then each program gives COCO's twelve
numbers from the same two files, by turns. "evaluate" is what pycocotools calls evaluate, accumulate
and summarize; ratios are of its wall and its CPU time. bench/setup.sh makes the Python that is needed, from
PyPI. docs/ref/bench.md has figures measured with this command.)";

struct Arguments {
  job::EvalBenchOptions options;
  bool json = false;
};

ordered_json to_json(const job::EvalLine& line) {
  ordered_json out{{"program", line.program},
                   {"detections", line.detections},
                   {"read_seconds", line.cost.read_seconds},
                   {"evaluate_seconds", line.cost.evaluate_seconds},
                   {"evaluate_cpu_seconds", line.cost.evaluate_cpu_seconds},
                   {"ratio", line.ratio},
                   {"cpu_ratio", line.cpu_ratio},
                   {"differs", line.differs}};
  for (size_t i = 0; i < line.cost.numbers.size(); ++i)
    out["coco"][eval::kCocoNames[i]] = line.cost.numbers[i];
  return out;
}

Result<void> bench(const Arguments& arguments) {
  ordered_json lines = ordered_json::array();
  double differs = 0;
  if (!arguments.json)
    print(fmt::format("{:<18} {:>10} {:>10} {:>12} {:>10} {:>8} {:>7} {:>7}  {}\n", "program",
                      "detections", "read s", "evaluate s", "CPU s", "AP", "ratio", "of CPU",
                      "numbers"));
  TRY(job::bench_eval(
      arguments.options,
      [&](const job::EvalLine& line) {
        differs = std::max(differs, line.differs);
        lines.push_back(to_json(line));
        if (arguments.json) return;
        const bool ours = line.program == "pasu";
        print(fmt::format("{:<18} {:>10} {:>10.3f} {:>12.4f} {:>10.4f} {:>8.5f} {:>7} {:>7}  {}\n",
                          line.program, line.detections, line.cost.read_seconds,
                          line.cost.evaluate_seconds, line.cost.evaluate_cpu_seconds,
                          line.cost.numbers[0], ours ? "" : fmt::format("{:.1f}", line.ratio),
                          ours ? "" : fmt::format("{:.1f}", line.cpu_ratio),
                          ours                    ? ""
                          : line.differs <= kSame ? fmt::format("same to {:.0e}", kSame)
                                                  : fmt::format("differ by {:.2g}", line.differs)));
      },
      [](const std::string& missing) {
        std::fprintf(stderr, "pasu: no comparison: %s\n", missing.c_str());
      },
      stop_requested()));
  if (arguments.json) print(lines.dump(2) + "\n");
  if (differs > kSame)
    return fail(Errc::internal, "the programs' numbers differ by up to {:.2g}", differs);
  return {};
}

}  // namespace

void add_bench_eval(CLI::App& bench_command, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      bench_command.add_subcommand("eval", "`pasu eval` against pycocotools and faster_coco_eval");
  command->add_option("--detections", arguments->options.detections, "How many, one table for each")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 20'000'000))
      ->type_name("N,N");
  command->add_option("--pictures", arguments->options.pictures, "Annotated pictures")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--rounds", arguments->options.rounds, "Runs of each program")
      ->capture_default_str()
      ->check(CLI::Range(1, 99));
  command->add_option("--threads", arguments->options.threads, "pasu's; 0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  command->add_flag("--json", arguments->json, "JSON instead of a table");
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    const auto done = bench(*arguments);
    exit_code = finish_output(done ? kDone : report(done.error()));
  });
}

}  // namespace pasu::cli
