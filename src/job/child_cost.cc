#include "job/child_cost.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/clock.h"

namespace pasu::job {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

Result<ChildCost> run_child(const std::vector<std::string>& command,
                            const std::atomic<bool>& stop) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const MonoTime begun = system_clock().now();
  pid_t child = 0;
  const int code = posix_spawnp(&child, arguments[0], &files, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (code != 0)
    return fail(Errc::not_found, "{}: cannot be run: {}", command[0], std::strerror(code));

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
      .cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
      .wall_seconds = std::chrono::duration<double>(system_clock().now() - begun).count()};
}

}  // namespace pasu::job
