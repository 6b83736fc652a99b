// Where a camera's access units come from: a file played in a loop, or a stream.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::node {

/// One session with a camera: opened, read until it fails. One thread at a time.
class Source {
 public:
  struct Unit {
    media::AccessUnit unit;
    bool new_round = false;  ///< A file began again: its times start over.
  };

  virtual ~Source() = default;
  /// The stream that read() gives units of.
  [[nodiscard]] virtual const media::StreamInfo& video() const = 0;
  /// Waits for the next unit of video, at the pace of a live camera. Errors end the session:
  /// unavailable (the stream ended), timeout, io, malformed, cancelled.
  [[nodiscard]] virtual Result<Unit> read() = 0;
};

/// Opens a session with `url`; `stop` set from another thread makes it and its reads return
/// `cancelled`.
using SourceFactory = std::function<Result<std::unique_ptr<Source>>(const std::string& url,
                                                                    const std::atomic<bool>& stop)>;

/// Files and URLs by libavformat.
[[nodiscard]] Result<std::unique_ptr<Source>> open_av_source(const std::string& url,
                                                             const std::atomic<bool>& stop);

}  // namespace pasu::node
