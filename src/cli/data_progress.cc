#include "cli/data_progress.h"

#include <cstdio>

#include <fmt/format.h>

#include "cli/output.h"

namespace pasu::cli {

using Clock = std::chrono::steady_clock;

DataProgress::DataProgress(std::string name)
    : name_(std::move(name)),
      shown_(Terminal::of_stderr().interactive),
      begun_(Clock::now()),
      next_(begun_ + std::chrono::milliseconds(300)) {}

void DataProgress::update(uint64_t done, uint64_t all) {
  if (!shown_ || all == 0) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(200);
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  const double rate = static_cast<double>(done) / seconds;
  const auto left = rate > 0 ? static_cast<uint64_t>(static_cast<double>(all - done) / rate) : 0;
  std::fprintf(stderr, "%s",
               fmt::format("\r\033[K{}  {:.0f}%  {} of {} pictures  {:.0f} a second  {}:{:02} left",
                           name_, 100.0 * static_cast<double>(done) / static_cast<double>(all),
                           done, all, rate, left / 60, left % 60)
                   .c_str());
  on_screen_ = true;
}

void DataProgress::clear() {
  if (on_screen_) std::fputs("\r\033[K", stderr);
  on_screen_ = false;
}

}  // namespace pasu::cli
