// One camera's live video for pages: one maker of fragments, many readers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/metrics.h"

namespace pasu::hub {

/// What a reader gets, in order: start, then init, then fragments from a key frame on; end is the
/// last.
struct VideoMessage {
  enum class Kind { start, init, fragment, end };
  Kind kind = Kind::fragment;
  Bytes data;        ///< init, fragment
  bool key = false;  ///< fragment
  std::string mime;  ///< start: `video/mp4; codecs="avc1.64001E"`
  int width = 0, height = 0;
  bool transcoded = false;
  std::string reason;  ///< end
};

class VideoFeed;
namespace detail {
struct FeedState;
struct ReaderState;
}  // namespace detail

/// One viewer's end of a feed. Holds at most kQueueBytesMax: beyond that it skips to the next key
/// frame, and counts what it lost. Destroying it leaves the feed. Thread-safe.
class VideoReader {
 public:
  static constexpr size_t kQueueBytesMax = 8u << 20;

  ~VideoReader();
  /// The next message, or nothing for now.
  [[nodiscard]] std::optional<VideoMessage> take();
  /// `wake` is called (from any thread, must not block or call back into the reader) when take()
  /// has something again. Set it once, before the first take().
  void on_ready(std::function<void()> wake);
  /// Fragments lost so far because this reader was slow.
  [[nodiscard]] uint64_t dropped() const;

 private:
  friend class VideoFeed;
  VideoReader() = default;
  std::shared_ptr<detail::FeedState> feed_;
  std::shared_ptr<detail::ReaderState> state_;
};

/// Hands one camera's fragments to its readers, sharing the bytes. Keeps the running GOP, so that a
/// new reader begins with a picture. Thread-safe; publishing is meant for one thread.
class VideoFeed {
 public:
  static constexpr size_t kReadersMax = 100;

  VideoFeed();
  ~VideoFeed();
  VideoFeed(const VideoFeed&) = delete;
  VideoFeed& operator=(const VideoFeed&) = delete;

  /// A new viewer; it gets what is cached at once. Nothing where kReadersMax watch already.
  [[nodiscard]] std::unique_ptr<VideoReader> subscribe();
  [[nodiscard]] int readers() const;

  /// New parameters: every reader gets `start` and `init` and waits for a key frame.
  void restart(VideoMessage start, Bytes init);
  void publish(Bytes fragment, bool key);
  /// Forgets what is cached: nobody watches, or the source went away.
  void pause();
  /// The last word to every reader. Later readers get it at once.
  void end(const std::string& reason);

 private:
  std::shared_ptr<detail::FeedState> state_;
};

}  // namespace pasu::hub
