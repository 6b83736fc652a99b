#include "api/live_hub.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "api/messages.h"
#include "base/metrics.h"

namespace pasu::api {
namespace {

struct Queued {
  Bytes data;
  bool detections = false;
};

struct Reader {
  std::deque<Queued> queue;
  uint64_t dropped = 0;
  bool ended = false;
  std::function<void()> wake;
};

}  // namespace

struct LiveHub::State {
  // Held from asking the node until its answer is told, and while an event is told: so no reader
  // hears of a camera after it heard that the camera was removed. Taken before `mutex`.
  std::mutex order;
  std::mutex
      mutex;  // Guards the rest; held while a reader is woken, so that none is woken after it left.
  std::vector<Reader*> readers;
  metrics::Counter dropped = metrics::registry().counter(
      "pasu_api_live_dropped_total", "Detections that a slow live reader lost.");

  bool anybody() {
    std::lock_guard lock(mutex);
    return !readers.empty();
  }

  void broadcast(const std::string& text, bool detections) {
    const Queued message{Bytes::copy(as_bytes(text)), detections};
    std::lock_guard lock(mutex);
    for (Reader* reader : readers) push(*reader, message);
  }

  void push(Reader& reader, const Queued& message) {
    if (reader.ended) return;
    if (reader.queue.size() >= kQueueMax) {
      const auto oldest = std::ranges::find_if(reader.queue, &Queued::detections);
      if (oldest == reader.queue.end()) {
        reader.ended = true;
        reader.queue.clear();
      } else {
        reader.queue.erase(oldest);
        ++reader.dropped;
        dropped.add();
      }
    }
    if (!reader.ended) reader.queue.push_back(message);
    if (reader.wake) reader.wake();
  }
};

namespace {

class LiveSource final : public MessageSource {
 public:
  explicit LiveSource(std::shared_ptr<LiveHub::State> state) : state_(std::move(state)) {
    std::lock_guard lock(state_->mutex);
    state_->readers.push_back(&reader_);
  }
  ~LiveSource() override {
    std::lock_guard lock(state_->mutex);
    std::erase(state_->readers, &reader_);
  }
  LiveSource(const LiveSource&) = delete;
  LiveSource& operator=(const LiveSource&) = delete;

  void push_text(const std::string& text) {
    std::lock_guard lock(state_->mutex);
    state_->push(reader_, {Bytes::copy(as_bytes(text)), false});
  }

  std::optional<SocketMessage> take() override {
    std::lock_guard lock(state_->mutex);
    if (reader_.queue.empty()) return std::nullopt;
    Queued next = std::move(reader_.queue.front());
    reader_.queue.pop_front();
    if (!next.detections || reader_.dropped == 0) return SocketMessage{std::move(next.data), true};
    std::string text(as_text(next.data));
    text.pop_back();
    text += fmt::format(R"(,"dropped":{}}})", reader_.dropped);
    return SocketMessage{Bytes::copy(as_bytes(text)), true};
  }

  void on_ready(std::function<void()> wake) override {
    std::lock_guard lock(state_->mutex);
    reader_.wake = std::move(wake);
  }
  std::optional<Farewell> farewell() const override {
    std::lock_guard lock(state_->mutex);
    if (!reader_.ended) return std::nullopt;
    return Farewell{1013, "too slow for the live messages; connect again"};
  }

 private:
  std::shared_ptr<LiveHub::State> state_;
  Reader reader_;
};

}  // namespace

LiveHub::LiveHub(node::Node& node) : node_(node), state_(std::make_shared<State>()) {
  node::Listener listener;
  listener.on_detections = [state = state_](const node::Detections& detections) {
    if (state->anybody()) state->broadcast(live_detections(detections), true);
  };
  listener.on_camera = [state = state_](const node::CameraStatus& camera) {
    if (!state->anybody()) return;
    std::lock_guard order(state->order);
    state->broadcast(live_camera(camera), false);
  };
  listener.on_removed = [state = state_](const std::string& name) {
    std::lock_guard order(state->order);
    state->broadcast(live_removed(name), false);
  };
  listening_ = node.listen(std::move(listener));
}

LiveHub::~LiveHub() = default;

std::unique_ptr<MessageSource> LiveHub::subscribe() {
  // First the place, then the snapshot: what happens in between is told twice rather than never.
  auto source = std::make_unique<LiveSource>(state_);
  std::lock_guard order(state_->order);
  source->push_text(live_server(node_.status()));
  for (const auto& camera : node_.cameras()) source->push_text(live_camera(camera));
  return source;
}

void LiveHub::tick() {
  if (!state_->anybody()) return;
  std::lock_guard order(state_->order);
  state_->broadcast(live_server(node_.status()), false);
  for (const auto& camera : node_.cameras()) state_->broadcast(live_camera(camera), false);
}

}  // namespace pasu::api
