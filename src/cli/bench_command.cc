// pasu bench: pasu measures itself.
#include "cli/bench_command.h"

#include "cli/command.h"

namespace pasu::cli {

void add_bench(CLI::App& app, int& exit_code) {
  CLI::App* bench = app.add_subcommand("bench", "Measure pasu on this machine");
  bench->require_subcommand(1);
  add_bench_cameras(*bench, exit_code);
  add_bench_detect(*bench, exit_code);
  add_bench_eval(*bench, exit_code);
  add_bench_gate(*bench, exit_code);
  add_bench_stream(*bench, exit_code);
}

}  // namespace pasu::cli
