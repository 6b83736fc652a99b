// pasu train: what can be said before training begins; training itself is pasu-train's, which lies
// beside this program and alone links libtorch.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"
#include "train/pipeline/check.h"
#include "train/ssd/settings.h"

namespace pasu::cli {
namespace {

using pipeline::Level;

constexpr const char* kFooter = R"(Examples:
  pasu train pipeline.config --model_dir run         train; run/ gets checkpoints, logs, a report
  pasu train pipeline.config --model_dir run --resume       go on where it was stopped or killed
  pasu train pipeline.config --model_dir run2 --from run/best.ckpt       begin with these weights
  pasu train --check pipeline.config                 configuration, data, classes, checkpoint, memory
  pasu train --check --no-records pipeline.config    without reading every record

pipeline.config is the TF Object Detection API's. A broken one is named with line and column; a
good one is held against what is there, each remark with its line: errors (training would fail),
warnings (probably not what was meant) and notes. Exit code 0: no errors. docs/ref/pipeline.md has
what is checked, docs/ref/training.md how it is trained. Ctrl-C writes a checkpoint and ends with 130.)";

struct Arguments {
  std::string config;
  std::string folder, from;
  bool resume = false;
  int64_t steps = 0;  // 0: as the configuration says.
  bool check = false;
  bool no_records = false;
};

/// Becomes pasu-train; comes back only where that is not possible.
Error become_trainer(const Arguments& arguments) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string trainer = (self.parent_path() / "pasu-train").string();
  std::vector<std::string> words = {trainer, arguments.config, "--model_dir", arguments.folder};
  if (arguments.resume) words.emplace_back("--resume");
  if (!arguments.from.empty()) words.insert(words.end(), {"--from", arguments.from});
  if (arguments.steps > 0)
    words.insert(words.end(), {"--num_train_steps", std::to_string(arguments.steps)});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(trainer.c_str(), argv.data());
  return Error(Errc::not_found,
               fmt::format("{}: {}; it is built where libtorch is: scripts/setup.sh --train "
                           "installs that, then build again",
                           trainer, std::strerror(errno)));
}

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

/// What training refuses that only shows where its settings are made.
void try_settings(const pipeline::Config& config, pipeline::Report& report) {
  const pipeline::Value* ssd = config.find("model.ssd");
  if (ssd == nullptr || report.count(Level::error) > 0) return;
  const auto made = train::ssd::settings_from(config);
  if (made) return;
  std::string what = made.error().message();
  if (what.starts_with(config.path + ": ")) what.erase(0, config.path.size() + 2);
  report.remarks.insert(
      report.remarks.begin(),
      {.level = Level::error, .field = "model.ssd", .place = ssd->place, .what = what});
}

int check(const Arguments& arguments) {
  const auto config = pipeline::read_config(arguments.config);
  if (!config) return report(config.error());
  auto found = pipeline::check(*config,
                               {.read_records = !arguments.no_records,
                                .checkpoint = arguments.from.empty(),
                                .memory_available = pipeline::memory_available()},
                               stop_requested());
  try_settings(*config, found);
  print_report(found, *config);
  if (stop_requested()) return kInterrupted;
  return found.count(Level::error) > 0 ? kFailed : kDone;
}

}  // namespace

void add_train(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("train", "Train a detector from a pipeline.config, or check one");
  command->add_option("CONFIG", arguments->config, "A pipeline.config")->required();
  command
      ->add_option("--model_dir,--model-dir", arguments->folder,
                   "Where the run is kept: checkpoints, logs, the report")
      ->type_name("DIR");
  command->add_flag("--resume", arguments->resume, "Go on with the run that is in the folder");
  command
      ->add_option("--from", arguments->from,
                   "A checkpoint whose weights to begin with: pasu's, or a TensorFlow one's folder "
                   "or what its files begin with")
      ->type_name("FILE");
  command
      ->add_option("--num_train_steps,--num-train-steps", arguments->steps,
                   "Steps, instead of the configuration's num_steps")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->type_name("N");
  command->add_flag("--check", arguments->check,
                    "Say what is wrong with it and its data, and do not train");
  command->add_flag("--no-records", arguments->no_records,
                    "Look whether the record files are there, and do not read them");
  command->footer(kFooter);
  command->callback([arguments, &exit_code] {
    if (!arguments->check && arguments->folder.empty()) {
      report(Error(Errc::invalid_argument, "pasu train needs --model_dir DIR, or --check"));
      exit_code = kWrongUse;
      return;
    }
    if (!arguments->check) {
      exit_code = report(become_trainer(*arguments));
      return;
    }
    exit_code = finish_output(check(*arguments));
  });
}

}  // namespace pasu::cli
