// A live stream into a file, as it comes.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "job/progress.h"
#include "net/client.h"

namespace pasu::job {

struct PullPlan {
  std::string url;
  std::string output;  ///< Its extension says the container.
  /// Of the recording; nothing: until the stream ends. Units from then on are left out, of every
  /// track; where pictures refer to later ones, the last that would be incomplete too.
  std::optional<media::Pts> duration{};
  net::PullOptions options{};
};

struct PullOutcome {
  uint64_t frames = 0;   ///< Pictures written, or units of sound where there are none.
  media::Pts length{0};  ///< Until the last picture's end.
  net::PullStats stats;
  std::optional<Error> cut{};  ///< Why it ended early; what had come is in the file.
};

/// Records until the duration is reached, the stream ends or `stop` is set. Begins at a key frame.
/// The file has its name once something is in it. Errors: nothing was recorded.
[[nodiscard]] Result<PullOutcome> pull(const PullPlan& plan, net::IoThread& thread,
                                       Progress& progress, const std::atomic<bool>& stop);

}  // namespace pasu::job
