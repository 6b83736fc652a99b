// Where a camera's access units come from: a file played in a loop, a stream, or a publisher.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/stream.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "net/io_threads.h"

namespace pasu::node {

/// One session with a camera: opened, read until it fails. One thread at a time.
class Source {
 public:
  struct Unit {
    media::AccessUnit unit;   ///< `stream` is the place in tracks().
    bool new_round = false;   ///< A file began again: its times start over.
    bool new_tracks = false;  ///< tracks() changed with this unit: a new size, another track.
  };

  /// What did not arrive whole, since the session began.
  struct Losses {
    uint64_t packets_lost = 0;   ///< Never came.
    uint64_t packets_bad = 0;    ///< Could not be read.
    uint64_t units_damaged = 0;  ///< Pictures and sounds left out for it.
  };

  virtual ~Source() = default;
  /// Video and audio, of which read() gives units; at least one is video.
  [[nodiscard]] virtual const hub::Tracks& tracks() const = 0;
  /// Waits for the next unit, at the pace of a live camera. Errors end the session: unavailable
  /// (the stream ended), timeout, io, malformed, cancelled.
  [[nodiscard]] virtual Result<Unit> read() = 0;
  [[nodiscard]] virtual Losses losses() const { return {}; }
};

/// How long a unit may lie unread now: one waking serves all that came meanwhile.
using Patience = std::function<std::chrono::milliseconds()>;

/// Opens a session with `url`, whose units are read as they come or within `patience`; `stop` set
/// from another thread makes it and its reads return `cancelled`.
using SourceFactory = std::function<Result<std::unique_ptr<Source>>(
    const std::string& url, Patience patience, const std::atomic<bool>& stop)>;

/// The place of the first video track. Errors: unsupported, naming `url`.
[[nodiscard]] Result<size_t> find_video_track(const hub::Tracks& tracks, const std::string& url);

/// Files and http by libavformat.
[[nodiscard]] Result<std::unique_ptr<Source>> open_av_source(const std::string& url,
                                                             const std::atomic<bool>& stop);
/// RTSP and RTMP, received on `thread`. Key units are read as they come.
[[nodiscard]] Result<std::unique_ptr<Source>> open_net_source(net::IoThread& thread,
                                                              const std::string& url,
                                                              Patience patience,
                                                              const std::atomic<bool>& stop);
/// What somebody publishes to `stream`; waits for a publisher. Units are read as they come, or
/// within `patience` where it is not null. The session ends with `unavailable` when the publisher
/// leaves. Errors: cancelled, unsupported (no video).
[[nodiscard]] Result<std::unique_ptr<Source>> open_published_source(
    const std::shared_ptr<hub::Stream>& stream, Patience patience, const std::atomic<bool>& stop);

}  // namespace pasu::node
