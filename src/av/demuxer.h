// Files and URLs into access units, by libavformat.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::av {

struct DemuxerOptions {
  /// Set from another thread to make a blocked open() or read() return `cancelled` soon.
  const std::atomic<bool>* stop = nullptr;
  /// How long one open() or read() may wait for the network.
  std::chrono::milliseconds patience{10'000};
};

/// One opened input: video or audio file, image, raw Annex B stream, or URL but those of RTSP and
/// RTMP (job::open_input() knows them, too). One thread at a time.
class Demuxer {
 public:
  /// Errors name `input` with its credentials hidden: not_found, malformed (not a media file),
  /// unavailable (no connection), unsupported, timeout, cancelled.
  [[nodiscard]] static Result<std::unique_ptr<Demuxer>> open(const std::string& input,
                                                             const DemuxerOptions& options = {});
  virtual ~Demuxer() = default;

  [[nodiscard]] virtual const media::ContainerInfo& info() const = 0;
  /// The next access unit of any stream in file order; nothing at the end. pts and dts start near 0
  /// and never both miss: a raw stream's are made from its frame rate. Only dts may be a little
  /// before 0. A stream that turns up after open() is left out.
  /// Errors: truncated (a file that ends before its index says; only after its last unit, and then
  /// there is nothing more), malformed (damage; reading may go on), unavailable, timeout,
  /// cancelled.
  [[nodiscard]] virtual Result<std::optional<media::AccessUnit>> read() = 0;
  /// Back to the first access unit (files only).
  [[nodiscard]] virtual Result<void> rewind() = 0;
  /// Is there anything to seek in: a file, not a live stream.
  [[nodiscard]] virtual bool is_file() const = 0;
};

/// The first video stream; nothing where there is none.
[[nodiscard]] const media::StreamInfo* find_video(const media::ContainerInfo& info);

}  // namespace pasu::av
