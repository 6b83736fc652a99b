// log.jsonl: a run's numbers, a JSON object a line, for people's scripts and the report.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pasu::train {

/// A line: what it is about ("train", "measured"), the step, numbers and texts by name.
struct LogLine {
  std::string kind;
  int64_t step = 0;
  std::vector<std::pair<std::string, double>> numbers;
  std::vector<std::pair<std::string, std::string>> texts;

  /// Null where there is none.
  [[nodiscard]] const double* number(const std::string& name) const;
  [[nodiscard]] const std::string* text(const std::string& name) const;
};

/// One thread.
class RunLog {
 public:
  /// Lines of steps after `step`, which a run that is resumed there does again, are taken away; so
  /// is a last line that was cut off. Errors: io, no_space, too_large.
  [[nodiscard]] static Result<RunLog> open(const std::string& path, int64_t step);
  /// Errors: io, no_space.
  [[nodiscard]] Result<void> write(const LogLine& line);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  RunLog(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// NaN and infinity become null, which parse_log_line() leaves out.
[[nodiscard]] std::string log_text(const LogLine& line);
/// Errors: malformed, truncated.
[[nodiscard]] Result<LogLine> parse_log_line(std::string_view text);
/// Those of a file that can be read; a file that is not there has none. Errors: io, too_large.
[[nodiscard]] Result<std::vector<LogLine>> read_log(const std::string& path);

}  // namespace pasu::train
