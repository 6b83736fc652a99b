// NAME/boxes: the camera's pictures with boxes and ids burned in, encoded once for all who watch,
// and its sound as it is.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "av/encoder.h"
#include "base/metrics.h"
#include "draw/overlay.h"
#include "gate/frame_grid.h"
#include "hub/registry.h"
#include "media/frame.h"
#include "node/sound_queue.h"
#include "track/tracker.h"

namespace pasu::node {

struct BoxesOptions {
  int height = 0;  ///< Lines; 0: as the camera has them.
  double fps = 0;  ///< 0: every frame.
  int64_t bit_rate = 4'000'000;
};

/// Works only while somebody reads. begin() and hear() belong to the source's thread, the rest to
/// the camera's strand.
///
/// Times are the camera's: picture and sound are as far apart as the source has them, however long
/// a picture takes to be decoded and encoded.
class BoxesStream {
 public:
  /// Declares `path`. Errors: exists.
  [[nodiscard]] static Result<std::unique_ptr<BoxesStream>> create(hub::Registry& registry,
                                                                   const std::string& path,
                                                                   const BoxesOptions& options);
  /// Ends the stream; nothing may be pushed any more.
  ~BoxesStream();
  BoxesStream(const BoxesStream&) = delete;
  BoxesStream& operator=(const BoxesStream&) = delete;

  /// A session's tracks: all sound goes beside the pictures.
  void begin(const hub::Tracks& tracks);
  /// A unit of any of these tracks; what is no sound is passed over.
  void hear(const media::AccessUnit& unit);

  /// What the newest analysed frame showed, which was of `size`. From any thread.
  void see(const std::vector<track::Track>& tracks, geom::Size size, media::Pts pts);
  /// Somebody reads. From any thread.
  [[nodiscard]] bool wanted() const;
  /// Lets go of what nobody reads.
  void rest();
  /// Every decoded frame while wanted(); `source_fps` is for rate control.
  void push(const media::Frame& frame, double source_fps);

 private:
  struct Wish;
  BoxesStream(hub::Registry& registry, std::string path, const BoxesOptions& options,
              std::shared_ptr<Wish> wish);
  [[nodiscard]] std::vector<draw::Mark> marks_on(const media::Frame& frame);
  void start_encoder(const media::Frame& frame, double source_fps);
  [[nodiscard]] Result<void> tell_tracks();
  void pass_sound(media::Pts until);
  void encode(const media::Frame& boxed);
  void fail_until_they_leave(const Error& error);

  hub::Registry& registry_;
  const std::string path_;
  const BoxesOptions options_;
  const std::shared_ptr<Wish> wish_;
  const metrics::Counter encoded_total_;

  std::optional<gate::FrameGrid> grid_;  // Nothing: every frame.
  std::unique_ptr<hub::Publication> publication_;
  std::unique_ptr<av::H264Encoder> encoder_;
  int width_ = 0, height_ = 0;  // Of the frames that the encoder was made for.
  bool want_key_ = false;
  bool failed_ = false;       // Said once, until they leave.
  uint64_t sounds_told_ = 0;  // The sounds_version_ that readers know.
  uint64_t dropped_counted_ = 0;
  metrics::Counter sound_dropped_total_;

  std::vector<int> places_;  // By the source's track, here; -1: no sound. Source thread.
  std::mutex mutex_;         // Guards what follows.
  std::vector<track::Track> tracks_;
  geom::Size tracks_size_;
  media::Pts tracks_pts_{0};
  hub::Tracks sounds_;
  uint64_t sounds_version_ = 0;
  SoundQueue sound_;
};

}  // namespace pasu::node
