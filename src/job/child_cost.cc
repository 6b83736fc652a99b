#include "job/child_cost.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>

#include "base/clock.h"
#include "base/process_usage.h"
#include "job/spawn.h"

namespace pasu::job {

Result<ChildCost> run_child(const std::vector<std::string>& command,
                            const std::atomic<bool>& stop) {
  const MonoTime begun = system_clock().now();
  const pid_t child = TRY(spawn(command, "/dev/null"));
  int status = 0;
  rusage usage{};
  bool ended_by_us = false;
  for (;;) {
    const pid_t ended = wait4(child, &status, WNOHANG, &usage);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR)
      return fail(Errc::io, "{}: cannot be waited for: {}", command[0], std::strerror(errno));
    if (stop && !std::exchange(ended_by_us, true)) kill(child, SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (ended_by_us) return fail(Errc::cancelled, "{}: stopped", command[0]);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(Errc::io, "{}: ended with {}", command[0],
                WIFEXITED(status) ? fmt::format("code {}", WEXITSTATUS(status))
                                  : fmt::format("signal {}", WTERMSIG(status)));
  return ChildCost{
      .cpu_seconds = cpu_seconds(usage),
      .wall_seconds = std::chrono::duration<double>(system_clock().now() - begun).count()};
}

}  // namespace pasu::job
