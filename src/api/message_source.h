// Where a WebSocket's messages come from.
#pragma once

#include <functional>
#include <optional>

#include "base/bytes.h"

namespace pasu::api {

struct SocketMessage {
  Bytes data;
  bool text = true;  ///< Else binary.
};

/// Thread-safe. Destroying it ends its calls to `wake`, and waits for one under way.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  /// The next message, or nothing for now.
  [[nodiscard]] virtual std::optional<SocketMessage> take() = 0;
  /// `wake` is called, from any thread, when take() has something again or ended() became true. It
  /// must not block nor call back. Set once, before the first take().
  virtual void on_ready(std::function<void()> wake) = 0;
  /// Nothing will come after what take() still has: close the socket.
  [[nodiscard]] virtual bool ended() const = 0;
};

}  // namespace pasu::api
