// A file out to an RTSP or RTMP server, in real time.
#pragma once

#include <atomic>
#include <optional>
#include <string>

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

/// Sends until the file ends (never with `loop`) or `stop` is set. After the first success a lost
/// server is called again with growing pauses; meanwhile the clip runs on, as a camera would.
/// Errors: the input; the first connection.
[[nodiscard]] Result<PushOutcome> push(const PushPlan& plan, net::IoThread& thread,
                                       Progress& progress, const std::atomic<bool>& stop);

}  // namespace pasu::job
