// Random numbers that are the same with every compiler and library: resuming depends on it.
#pragma once

#include <cmath>
#include <cstdint>

#include "train/load/augmentation.h"

namespace pasu::train::detail {

/// One step of SplitMix64 (Steele, Lea, Flood 2014): also a good hash of a number.
[[nodiscard]] inline uint64_t mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  Random(uint64_t seed, uint64_t epoch, uint64_t position)
      : state_(mixed(mixed(mixed(seed) + epoch) + position)) {}

  [[nodiscard]] uint64_t next() { return mixed(state_++ * 0xD1342543DE82EF95u); }
  /// In [0, 1).
  [[nodiscard]] float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
  [[nodiscard]] float between(float low, float high) { return low + (high - low) * uniform(); }
  [[nodiscard]] float between(const Range& range) { return between(range.min, range.max); }
  /// Even in the logarithm.
  [[nodiscard]] float log_between(const Range& range) {
    return std::exp(between(std::log(range.min), std::log(range.max)));
  }
  [[nodiscard]] bool chance(float probability) { return uniform() < probability; }
  /// In [0, n); n > 0.
  [[nodiscard]] uint64_t below(uint64_t n) {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(next()) * n >> 64);
  }
  /// In [low, high].
  [[nodiscard]] int whole(int low, int high) {
    return low + static_cast<int>(below(static_cast<uint64_t>(high - low + 1)));
  }

 private:
  uint64_t state_;
};

}  // namespace pasu::train::detail
