#include "job/process_tree.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <unistd.h>

namespace pasu::job {
namespace {

struct Process {
  pid_t parent = 0;
  double cpu_seconds = 0;
  double rss_mb = 0;
};

// proc(5), /proc/pid/stat: what follows the name, which may hold anything, in brackets.
std::optional<Process> read_process(const std::filesystem::path& folder) {
  std::ifstream file(folder / "stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream in(text.substr(name_end + 1));
  std::string skipped;
  long parent = 0, rss_pages = 0;
  double user = 0, system = 0;
  in >> skipped >> parent;  // Fields 3 and 4.
  for (int field = 5; field < 14; ++field) in >> skipped;
  in >> user >> system;  // 14 and 15.
  for (int field = 16; field < 24; ++field) in >> skipped;
  in >> rss_pages;  // 24
  if (!in) return std::nullopt;
  return Process{static_cast<pid_t>(parent),
                 (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK)),
                 static_cast<double>(rss_pages * sysconf(_SC_PAGESIZE)) / (1 << 20)};
}

std::map<pid_t, Process> all_processes() {
  std::map<pid_t, Process> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (auto process = read_process(entry.path())) out[pid] = *process;
  }
  return out;
}

}  // namespace

Result<TreeUsage> tree_usage(pid_t root) {
  const auto processes = all_processes();
  if (!processes.contains(root)) return fail(Errc::not_found, "there is no process {}", root);
  TreeUsage out;
  for (const auto& [pid, process] : processes) {
    pid_t at = pid;
    while (at != root && processes.contains(at)) at = processes.at(at).parent;
    if (at != root) continue;
    out.cpu_seconds += process.cpu_seconds;
    out.rss_mb += process.rss_mb;
  }
  return out;
}

}  // namespace pasu::job
