#include "train/fit/meter.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/log.h"

namespace pasu::train {
namespace {

constexpr auto kShowEvery = std::chrono::milliseconds(500);
constexpr auto kSayEvery = std::chrono::seconds(60);
constexpr double kForget = 0.02;  // Of the speed, a step.

}  // namespace

std::string duration_text(double seconds) {
  const auto all = static_cast<int64_t>(std::max(0.0, std::min(seconds, 1e9)));
  return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
}

void Meter::begin(int64_t step) {
  step_ = shown_step_ = step;
  last_ = shown_ = system_clock().now();
}

void Meter::pause() { last_ = system_clock().now(); }

void Meter::add(const StepResult& result, double waited_seconds) {
  const MonoTime now = system_clock().now();
  const double seconds = std::max(1e-9, std::chrono::duration<double>(now - last_).count());
  last_ = now;
  ++step_;
  ++count_;
  loss_ += result.loss;
  score_ += result.score_loss;
  box_ += result.box_loss;
  norm_ += result.gradient_norm;
  rate_ = result.rate;
  seconds_ += seconds;
  waited_ = waited_seconds;
  pictures_ += result.pictures;
  positives_ += result.positives;
  const double forget = steps_per_second_ == 0 ? 1 : kForget;
  // Seconds are averaged, not speeds: sizes take turns.
  const double each = steps_per_second_ == 0 ? seconds : 1 / steps_per_second_;
  const double per_image = images_per_second_ == 0
                               ? seconds / static_cast<double>(std::max<size_t>(1, result.pictures))
                               : 1 / images_per_second_;
  steps_per_second_ = 1 / (each + forget * (seconds - each));
  images_per_second_ =
      1 /
      (per_image +
       forget * (seconds / static_cast<double>(std::max<size_t>(1, result.pictures)) - per_image));
  if (now - shown_ <
      (interactive_ ? MonoTime::duration(kShowEvery) : MonoTime::duration(kSayEvery)))
    return;
  shown_ = now;
  show(result);
}

void Meter::show(const StepResult& last) {
  const double left = static_cast<double>(steps_ - step_) / steps_per_second_;
  const double mean = count_ > 0 ? loss_ / static_cast<double>(count_) : last.loss;
  const std::string text =
      fmt::format("step {}/{}  {:.1f}%  loss {:.3f}  rate {:.2e}  {:.0f} images/s  {} left", step_,
                  steps_, 100.0 * static_cast<double>(step_) / static_cast<double>(steps_), mean,
                  last.rate, images_per_second_, duration_text(left));
  if (!interactive_) {
    log::info("{}", text);
    return;
  }
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
  on_screen_ = true;
}

LogLine Meter::line(int64_t step) {
  const double n = static_cast<double>(std::max<size_t>(1, count_));
  LogLine out{"train",
              step,
              {{"loss/total", loss_ / n},
               {"loss/score", score_ / n},
               {"loss/box", box_ / n},
               {"gradient_norm", norm_ / n},
               {"learning_rate", rate_},
               {"images_per_second", static_cast<double>(pictures_) / std::max(seconds_, 1e-9)},
               {"waited_part", (waited_ - waited_before_) / std::max(seconds_, 1e-9)},
               {"positives_per_image", static_cast<double>(positives_) /
                                           static_cast<double>(std::max<size_t>(1, pictures_))}},
              {}};
  loss_ = score_ = box_ = norm_ = seconds_ = 0;
  waited_before_ = waited_;
  count_ = pictures_ = positives_ = 0;
  return out;
}

void Meter::clear() {
  if (!on_screen_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  on_screen_ = false;
}

}  // namespace pasu::train
