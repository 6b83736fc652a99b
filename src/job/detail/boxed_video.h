// The video with boxes: encoded and written on a thread of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "av/encoder.h"
#include "av/muxer.h"
#include "flow/queue.h"
#include "media/codec.h"
#include "media/frame.h"

namespace pasu::job::detail {

/// Push from one thread. The file has its final name only after finish(); without it none is left.
class BoxedVideo {
 public:
  /// The file is begun with the first frame, which gives the size.
  BoxedVideo(std::string path, const media::ContainerInfo& source);
  ~BoxedVideo();
  BoxedVideo(const BoxedVideo&) = delete;
  BoxedVideo& operator=(const BoxedVideo&) = delete;

  /// Waits while the encoder is behind. False: it failed, finish() says how.
  bool push(media::Frame frame);
  /// A unit of one of the source's audio streams, which is kept as it is.
  bool push(media::AccessUnit audio);
  /// Waits for the end. Errors of the encoder, the container and the disk.
  [[nodiscard]] Result<void> finish();
  /// Why the sound is missing, where it is. Valid after finish().
  [[nodiscard]] const std::optional<std::string>& note() const { return note_; }

 private:
  using Item = std::variant<media::Frame, media::AccessUnit>;

  void run();
  Result<void> write_all();
  Result<void> begin(const media::Frame& first);
  Result<void> encode(media::Frame frame);
  Result<void> write_encoded();
  Result<void> write_audio(media::AccessUnit unit);

  const std::string path_;
  const media::ContainerInfo source_;
  flow::Queue<Item> queue_{{.capacity = 8, .overflow = flow::Overflow::block, .dropped = {}}};
  std::unique_ptr<av::H264Encoder> encoder_;
  std::unique_ptr<av::FileMuxer> muxer_;
  std::vector<media::StreamInfo> audio_;        // Those kept; stream i + 1 of the file.
  std::vector<media::AccessUnit> early_audio_;  // Came before the first frame.
  std::optional<media::Pts> last_pts_;
  std::optional<std::string> note_;
  Result<void> result_;
  std::thread thread_;
};

}  // namespace pasu::job::detail
