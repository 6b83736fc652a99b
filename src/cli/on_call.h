// What a subcommand's outcome is as an exit code.
#pragma once

#include <memory>

#include "cli/command.h"
#include "cli/output.h"

namespace pasu::cli {

/// `run(words)`, a Result<int>, is done when `command` is named: its code, kInterrupted where it
/// was cancelled, kWrongUse for invalid_argument, kFailed for other errors.
template <class Words, class Run>
void on_call(CLI::App* command, std::shared_ptr<Words> words, Run run, int& exit_code) {
  command->callback([words, run, &exit_code] {
    const auto code = run(*words);
    if (code)
      exit_code = finish_output(*code);
    else if (code.error().code() == Errc::cancelled)
      exit_code = (report(code.error()), kInterrupted);
    else
      exit_code = code.error().code() == Errc::invalid_argument ? (report(code.error()), kWrongUse)
                                                                : report(code.error());
  });
}

}  // namespace pasu::cli
