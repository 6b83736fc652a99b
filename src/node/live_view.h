// A camera's live video for pages: remuxed as it is, or encoded again where a page could not play
// it.
#pragma once

#include <memory>
#include <optional>

#include "av/encoder.h"
#include "av/muxer.h"
#include "hub/gop_cache.h"
#include "hub/video_feed.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "media/frame.h"

namespace pasu::node {

/// Works only while somebody watches. All but feed() belong to the camera's strand.
class LiveView {
 public:
  /// The feed that viewers subscribe to. Thread-safe.
  [[nodiscard]] hub::VideoFeed& feed() { return feed_; }

  /// A new session's stream. Units of the old one are forgotten.
  void begin(const media::StreamInfo& stream);
  /// The session is over: new viewers wait for the next one.
  void pause();
  /// Each unit in decoding order, times on the camera's timeline.
  void push(const media::AccessUnit& unit);
  /// Is push(frame) of any use: somebody watches what has to be encoded again.
  [[nodiscard]] bool wants_frames() const { return transcodes_ && feed_.readers() > 0; }
  void push(const media::Frame& frame);
  /// After all pushes of a moment: lets go of what nobody watches.
  void rest();

 private:
  void remux(const media::AccessUnit& unit);
  void start(const media::StreamInfo& stream, const media::AccessUnit& key);
  void restart(std::unique_ptr<av::FragmentMuxer> muxer);
  void follow_parameters(const media::AccessUnit& key);
  void encode(const media::Frame& frame);

  hub::VideoFeed feed_;
  media::StreamInfo stream_;
  bool transcodes_ = false;
  bool failed_ = false;  // Said once a session.
  hub::GopCache gop_;
  std::unique_ptr<av::FragmentMuxer> muxer_;
  std::unique_ptr<av::H264Encoder> encoder_;
  int encoded_width_ = 0, encoded_height_ = 0;
};

/// Every browser plays it: H.264, 8 bits, 4:2:0.
[[nodiscard]] bool plays_in_pages(const media::StreamInfo& stream);

}  // namespace pasu::node
