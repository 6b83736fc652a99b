// Where a WebSocket's messages come from.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace pasu::api {

struct SocketMessage {
  Bytes data;
  bool text = true;  ///< Else binary.
};

/// The close frame. RFC 6455 7.4.1.
struct Farewell {
  uint16_t code = 1000;
  std::string reason;
};

/// Thread-safe. Destroying it ends its calls to `wake`, and waits for one under way.
class MessageSource {
 public:
  virtual ~MessageSource() = default;
  /// The next message, or nothing for now.
  [[nodiscard]] virtual std::optional<SocketMessage> take() = 0;
  /// `wake` is called, from any thread, when take() has something again or farewell() became set.
  /// It must not block nor call back. Set once, before the first take().
  virtual void on_ready(std::function<void()> wake) = 0;
  /// Asked when take() had nothing: set where nothing will come any more, and why.
  [[nodiscard]] virtual std::optional<Farewell> farewell() const = 0;
};

}  // namespace pasu::api
