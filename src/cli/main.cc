// pasu: the program. Each subcommand lives in a file of its own.
#include "cli/command.h"

int main(int argc, char** argv) {
  CLI::App app{"pasu watches cameras: video in, every person's box out.", "pasu"};
  app.set_version_flag("--version", "pasu " PASU_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Each command has its own --help, with examples.\nExit codes: 0 done, 1 failed, 2 wrong "
      "use, 130 stopped by Ctrl-C.");
  app.get_formatter()->column_width(28);

  int exit_code = pasu::cli::kDone;
  pasu::cli::watch_signals();
  // One line a command, in the order --help shows them.
  pasu::cli::add_serve(app, exit_code);
  pasu::cli::add_probe(app, exit_code);
  pasu::cli::add_gop(app, exit_code);
  pasu::cli::add_sdp(app, exit_code);
  pasu::cli::add_pull(app, exit_code);
  pasu::cli::add_push(app, exit_code);
  pasu::cli::add_detect(app, exit_code);
  pasu::cli::add_eval(app, exit_code);
  pasu::cli::add_train(app, exit_code);
  pasu::cli::add_export(app, exit_code);
  pasu::cli::add_quantize(app, exit_code);
  pasu::cli::add_model(app, exit_code);
  pasu::cli::add_data(app, exit_code);
  pasu::cli::add_config(app, exit_code);
  pasu::cli::add_bench(app, exit_code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? pasu::cli::kDone : pasu::cli::kWrongUse;
  }
  return exit_code;
}
