// Wakes one thread's readers of live streams: in rounds, however often the streams have news.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "hub/stream.h"

namespace pasu::net {

class IoThread;

/// A reader of a stream, on the thread where it follows.
class Follower {
 public:
  virtual ~Follower() = default;
  /// The stream has items, or its state changed. May unfollow.
  virtual void on_news() = 0;
};

/// A publish costs one flag, and the first of a round one post to the thread. In a round every
/// follower of a stream with news is called once, so that what came in between (a picture and the
/// sound around it) leaves in one write. Used on its thread alone.
class FanOut : public std::enable_shared_from_this<FanOut> {
 public:
  /// Added latency at most, and at most this often a reader is written to.
  static constexpr std::chrono::milliseconds kRoundEvery{10};
  /// So long sound waits for a picture to leave with: at 25 pictures a second that halves the
  /// writes.
  static constexpr std::chrono::milliseconds kRelaxedWait{40};

  explicit FanOut(IoThread& thread) : thread_(thread) {}
  /// `follower` is called until it unfollows, which it must before it is destroyed.
  void follow(const std::shared_ptr<hub::Stream>& stream, Follower& follower);
  void unfollow(const hub::Stream& stream, const Follower& follower);

  /// No more rounds; everybody has unfollowed. When the thread has ended, before destruction.
  void close();

 private:
  class Fan;

  void mark(const std::shared_ptr<Fan>& fan, hub::Urgency urgency, bool first);
  void begin_round();
  void begin_relaxed_round();
  void round();

  IoThread& thread_;
  std::map<const hub::Stream*, std::shared_ptr<Fan>> fans_;
  MonoTime last_round_{};

  std::mutex mutex_;  // Publishers mark from their threads.
  std::vector<std::shared_ptr<Fan>> marked_;
  bool scheduled_ = false, relaxed_scheduled_ = false, closed_ = false;
  MonoTime relaxed_due_{};
};

}  // namespace pasu::net
