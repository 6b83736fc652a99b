// One line on a terminal that says how far a job is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace pasu::job {

/// One thread at a time. Writes nothing unless `shown`.
class Progress {
 public:
  explicit Progress(bool shown) : shown_(shown) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(std::string name);
  /// `part` of the whole that is done, in [0, 1]; nothing where the end is unknown.
  void update(uint64_t frames, std::optional<double> part);
  /// Wipes the line, so that others may write.
  void clear();

 private:
  const bool shown_;
  bool on_screen_ = false;
  std::string name_;
  MonoTime begun_;
  MonoTime next_;
};

/// "clip.mp4  42%  251 frames  73.6 frames/s  0:08 left"
[[nodiscard]] std::string progress_line(const std::string& name, uint64_t frames,
                                        std::optional<double> part, double seconds);

}  // namespace pasu::job
