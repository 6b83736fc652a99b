// Opening a TCP connection: name, addresses, and a limit of time over both.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/result.h"
#include "net/io_threads.h"
#include "net/tcp_socket.h"

namespace pasu::net {

struct ConnectTarget {
  std::string host{};  ///< A name or an address; no brackets around IPv6.
  uint16_t port = 0;
  std::chrono::milliseconds timeout{10'000};
};

/// Calls `done` on `thread`, once, later. The name's addresses are tried in order. Errors name the
/// host: not_found (no such name), unavailable (refused, unreachable), timeout.
void connect(IoThread& thread, const ConnectTarget& target,
             std::function<void(Result<TcpSocket>)> done);

}  // namespace pasu::net
