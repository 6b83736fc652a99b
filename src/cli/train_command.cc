// pasu train: so far what can be said before training begins.
#include <memory>

#include "cli/command.h"
#include "cli/output.h"
#include "train/pipeline/check.h"

namespace pasu::cli {
namespace {

using pipeline::Level;

constexpr const char* kFooter = R"(Examples:
  pasu train --check pipeline.config                 configuration, data, classes, checkpoint, memory
  pasu train --check --no-records pipeline.config    without reading every record

pipeline.config is the TF Object Detection API's. A broken one is named with line and column; a
good one is held against what is there, each remark with its line: errors (training would fail),
warnings (probably not what was meant) and notes. Exit code 0: no errors. docs/ref/pipeline.md has
what is checked.)";

struct Arguments {
  std::string config;
  bool check = false;
  bool no_records = false;
};

void print_report(const pipeline::Report& report, const pipeline::Config& config) {
  const bool color = Terminal::of_stdout().color;
  for (const auto& remark : report.remarks) {
    const char* tint = remark.level == Level::error     ? "\033[31m"
                       : remark.level == Level::warning ? "\033[33m"
                                                        : "";
    print(fmt::format("{}{}{}\n", color ? tint : "", remark.text(config.path),
                      color && *tint != 0 ? "\033[0m" : ""));
  }
  if (!report.remarks.empty()) print("\n");
  if (!report.classes.empty()) {
    std::string names;
    constexpr size_t kShown = 8;
    for (size_t i = 0; i < report.classes.size() && i < kShown; ++i)
      names += (i > 0 ? ", " : "") + report.classes[i];
    if (report.classes.size() > kShown)
      names += fmt::format(" and {} more", report.classes.size() - kShown);
    print(fmt::format("{:<20} {}\n", "classes", names));
  }
  for (const auto& input : report.inputs)
    if (input.records > 0)
      print(fmt::format("{:<20} {} records in {} files, {} boxes, {} records without\n",
                        input.field, input.records, input.files.size(), input.boxes,
                        input.without_boxes));
  if (report.memory_bytes)
    print(fmt::format("{:<20} about {}\n", "memory",
                      bytes_text(static_cast<double>(*report.memory_bytes))));
  print(fmt::format("{:<20} {} errors, {} warnings, {} notes\n", "found",
                    report.count(Level::error), report.count(Level::warning),
                    report.count(Level::note)));
}

int train(const Arguments& arguments) {
  const auto config = pipeline::read_config(arguments.config);
  if (!config) return report(config.error());
  const auto found = pipeline::check(
      *config,
      {.read_records = !arguments.no_records, .memory_available = pipeline::memory_available()},
      stop_requested());
  print_report(found, *config);
  if (stop_requested()) return kInterrupted;
  return found.count(Level::error) > 0 ? kFailed : kDone;
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("train", "Check a training configuration (training itself is to come)");
  command->add_option("CONFIG", arguments->config, "A pipeline.config")->required();
  command->add_flag("--check", arguments->check,
                    "Say what is wrong with it and its data, and do not train");
  command->add_flag("--no-records", arguments->no_records,
                    "Look whether the record files are there, and do not read them");
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    if (!arguments->check) {
      exit_code = report(Error(Errc::unsupported,
                               "this pasu does not train yet: training comes with the trainer; "
                               "pasu train --check " +
                                   arguments->config + " checks the configuration"));
      return;
    }
    exit_code = finish_output(train(*arguments));
  });
}

}  // namespace pasu::cli
