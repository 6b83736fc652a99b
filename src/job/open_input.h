// Whatever a command was given to read: files by libavformat, RTSP and RTMP by our own clients.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "av/demuxer.h"
#include "base/result.h"
#include "net/client.h"

namespace pasu::job {

/// Opens `input`. `stop`, set from another thread, makes this and read() return `cancelled` soon.
/// `pull` is for RTSP and RTMP, whose units are read at the pace they come; a reader that is slower
/// loses some, up to a key frame, which is logged. They have no position in a file, and a track
/// that turns up after opening is left out. Errors: those of av::Demuxer and of net::PullEvents.
[[nodiscard]] Result<std::unique_ptr<av::Demuxer>> open_input(const std::string& input,
                                                              const net::PullOptions& pull,
                                                              const std::atomic<bool>& stop);

}  // namespace pasu::job
