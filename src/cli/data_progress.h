// One line on a terminal that says how many pictures are done.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pasu::cli {

/// Writes nothing unless standard error is a terminal.
class DataProgress {
 public:
  explicit DataProgress(std::string name);
  ~DataProgress() { clear(); }
  DataProgress(const DataProgress&) = delete;
  DataProgress& operator=(const DataProgress&) = delete;

  void update(uint64_t done, uint64_t all);
  /// Wipes the line, so that others may write.
  void clear();

 private:
  std::string name_;
  bool shown_;
  bool on_screen_ = false;
  std::chrono::steady_clock::time_point begun_, next_;
};

}  // namespace pasu::cli
