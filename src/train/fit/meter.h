// What a run says of itself while it goes: means since the last line, speed, time left.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "train/fit/run_log.h"
#include "train/fit/trainer.h"

namespace pasu::train {

/// One thread.
class Meter {
 public:
  Meter(int64_t steps, bool interactive) : steps_(steps), interactive_(interactive) {}

  void begin(int64_t step);
  /// `waited_seconds` since the run began, for data. Shows where the run is when it is time to.
  void add(const StepResult& result, double waited_seconds);
  /// The means since the last call, which then begin anew.
  [[nodiscard]] LogLine line(int64_t step);
  /// Time until the next add() is not training.
  void pause();
  /// Wipes the line on the terminal, so that others may write.
  void clear();

 private:
  void show(const StepResult& last);

  const int64_t steps_;
  const bool interactive_;
  bool on_screen_ = false;
  int64_t step_ = 0, shown_step_ = 0;
  MonoTime last_, shown_;
  // Since the last line.
  double loss_ = 0, score_ = 0, box_ = 0, norm_ = 0, rate_ = 0, seconds_ = 0;
  double waited_ = 0, waited_before_ = 0;
  size_t count_ = 0, pictures_ = 0, positives_ = 0;
  // Of the whole run, for the time left.
  double steps_per_second_ = 0, images_per_second_ = 0;
};

/// "0:41:12"
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace pasu::train
