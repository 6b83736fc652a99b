// The port that the server answers at, taken before there is anything to answer with.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace pasu::api {

/// A listening socket. Opened first, so that a busy port is told before models load and cameras
/// start; who connects before Server::start() waits in the system's queue.
class Door {
 public:
  /// `address` is a literal or "localhost"; `port` 0 is any free one. Errors: invalid_argument (no
  /// address), unavailable (names the port and the remedy).
  [[nodiscard]] static Result<Door> open(const std::string& address, uint16_t port);
  Door(Door&& other) noexcept : socket_(std::exchange(other.socket_, -1)), is_v6_(other.is_v6_) {}
  Door& operator=(Door&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(is_v6_, other.is_v6_);
    return *this;
  }
  ~Door();

  [[nodiscard]] bool is_v6() const { return is_v6_; }
  /// The socket, now the caller's to close.
  [[nodiscard]] int take() && { return std::exchange(socket_, -1); }

 private:
  Door(int socket, bool is_v6) : socket_(socket), is_v6_(is_v6) {}

  int socket_;
  bool is_v6_;
};

}  // namespace pasu::api
