// pasu-train: what of pasu needs libtorch. `pasu train` runs it from its own folder.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "base/guard.h"
#include "base/read_file.h"
#include "train/fit/run.h"
#include "train/fit/settings.h"
#include "train/pipeline/check.h"

namespace {

using namespace pasu;

enum ExitCode { kDone = 0, kFailed = 1, kWrongUse = 2, kInterrupted = 130 };

std::atomic<bool> g_stop = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// The second one ends the program at once.
void on_signal(int number) {
  if (g_stop.exchange(true)) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

void watch_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

struct Arguments {
  std::string config, folder, from;
  int64_t steps = 0;
  bool resume = false;
};

// False: training would fail.
bool check(const pipeline::Config& config, const Arguments& arguments) {
  // What it begins with is named, or is in the run that goes on.
  const bool begun = arguments.resume && std::filesystem::exists(arguments.folder + "/last.ckpt");
  const auto report = pipeline::check(config,
                                      {.read_records = true,
                                       .checkpoint = arguments.from.empty() && !begun,
                                       .memory_available = pipeline::memory_available()},
                                      g_stop);
  for (const auto& remark : report.remarks)
    if (remark.level != pipeline::Level::note)
      std::fprintf(stderr, "%s\n", remark.text(config.path).c_str());
  return report.count(pipeline::Level::error) == 0;
}

Result<int> run_training(const Arguments& arguments) {
  constexpr size_t kConfigBytesMax = 1u << 20;
  const auto config = TRY(pipeline::read_config(arguments.config));
  if (!check(config, arguments)) return kFailed;
  if (g_stop) return kInterrupted;
  train::Settings settings = TRY(train::settings_from(config, arguments.steps));
  settings.text = TRY(read_file(arguments.config, kConfigBytesMax));
  const train::RunOptions options{.folder = arguments.folder,
                                  .resume = arguments.resume,
                                  .from = arguments.from,
                                  .interactive = isatty(STDERR_FILENO) != 0};
  const auto result = TRY(guard([&] { return train::run(settings, options, g_stop); }));
  if (!result.finished) {
    std::fprintf(stderr, "stopped after step %lld; --resume goes on from there\n",
                 static_cast<long long>(result.step));
    return kInterrupted;
  }
  std::printf("%s/last.ckpt: step %lld\n", arguments.folder.c_str(),
              static_cast<long long>(result.step));
  if (result.best_score >= 0)
    std::printf("%s/best.ckpt: step %lld, mean AP50 %.3f\n", arguments.folder.c_str(),
                static_cast<long long>(result.best_step), result.best_score);
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  // A step frees and asks again for the same hundreds of megabytes. Given back to the kernel each
  // time, half of the time goes into page faults.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 256 << 20);

  CLI::App app{"pasu-train trains detectors; it is what `pasu train` runs.", "pasu-train"};
  app.set_version_flag("--version", "pasu-train " PASU_VERSION);
  Arguments arguments;
  app.add_option("CONFIG", arguments.config, "A pipeline.config")->required();
  app.add_option("--model_dir,--model-dir", arguments.folder, "Where the run is kept")
      ->required()
      ->type_name("DIR");
  app.add_flag("--resume", arguments.resume, "Go on with the run that is in the folder");
  app.add_option("--from", arguments.from,
                 "A checkpoint whose weights to begin with, of pasu's or TensorFlow's")
      ->type_name("FILE");
  app.add_option("--num_train_steps,--num-train-steps", arguments.steps,
                 "Steps, instead of the configuration's num_steps")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kDone : kWrongUse;
  }
  watch_signals();
  const auto code = run_training(arguments);
  if (code) return *code;
  std::fprintf(stderr, "pasu-train: %s\n", code.error().message().c_str());
  return code.error().code() == Errc::cancelled ? kInterrupted : kFailed;
}
