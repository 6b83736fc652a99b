// A file's pictures and sound as a server can take them, round after round.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>

#include "av/aac_transcoder.h"
#include "av/decoder.h"
#include "av/demuxer.h"
#include "av/encoder.h"
#include "hub/stream.h"
#include "job/push.h"

namespace pasu::job {

/// One thread at a time.
class PushFeed {
 public:
  /// Errors: those of the demuxer and the decoders; unsupported (nothing to send).
  [[nodiscard]] static Result<std::unique_ptr<PushFeed>> open(const PushPlan& plan,
                                                              const std::atomic<bool>& stop);

  /// Video first, where there is any. AccessUnit::stream is the place here.
  [[nodiscard]] const hub::Tracks& tracks() const { return tracks_; }
  [[nodiscard]] bool has_video() const { return video_.present; }
  [[nodiscard]] bool is_file() const { return demuxer_->is_file(); }
  /// Of one round; 0: unknown.
  [[nodiscard]] media::Pts duration() const { return demuxer_->info().duration; }
  /// The next unit, times growing over all rounds; nothing at the end.
  [[nodiscard]] Result<std::optional<media::AccessUnit>> next();
  /// The next encoded picture is to be a key frame; copied ones come as they come.
  void want_key() { want_key_ = true; }
  /// Damaged units that were passed over.
  [[nodiscard]] uint64_t damaged() const { return damaged_; }

 private:
  struct Track {
    bool present = false;
    int from = -1;  // StreamInfo::index of the file.
    int to = -1;    // Place in tracks_.
  };
  PushFeed(std::unique_ptr<av::Demuxer> demuxer, bool loop)
      : demuxer_(std::move(demuxer)), loop_(loop) {}
  Result<void> add_video(const media::StreamInfo& stream, PushTrack how);
  Result<void> add_audio(const media::StreamInfo& stream, PushTrack how);
  Result<void> take(media::AccessUnit unit);
  Result<void> encode_pictures();
  Result<void> take_sound();
  Result<bool> end_round();
  void queue(media::AccessUnit unit, const Track& track);

  std::unique_ptr<av::Demuxer> demuxer_;
  const bool loop_;
  hub::Tracks tracks_;
  Track video_, audio_;
  std::unique_ptr<av::VideoDecoder> decoder_;
  std::unique_ptr<av::H264Encoder> encoder_;
  std::unique_ptr<av::AacTranscoder> aac_;
  std::deque<media::AccessUnit> ready_;
  media::Pts offset_{0};  // Of this round.
  media::Pts end_{0};     // Of the latest unit, in the round's own time.
  uint64_t units_in_round_ = 0;
  uint64_t damaged_ = 0;
  bool want_key_ = false, ended_ = false;
};

}  // namespace pasu::job
