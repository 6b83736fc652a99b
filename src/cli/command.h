// What each subcommand's file gives to main: a function that adds it to the command line.
#pragma once

#include <atomic>

#include <CLI/CLI.hpp>

#include "base/result.h"

namespace pasu::cli {

/// Exit codes: 0 done, 1 failed, 2 wrong use, 130 ended by Ctrl-C before all was done.
enum ExitCode { kDone = 0, kFailed = 1, kWrongUse = 2, kInterrupted = 130 };

/// Each adds one subcommand to `app`. Its callback writes the exit code to `exit_code`.
void add_bench(CLI::App& app, int& exit_code);
void add_config(CLI::App& app, int& exit_code);
void add_data(CLI::App& app, int& exit_code);
void add_detect(CLI::App& app, int& exit_code);
void add_eval(CLI::App& app, int& exit_code);
void add_export(CLI::App& app, int& exit_code);
void add_gop(CLI::App& app, int& exit_code);
void add_model(CLI::App& app, int& exit_code);
void add_probe(CLI::App& app, int& exit_code);
void add_pull(CLI::App& app, int& exit_code);
void add_push(CLI::App& app, int& exit_code);
void add_sdp(CLI::App& app, int& exit_code);
void add_quantize(CLI::App& app, int& exit_code);
void add_serve(CLI::App& app, int& exit_code);
void add_train(CLI::App& app, int& exit_code);

/// Prints "pasu: MESSAGE" in red on a terminal, to stderr; gives kFailed.
int report(const Error& error);

/// Set by Ctrl-C and SIGTERM. A second Ctrl-C ends the program at once.
[[nodiscard]] const std::atomic<bool>& stop_requested();
void watch_signals();

}  // namespace pasu::cli
