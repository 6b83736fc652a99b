// How much the server may do for each camera that is awake, when all of it would be too much.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "gate/gate.h"

namespace pasu::node {

/// Boxes that come late say that the server is too busy. Then all awake cameras are analysed less
/// often, by the same part; where that does not do, only key frames are decoded, first of cameras
/// where nobody has been seen of late. It all comes back a little at a time. told() and limits()
/// from any thread, tick() from one.
class Governor {
 public:
  /// Later than this is late.
  static constexpr std::chrono::milliseconds kLate{150};
  static constexpr double kShareMin = 0.2;  ///< Of a camera's frames a second.
  /// Cameras in half a minute, by when a camera's usual stir is known.
  static constexpr unsigned kCrowd = 32;

  struct Limits {
    double share = 1;  ///< Of a camera's frames a second, to be analysed.
    gate::Thrift thrift = gate::Thrift::none;
    friend bool operator==(const Limits&, const Limits&) = default;
  };

  /// A frame of a camera that is awake had its boxes so long after it came, or had to be left out
  /// after so long.
  void told(std::chrono::nanoseconds waited) {
    ++told_;
    if (waited > kLate) ++late_;
  }
  /// A camera has connected.
  void welcome() {
    if (++came_ + came_before_ > kCrowd) crowded_ = true;
  }
  /// So many have of late that they may not all be decoded for their noise.
  [[nodiscard]] bool is_crowded() const { return crowded_; }
  [[nodiscard]] Limits limits() const { return {share_.load(), thrift_.load()}; }

  /// Once a second.
  void tick();

 private:
  void count_newcomers();
  void ask_for_less(double late);
  void allow_more();

  std::atomic<uint64_t> told_ = 0, late_ = 0;
  std::atomic<unsigned> came_ = 0, came_before_ = 0;  // In this second; in those before.
  std::atomic<bool> crowded_ = false;
  std::array<unsigned, 30> newcomers_{};  // A second each.
  size_t second_ = 0;
  std::atomic<double> share_ = 1;
  std::atomic<gate::Thrift> thrift_ = gate::Thrift::none;
  int hard_ = 0, easy_ = 0;  // Ticks in a row.
};

}  // namespace pasu::node
