// authmod=adobe: how encoders log in to RTMP servers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/rtmp/url.h"

namespace pasu::rtmp {

/// What a refused connect asks for, as the query to append to the application when connecting
/// again: first the user's name, then the proof. `description` is the refusal's, `sent` the query
/// of the connect that was refused. Nothing where the refusal is final: another reason, no
/// credentials, or the proof was not taken.
[[nodiscard]] std::optional<std::string> answer_adobe_auth(std::string_view description,
                                                           const Credentials& credentials,
                                                           std::string_view sent);

/// The server's half. Keeps nothing between connections: the opaque value is signed by `secret`.
class AdobeAuth {
 public:
  /// `secret` is random and kept for as long as challenges are good.
  explicit AdobeAuth(std::string secret) : secret_(std::move(secret)) {}

  struct Attempt {
    std::string user;
    /// Nothing yet: the peer has named its user alone.
    bool has_proof = false;
  };
  /// What connect's application says; nothing where it does not log in this way.
  [[nodiscard]] static std::optional<Attempt> attempt(std::string_view app);
  /// The description for reject_connect(): asks for a login, or (with a user) gives a challenge.
  [[nodiscard]] std::string challenge(std::string_view app) const;
  /// Is the proof in `app` made with `password`, for a challenge of ours?
  [[nodiscard]] bool verify(std::string_view app, std::string_view password) const;
  /// The description where verify() is false.
  [[nodiscard]] static std::string failure();

 private:
  [[nodiscard]] std::string sign(std::string_view user, std::string_view salt) const;
  std::string secret_;
};

}  // namespace pasu::rtmp
