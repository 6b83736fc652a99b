#include "api/access.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unistd.h>

namespace pasu::api {
namespace {

// "[::1]:8080" and "gate.local:8080" without the port.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, std::min(host.find(']'), host.size() - 1) + 1);
  return host.substr(0, host.find(':'));
}

bool is_address(std::string_view host) {
  if (host.starts_with('[')) return host.ends_with(']');
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isdigit(c) != 0 || c == '.';
  });
}

std::string_view host_of(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

AccessRule::AccessRule(std::vector<std::string> origins, std::string host_name)
    : origins_(std::move(origins)), host_name_(std::move(host_name)) {}

AccessRule AccessRule::for_this_computer(std::vector<std::string> origins) {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) name[0] = '\0';
  return {std::move(origins), name.data()};
}

Result<void> AccessRule::check_host(std::string_view host) const {
  const std::string_view name = without_port(host);
  if (is_address(name) || same(name, "localhost")) return {};
  if (!host_name_.empty() && (same(name, host_name_) || same(name, host_name_ + ".local")))
    return {};
  for (const std::string& origin : origins_)
    if (same(name, without_port(host_of(origin)))) return {};
  return fail(Errc::invalid_argument,
              "this server does not answer to the host '{}'; if it is right, add its address to "
              "server.origins in the configuration",
              host.substr(0, 256));
}

Result<void> AccessRule::check_origin(std::string_view origin, std::string_view host) const {
  if (origin.empty()) return {};
  for (const std::string_view scheme : {"http://", "https://"})
    if (origin.starts_with(scheme) && same(origin.substr(scheme.size()), host)) return {};
  for (const std::string& allowed : origins_)
    if (same(origin, allowed)) return {};
  return fail(Errc::invalid_argument,
              "requests from pages of '{}' are refused; if that page is yours, add it to "
              "server.origins in the configuration",
              origin.substr(0, 256));
}

}  // namespace pasu::api
