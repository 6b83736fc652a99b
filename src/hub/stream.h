// A live stream: one publisher's units, handed to any number of readers in the form they want.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "hub/broadcast.h"
#include "hub/rtmp_form.h"
#include "hub/rtp_form.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::hub {

/// What a stream is made of; a track's `index` is its place here, and AccessUnit::stream.
using Tracks = std::vector<media::StreamInfo>;

/// How soon readers want to have it.
enum class Urgency {
  relaxed,  ///< Sound beside pictures: may leave with the next picture.
  prompt,   ///< Pictures, sound without pictures, a change of state.
};

/// Called when a stream has news: something was published, its state changed. On the thread that
/// made the news and under the stream's lock: must be brief and not call back. One waiter serves
/// all readers of a thread, so that a publish costs one call a thread.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void on_news(Urgency urgency) = 0;
};

struct StreamState {
  std::shared_ptr<const Tracks> tracks;  ///< Never null; empty until a publisher said.
  uint64_t generation = 0;               ///< Grows each time the tracks change; 0: none yet.
  bool live = false;                     ///< A publisher is there and has told its tracks.
  bool ended = false;                    ///< For good: nothing will come any more.
  std::string end_reason;
};

struct StreamStats {
  uint64_t units = 0, bytes = 0;  ///< Published.
  uint64_t refused = 0;           ///< Units of tracks that were not announced.
  uint64_t unsendable = 0;        ///< Units that RTP or RTMP could not carry.
  uint64_t lost = 0;              ///< Items that slow readers never got.
  int readers = 0;
};

/// For sources that run only while somebody reads. Both are called one after the other, never at
/// the same time, on a reader's thread; they must neither block nor make or drop readers.
struct StreamHooks {
  std::function<void()> on_first_reader, on_last_reader;
};

/// A unit as a stream's readers get it.
struct Unit {
  media::AccessUnit unit;
  uint64_t generation = 0;  ///< Of the tracks it belongs to.
};

class Stream;

/// The forms a stream comes in.
enum class Form { units, rtp, rtmp };

/// One reader's end of a stream; destroying it leaves the stream. It has a place of its own: what
/// it does not take in time it loses, alone. For one thread at a time.
template <class T>
class Reader {
 public:
  /// For Stream.
  Reader(std::shared_ptr<Stream> stream, Form form, std::shared_ptr<const Broadcast<T>> log,
         bool counted = true)
      : stream_(std::move(stream)), form_(form), log_(std::move(log)), counted_(counted) {}
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Appends the next items to `out`; returns how many.
  size_t take(const TakeLimits& limits, std::vector<T>& out);
  /// Whether take() might give something; costs one atomic load.
  [[nodiscard]] bool has_news() const { return log_->has_news(cursor_); }
  /// Items lost so far because this reader was slow.
  [[nodiscard]] uint64_t lost() const { return cursor_.lost; }
  [[nodiscard]] Stream& stream() const { return *stream_; }

 private:
  const std::shared_ptr<Stream> stream_;
  const Form form_;
  const std::shared_ptr<const Broadcast<T>> log_;
  const bool counted_;
  Cursor cursor_;
};

