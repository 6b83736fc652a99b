#include "bench/feed_process.h"

#include <charconv>
#include <csignal>
#include <sys/wait.h>
#include <thread>

#include "base/clock.h"
#include "base/part_file.h"
#include "base/read_file.h"
#include "job/process_tree.h"
#include "job/spawn.h"

namespace pasu::bench {
namespace {

constexpr auto kStartMax = std::chrono::seconds(60);
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr size_t kSaidMax = 1 << 16;

// What it says once it serves: "port 12345".
int port_in(std::string_view said) {
  constexpr std::string_view kWord = "port ";
  const size_t at = said.find(kWord);
  const size_t end = at == said.npos ? said.npos : said.find('\n', at);
  if (end == said.npos) return 0;
  int port = 0;
  std::from_chars(said.data() + at + kWord.size(), said.data() + end, port);
  return port;
}

std::string read_all(const std::string& path) { return read_file(path, kSaidMax).value_or(""); }

}  // namespace

Result<std::unique_ptr<FeedProcess>> FeedProcess::start(const FeedPlan& plan,
                                                        const std::atomic<bool>& stop) {
  std::unique_ptr<FeedProcess> out(new FeedProcess);
  const std::string text = to_text(plan), file = out->scratch_.file("plan.json"),
                    log = out->scratch_.file("log");
  TRY(write_file(file, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
  out->pid_ = TRY(job::spawn({job::this_program().string(), "bench", "feed", file}, log));
  const MonoTime deadline = system_clock().now() + kStartMax;
  while ((out->port_ = port_in(read_all(log))) == 0) {
    if (stop) return fail(Errc::cancelled, "stopped");
    if (waitpid(out->pid_, nullptr, WNOHANG) == out->pid_) {
      out->pid_ = 0;
      return fail(Errc::unavailable, "the cameras' process ended: {}", read_all(log));
    }
    if (system_clock().now() > deadline)
      return fail(Errc::timeout, "the cameras' process did not begin within a minute");
    std::this_thread::sleep_for(kLook);
  }
  return out;
}

FeedProcess::~FeedProcess() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Result<double> FeedProcess::cpu_seconds() const {
  const auto usage = job::tree_usage(pid_);
  if (!usage) return fail(Errc::unavailable, "the cameras' process ended before its time");
  return usage->cpu_seconds;
}

}  // namespace pasu::bench
