#include "train/pipeline/check.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline {

namespace fs = std::filesystem;

const char* to_string(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::note:
      return "note";
  }
  return "error";
}

std::string Remark::text(const std::string& path) const {
  return fmt::format("{}:{}:{}: {}: {}: {}", path, place.line, place.column, to_string(level),
                     field, what);
}

size_t Report::count(Level level) const {
  return static_cast<size_t>(std::ranges::count(remarks, level, &Remark::level));
}

Report check(const Config& config, const CheckOptions& options, const std::atomic<bool>& stop) {
  Report report;
  detail::Remarks remarks(config, report);
  detail::check_model(remarks);
  if (options.checkpoint) detail::check_checkpoint(remarks);
  detail::check_inputs(remarks, options, stop);
  detail::check_schedule(remarks);
  detail::check_memory(remarks, options.memory_available);
  detail::check_honoured(remarks);
  std::ranges::stable_sort(report.remarks, [](const Remark& a, const Remark& b) {
    return std::tuple(a.level, a.place.line, a.place.column) <
           std::tuple(b.level, b.place.line, b.place.column);
  });
  return report;
}

uint64_t memory_available() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  for (uint64_t kilobytes = 0; file >> name >> kilobytes; std::getline(file, unit))
    if (name == "MemAvailable:") return kilobytes * 1024;
  return 0;
}

namespace detail {
namespace {

/// There is a file of that name, or, as checkpoints and sets of shards are named, one that the name
/// begins.
bool begins_something(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) return true;
  const std::string file = path.filename().string();
  const std::string start = file.substr(0, file.find_first_of("?*@"));
  const fs::path folder = path.parent_path().empty() ? "." : path.parent_path();
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().filename().string().starts_with(start)) return true;
  return false;
}

}  // namespace

void Remarks::add(Level level, const std::string& field, std::string what) {
  Place place;
  for (size_t dot = 0; dot != field.npos;) {
    dot = field.find('.', dot + 1);
    const Value* value = config_.find(field.substr(0, dot));
    if (value == nullptr) break;
    place = value->place;
  }
  add_at(level, field, place, std::move(what));
}

void Remarks::add_at(Level level, const std::string& field, Place place, std::string what) {
  report_.remarks.push_back(
      {.level = level, .field = field, .place = place, .what = std::move(what)});
}

std::string model_path(const Config& config) {
  for (const char* path : {"model.ssd", "model.faster_rcnn", "model.pasu_person"})
    if (config.block(path) != nullptr) return path;
  return "";
}

std::string local_path(const std::string& path, const std::string& field, Remarks& remarks) {
  if (path.find("PATH_TO_BE_CONFIGURED") != path.npos || path.find("${") != path.npos) {
    remarks.add(
        Level::error, field,
        fmt::format("'{}' is still the sample's placeholder; put your own path there{}", path,
                    field.ends_with("fine_tune_checkpoint")
                        ? ", or leave the field out to begin with random weights"
                        : ""));
    return "";
  }
  if (path.find("://") != path.npos) {
    remarks.add(
        Level::error, field,
        fmt::format("'{}' lies on a remote store; pasu reads local files: copy it here", path));
    return "";
  }
  if (path.empty()) {
    remarks.add(Level::error, field, "is empty");
    return "";
  }
  const fs::path given(path);
  const fs::path beside = fs::path(remarks.config().path).parent_path() / given;
  if (!given.is_absolute() && !begins_something(given) && begins_something(beside))
    return beside.string();
  return path;
}

}  // namespace detail
}  // namespace pasu::pipeline
