// The measurements under `pasu bench`, one file each.
#pragma once

#include <CLI/CLI.hpp>

namespace pasu::cli {

void add_bench_cameras(CLI::App& bench, int& exit_code);
void add_bench_detect(CLI::App& bench, int& exit_code);
void add_bench_eval(CLI::App& bench, int& exit_code);
void add_bench_gate(CLI::App& bench, int& exit_code);
void add_bench_stream(CLI::App& bench, int& exit_code);

}  // namespace pasu::cli