/// Made by a Registry, published to through a Publication. Thread-safe.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  static constexpr size_t kTracksMax = 16;

  Stream(std::string name, StreamHooks hooks, const Clock& clock);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] StreamState state() const;
  /// Changes whenever state() does; costs one atomic load.
  [[nodiscard]] uint64_t state_version() const { return state_version_.load(); }
  [[nodiscard]] StreamStats stats() const;

  /// A reader of the units as they were published.
  [[nodiscard]] std::unique_ptr<Reader<Unit>> read_units();
  /// Readers of forms that are ready to send: made once for all readers of a form, from the running
  /// GOP on, and only while there is one.
  [[nodiscard]] std::unique_ptr<Reader<RtpItem>> read_rtp();
  [[nodiscard]] std::unique_ptr<Reader<RtmpItem>> read_rtmp();
  /// As read_rtp(), but it is no reader in numbers, nor to a source on demand: for who sends to
  /// several that are readers themselves.
  [[nodiscard]] std::unique_ptr<Reader<RtpItem>> tap_rtp();

  /// `waiter` hears of news until it is taken off.
  void add_waiter(std::shared_ptr<Waiter> waiter);
  /// After this returns it is not called any more.
  void remove_waiter(const Waiter& waiter);

 private:
  friend class Publication;
  friend class Registry;
  template <class T>
  friend class Reader;

  // For Publication.
  [[nodiscard]] bool begin_publication();
  [[nodiscard]] Result<void> set_tracks(Tracks tracks);
  void publish(media::AccessUnit unit);
  void end_publication();
  void end(const std::string& reason);

  void join();
  void leave(Form form, bool counted);
  [[nodiscard]] std::shared_ptr<const Broadcast<RtpItem>> join_rtp();
  void count_lost(uint64_t items) { lost_ += items; }
  void news(Urgency urgency);
  [[nodiscard]] bool is_start(const media::AccessUnit& unit) const;
  [[nodiscard]] bool is_picture(const media::AccessUnit& unit) const;
  void keep_time(const media::AccessUnit& unit);

  const std::string name_;
  const StreamHooks hooks_;
  const Clock& clock_;

  std::mutex readers_mutex_;  // Held while hooks are called; taken before mutex_.
  std::atomic<int> readers_ = 0;

  mutable std::mutex mutex_;
  StreamState state_;
  std::atomic<uint64_t> state_version_ = 0;
  bool publishing_ = false;
  bool has_video_ = false;
  std::vector<std::shared_ptr<Waiter>> waiters_;
  const std::shared_ptr<Broadcast<Unit>> units_ = std::make_shared<Broadcast<Unit>>();
  std::optional<RtpForm> rtp_;
  std::optional<RtmpForm> rtmp_;
  int rtp_readers_ = 0, rtmp_readers_ = 0;
  UtcTime zero_{};           // The wall clock at pts 0, as far as arrival tells.
  uint64_t unsendable_ = 0;  // By forms that are gone.
  uint64_t units_count_ = 0, units_bytes_ = 0, refused_ = 0;
  std::atomic<uint64_t> lost_ = 0;

  // A new publisher's times go on where the old one's ended.
  media::Pts shift_{0}, last_dts_{0};
  bool shift_known_ = true;
  MonoTime last_at_{};
};

template <class T>
Reader<T>::~Reader() {
  stream_->leave(form_, counted_);
}

template <class T>
size_t Reader<T>::take(const TakeLimits& limits, std::vector<T>& out) {
  const uint64_t lost_before = cursor_.lost;
  const size_t count = log_->take(cursor_, limits, out);
  if (cursor_.lost != lost_before) stream_->count_lost(cursor_.lost - lost_before);
  return count;
}

/// The right to publish to a stream; destroying it gives the right back. For one thread at a time.
class Publication {
 public:
  /// For Registry. `on_end` gives the right back.
  Publication(std::shared_ptr<Stream> stream, std::function<void()> on_end);
  ~Publication();
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  /// Says what the stream is made of: before the first publish(), and again when it changes. The
  /// same tracks again change nothing. Errors: invalid_argument (none, over Stream::kTracksMax).
  [[nodiscard]] Result<void> set_tracks(Tracks tracks);
  /// `unit.stream` names the track; units of other tracks are counted and dropped. The times of a
  /// stream's first publication are kept; a later one's are moved to follow it.
  void publish(media::AccessUnit unit);
  [[nodiscard]] Stream& stream() const { return *stream_; }

 private:
  const std::shared_ptr<Stream> stream_;
  const std::function<void()> on_end_;
};

}  // namespace pasu::hub
