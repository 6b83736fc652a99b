// A file out to an RTSP or RTMP server, in real time.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/backoff.h"
#include "base/result.h"
#include "job/progress.h"
#include "net/client.h"

namespace pasu::job {

enum class PushTrack {
  automatic,  ///< H.264 and AAC as they are, everything else encoded to them.
  encode,
  copy,
  none,
};

struct PushPlan {
  std::string input;
  std::string url;
  bool loop = false;
  PushTrack video = PushTrack::automatic, audio = PushTrack::automatic;
  net::PushOptions options{};
};

struct PushOutcome {
  uint64_t frames = 0;   ///< Sent, pictures or units of sound where there are none.
  uint64_t dropped = 0;  ///< Units, while there was no connection or it was too slow.
  uint64_t reconnects = 0;
};

/// Between calls of a lost server. Wide, so that a hundred pushes that lost the same one do not
/// come back in the same second; short, so that all are back within 10 s, their key frame included.
inline constexpr Backoff::Options kPushBackoff{
    .first = std::chrono::seconds(3), .last = std::chrono::seconds(4), .spread = 0.9};

/// Sends until the file ends (never with `loop`) or `stop` is set. After the first success a lost
/// server is called again (kPushBackoff); meanwhile the clip runs on, as a camera would.
/// Errors: the input; the first connection.
[[nodiscard]] Result<PushOutcome> push(const PushPlan& plan, net::IoThread& thread,
                                       Progress& progress, const std::atomic<bool>& stop);

}  // namespace pasu::job
