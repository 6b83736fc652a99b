#include "job/progress.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace pasu::job {

std::string progress_line(const std::string& name, uint64_t frames, std::optional<double> part,
                          double seconds) {
  std::string line = name;
  if (part) line += fmt::format("  {:.0f}%", 100 * std::clamp(*part, 0.0, 1.0));
  line += fmt::format("  {} frames", frames);
  if (seconds > 0) line += fmt::format("  {:.1f} frames/s", static_cast<double>(frames) / seconds);
  if (part && *part > 0 && seconds > 0) {
    const double left = std::min(seconds * std::max(1 - *part, 0.0) / *part, 359'999.0);
    const auto whole = static_cast<long>(std::ceil(left));
    line += whole < 3600
                ? fmt::format("  {}:{:02} left", whole / 60, whole % 60)
                : fmt::format("  {}:{:02}:{:02} left", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return line;
}

void Progress::begin(std::string name) {
  name_ = std::move(name);
  begun_ = next_ = system_clock().now();
}

void Progress::update(uint64_t frames, std::optional<double> part) {
  if (!shown_) return;
  const MonoTime now = system_clock().now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(200);
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  std::fprintf(stderr, "\r%s\033[K", progress_line(name_, frames, part, seconds).c_str());
  on_screen_ = true;
}

void Progress::clear() {
  if (!on_screen_) return;
  std::fputs("\r\033[K", stderr);
  on_screen_ = false;
}

}  // namespace pasu::job
