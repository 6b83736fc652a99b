#include "net/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <net/if.h>
#include <netinet/in.h>

#include "net/detail/socket_address.h"

namespace pasu::net {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

Result<Address> Address::parse(const std::string& ip, uint16_t port) {
  Address out;
  out.port = port;
  in_addr v4{};
  if (inet_pton(AF_INET, ip.c_str(), &v4) == 1) {
    std::ranges::copy(kMappedPrefix, out.ip.begin());
    std::memcpy(out.ip.data() + 12, &v4, 4);
    return out;
  }
  const size_t percent = ip.find('%');
  if (inet_pton(AF_INET6, ip.substr(0, percent).c_str(), out.ip.data()) == 1) {
    if (percent == std::string::npos) return out;
    out.scope = if_nametoindex(ip.substr(percent + 1).c_str());
    if (out.scope != 0) return out;
  }
  return fail(Errc::invalid_argument, "'{}' is no IP address of this computer or another", ip);
}

bool Address::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.begin());
}

bool Address::is_multicast() const { return is_v4() ? (ip[12] >> 4) == 0xE : ip[0] == 0xFF; }

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_v4()) {
    inet_ntop(AF_INET, ip.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, ip.data(), text, sizeof text);
  }
  return text;
}

std::string Address::text() const {
  return is_v4() ? fmt::format("{}:{}", host(), port) : fmt::format("[{}]:{}", host(), port);
}

namespace detail {

SocketAddress to_socket_address(const Address& address, int family) {
  SocketAddress out;
  if (family == AF_INET) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    std::memcpy(&v4.sin_addr, address.ip.data() + 12, 4);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    v6.sin6_scope_id = address.scope;
    std::memcpy(&v6.sin6_addr, address.ip.data(), 16);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

Address from_socket_address(const sockaddr* address) {
  Address out;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    std::ranges::copy(kMappedPrefix, out.ip.begin());
    std::memcpy(out.ip.data() + 12, &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
  } else if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    std::memcpy(out.ip.data(), &v6.sin6_addr, 16);
    out.port = ntohs(v6.sin6_port);
    // Only a link-local address means different things on different interfaces.
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) out.scope = v6.sin6_scope_id;
  }
  return out;
}

}  // namespace detail
}  // namespace pasu::net
