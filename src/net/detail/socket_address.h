// Address to and from what the kernel's calls take.
#pragma once

#include <sys/socket.h>

#include "net/address.h"

namespace pasu::net::detail {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// For a socket of `family` (AF_INET or AF_INET6; the latter reaches IPv4 by mapped addresses).
[[nodiscard]] SocketAddress to_socket_address(const Address& address, int family);
[[nodiscard]] Address from_socket_address(const sockaddr* address);

}  // namespace pasu::net::detail
