// A listening TCP port, with limits for who comes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/io_threads.h"
#include "net/tcp_socket.h"

namespace pasu::net {

struct ListenOptions {
  std::string address = "127.0.0.1";  ///< "::" is every address of both families.
  uint16_t port = 0;                  ///< 0: any free one, see port().
  int connections_max = 4096;
  int connections_per_address_max = 1024;
};

struct ListenerStats {
  int connections = 0;
  uint64_t accepted = 0;
  uint64_t refused = 0;  ///< Over a limit, or with the last descriptors: closed at once.
  uint64_t pauses = 0;   ///< Accepting rested because the process had no descriptors left.
};

/// Accepts, and spreads the connections over the threads. Thread-safe.
class TcpListener {
 public:
  /// On the connection's own thread. It may be called while the listener is being destroyed, but
  /// not after the threads were.
  using OnAccept = std::function<void(TcpSocket)>;

  /// Errors: exists (the port is taken), invalid_argument (no address of this computer), io.
  [[nodiscard]] static Result<std::unique_ptr<TcpListener>> start(IoThreads& threads,
                                                                  const ListenOptions& options,
                                                                  OnAccept on_accept);
  /// The port is free afterwards; connections live on. The threads must still run.
  ~TcpListener();

  [[nodiscard]] uint16_t port() const;
  [[nodiscard]] ListenerStats stats() const;

 private:
  struct State;
  explicit TcpListener(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace pasu::net
