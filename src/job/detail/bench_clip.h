// The clip of a streaming benchmark, whose pictures are known again by their bytes.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/pts.h"

namespace pasu::job {

/// Protocols change what surrounds a picture (parameter sets, start codes) but not its last bytes.
class BenchClip {
 public:
  /// Errors: those of PushFeed; unsupported (no pictures).
  [[nodiscard]] static Result<BenchClip> load(const std::string& path,
                                              const std::atomic<bool>& stop);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Pictures of one round.
  [[nodiscard]] size_t pictures() const { return count_; }
  /// The picture's number in decoding order; nothing where it is not of this clip, or its end is
  /// like another's.
  [[nodiscard]] std::optional<size_t> number(ByteView data) const;

 private:
  static constexpr size_t kTail = 64;  // Bytes.
  static constexpr size_t kTwice = ~size_t{0};
  static size_t print_of(ByteView data);

  std::string path_;
  size_t count_ = 0;
  std::unordered_map<size_t, size_t> numbers_;
};

}  // namespace pasu::job
