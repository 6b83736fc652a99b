// What happens at the node, once made into JSON and handed to every live WebSocket.
#pragma once

#include <memory>

#include "api/message_source.h"
#include "node/node.h"

namespace pasu::api {

/// Thread-safe. The node outlives it; its sources may outlive it.
class LiveHub {
 public:
  /// A reader holds so many messages. Beyond that its oldest detections go, counted in the next
  /// one's `dropped`; a reader with nothing but state to lose is ended, and starts anew.
  static constexpr size_t kQueueMax = 1000;

  explicit LiveHub(node::Node& node);
  ~LiveHub();
  LiveHub(const LiveHub&) = delete;
  LiveHub& operator=(const LiveHub&) = delete;

  /// A new reader: the server and every camera at once, then what happens.
  [[nodiscard]] std::unique_ptr<MessageSource> subscribe();
  /// Once a second: the server's and every camera's figures, where anybody listens.
  void tick();

  struct State;  // Of live_hub.cc, shared with the sources.

 private:
  node::Node& node_;
  std::shared_ptr<State> state_;
  std::shared_ptr<void> listening_;
};

}  // namespace pasu::api
