// The server's side of authentication: challenges, and whether a request may do what it asks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "wire/rtsp/auth.h"

namespace pasu::rtsp {

enum class Access { read, publish };

/// Who may do what. The functions are called while a machine works, on its thread; they must not
/// block. Absent functions: nobody has a password, and nobody may do anything.
struct AuthPolicy {
  std::string realm = "pasu";
  /// Passwords travel readable: only for connections that are encrypted, or by wish.
  bool allow_basic = false;
  bool offer_sha256 = true;
  std::chrono::seconds nonce_lifetime{300};
  /// The password of a user; nothing where there is no such user.
  std::function<std::optional<std::string>(std::string_view user)> password_of;
  /// Whether `user` ("" for anybody, without a password) may read or publish `path`.
  std::function<bool(std::string_view user, std::string_view path, Access access)> may;
};

/// For one connection: its nonces are good nowhere else. Responses are compared in constant time,
/// and an unknown user costs as much as a wrong password.
class ServerAuth {
 public:
  enum class Verdict {
    granted,
    challenge,     ///< 401: no credentials yet, or the nonce was old.
    wrong,         ///< 401: a wrong user or password.
    forbidden,     ///< 403: the user is who they say, and may not.
    contradicted,  ///< 400: several Authorization fields, or one that cannot be read.
  };
  explicit ServerAuth(AuthPolicy policy) : policy_(std::move(policy)) {}

  /// Grants what anybody may without credentials. On granted, `user` is set.
  [[nodiscard]] Verdict check(const Request& request, std::string_view path, Access access,
                              MonoTime now, std::string& user);
  /// Adds the WWW-Authenticate fields that go with challenge and wrong. MD5 comes last: players
  /// that do not know SHA-256 (FFmpeg, live555) use the last Digest they see.
  void add_challenges(Headers& headers, MonoTime now);

 private:
  Verdict check_digest(const Credentials& credentials, const Request& request, MonoTime now);
  bool nonce_fresh(MonoTime now) const;

  AuthPolicy policy_;
  std::string nonce_;
  MonoTime nonce_made_{};
  uint32_t nonce_count_ = 0;
  bool stale_ = false;
};

}  // namespace pasu::rtsp
