#include "hub/video_feed.h"

#include <algorithm>

namespace pasu::hub {
namespace detail {

// A reader's queue. Locked by itself; the feed's lock may be held while taking it, never the
// reverse.
struct ReaderState {
  mutable std::mutex mutex;
  std::deque<VideoMessage> queue;
  size_t queue_bytes = 0;
  bool wants_key = true;  // Fragments are of no use before a key frame.
  bool lagging = false;   // The key frame is wanted because this reader was slow.
  uint64_t dropped = 0;
  std::function<void()> wake;

  void push(const VideoMessage& message) {
    std::function<void()> call;
    {
      std::lock_guard lock(mutex);
      if (!accept(message)) return;
      queue.push_back(message);
      queue_bytes += message.data.size();
      call = wake;
    }
    if (call) call();
  }

 private:
  bool accept(const VideoMessage& message) {
    switch (message.kind) {
      case VideoMessage::Kind::start:
        // What came before cannot be played after it; nothing piles up where nobody takes it.
        drop_fragments();
        queue.clear();
        queue_bytes = 0;
        wants_key = true;
        return true;
      case VideoMessage::Kind::init:
      case VideoMessage::Kind::end:
        return true;
      case VideoMessage::Kind::fragment:
        break;
    }
    if (queue_bytes + message.data.size() > VideoReader::kQueueBytesMax) {
      drop_fragments();
      wants_key = lagging = true;
    }
    if (wants_key && !message.key) {
      if (lagging) ++dropped;
      return false;
    }
    wants_key = lagging = false;
    return true;
  }

  void drop_fragments() {
    const auto old = std::remove_if(queue.begin(), queue.end(), [](const VideoMessage& m) {
      return m.kind == VideoMessage::Kind::fragment;
    });
    dropped += static_cast<uint64_t>(queue.end() - old);
    queue.erase(old, queue.end());
    queue_bytes = 0;
    for (const auto& message : queue) queue_bytes += message.data.size();
  }
};

struct FeedState {
  static constexpr size_t kCacheBytesMax = 16u << 20;

  mutable std::mutex mutex;
  std::vector<std::shared_ptr<ReaderState>> readers;
  std::optional<VideoMessage> start, init, end;
  std::vector<VideoMessage> gop;  // Fragments since the last key frame.
  size_t gop_bytes = 0;

  void broadcast(const VideoMessage& message) {
    for (const auto& reader : readers) reader->push(message);
  }
  void forget_gop() {
    gop.clear();
    gop_bytes = 0;
  }
};

}  // namespace detail

VideoReader::~VideoReader() {
  std::lock_guard lock(feed_->mutex);
  std::erase(feed_->readers, state_);
}

std::optional<VideoMessage> VideoReader::take() {
  std::lock_guard lock(state_->mutex);
  if (state_->queue.empty()) return std::nullopt;
  std::optional<VideoMessage> message(std::move(state_->queue.front()));
  state_->queue.pop_front();
  state_->queue_bytes -= message->data.size();
  return message;
}

void VideoReader::on_ready(std::function<void()> wake) {
  std::lock_guard lock(state_->mutex);
  state_->wake = std::move(wake);
}

uint64_t VideoReader::dropped() const {
  std::lock_guard lock(state_->mutex);
  return state_->dropped;
}

VideoFeed::VideoFeed() : state_(std::make_shared<detail::FeedState>()) {}
VideoFeed::~VideoFeed() { end("the camera was removed"); }

std::unique_ptr<VideoReader> VideoFeed::subscribe() {
  std::lock_guard lock(state_->mutex);
  if (state_->readers.size() >= kReadersMax) return nullptr;
  std::unique_ptr<VideoReader> reader(new VideoReader);
  reader->feed_ = state_;
  reader->state_ = std::make_shared<detail::ReaderState>();
  if (state_->start) {
    reader->state_->push(*state_->start);
    reader->state_->push(*state_->init);
    for (const auto& fragment : state_->gop) reader->state_->push(fragment);
  }
  if (state_->end) reader->state_->push(*state_->end);
  state_->readers.push_back(reader->state_);
  return reader;
}

int VideoFeed::readers() const {
  std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->readers.size());
}

void VideoFeed::restart(VideoMessage start, Bytes init) {
  start.kind = VideoMessage::Kind::start;
  VideoMessage init_message;
  init_message.kind = VideoMessage::Kind::init;
  init_message.data = std::move(init);
  std::lock_guard lock(state_->mutex);
  state_->forget_gop();
  state_->start = std::move(start);
  state_->init = std::move(init_message);
  state_->broadcast(*state_->start);
  state_->broadcast(*state_->init);
}

void VideoFeed::publish(Bytes fragment, bool key) {
  VideoMessage message;
  message.kind = VideoMessage::Kind::fragment;
  message.data = std::move(fragment);
  message.key = key;
  std::lock_guard lock(state_->mutex);
  if (key) state_->forget_gop();
  if (key || !state_->gop.empty()) {
    state_->gop_bytes += message.data.size();
    state_->gop.push_back(message);
    if (state_->gop_bytes > detail::FeedState::kCacheBytesMax) state_->forget_gop();
  }
  state_->broadcast(message);
}

void VideoFeed::pause() {
  std::lock_guard lock(state_->mutex);
  state_->forget_gop();
  state_->start.reset();
  state_->init.reset();
}

void VideoFeed::end(const std::string& reason) {
  VideoMessage message;
  message.kind = VideoMessage::Kind::end;
  message.reason = reason;
  std::lock_guard lock(state_->mutex);
  if (state_->end) return;
  state_->end = message;
  state_->broadcast(message);
}

}  // namespace pasu::hub
