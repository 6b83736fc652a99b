#include <csignal>
#include <cstdio>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"

namespace pasu::cli {
namespace {

std::atomic<bool> g_stop = false;
static_assert(std::atomic<bool>::is_always_lock_free, "written by a signal handler");

void on_signal(int signal) {
  if (g_stop.exchange(true)) _exit(128 + signal);
}

}  // namespace

int report(const Error& error) {
  const bool color = Terminal::of_stderr().color;
  std::fprintf(stderr, "%spasu: %s%s\n", color ? "\033[31m" : "", error.message().c_str(),
               color ? "\033[0m" : "");
  return kFailed;
}

const std::atomic<bool>& stop_requested() { return g_stop; }

void watch_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

}  // namespace pasu::cli
