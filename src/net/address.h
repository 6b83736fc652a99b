// An IP address with a port.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace pasu::net {

/// IPv4 addresses are held mapped into IPv6 (::ffff:1.2.3.4), so that one form is compared and
/// hashed.
struct Address {
  std::array<uint8_t, 16> ip{};
  uint16_t port = 0;
  uint32_t scope = 0;  ///< The interface of a link-local IPv6 address.

  /// `ip` in numbers, not a name ("192.0.2.1", "::", "fe80::1%eth0"). Errors: invalid_argument.
  [[nodiscard]] static Result<Address> parse(const std::string& ip, uint16_t port);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool same_host(const Address& other) const { return ip == other.ip; }
  [[nodiscard]] Address with_port(uint16_t other) const { return {ip, other, scope}; }

  /// "192.0.2.1", "2001:db8::1"
  [[nodiscard]] std::string host() const;
  /// "192.0.2.1:554", "[2001:db8::1]:554"
  [[nodiscard]] std::string text() const;

  auto operator<=>(const Address&) const = default;
};

}  // namespace pasu::net
