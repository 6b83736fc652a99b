// Who may talk to the server: which Host it answers to, which Origin may change things or open
// sockets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasu::api {

/// Browsers let any page send requests here; these two checks are what keeps other sites out.
///
/// Host must be a name of this server (an address literal, localhost, this computer's name, or the
/// host of one of `origins`), so that a hostile DNS name that points here gets nothing. Origin,
/// where a browser sends one, must be the server's own or one of `origins`.
class AccessRule {
 public:
  AccessRule(std::vector<std::string> origins, std::string host_name);
  /// The computer's own name.
  [[nodiscard]] static AccessRule for_this_computer(std::vector<std::string> origins);

  /// Errors: invalid_argument with the remedy.
  [[nodiscard]] Result<void> check_host(std::string_view host) const;
  /// `origin` empty: not sent, so this is no browser. Errors: invalid_argument.
  [[nodiscard]] Result<void> check_origin(std::string_view origin, std::string_view host) const;

 private:
  std::vector<std::string> origins_;
  std::string host_name_;
};

}  // namespace pasu::api
