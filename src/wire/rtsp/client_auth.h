// The client's side of authentication: from a challenge to the Authorization field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/rtsp/auth.h"

namespace pasu::rtsp {

/// Remembers the last challenge of one connection, so that later requests carry credentials at
/// once, with a growing nonce count.
class ClientAuth {
 public:
  ClientAuth(std::string user, std::string password)
      : user_(std::move(user)), password_(std::move(password)) {}

  /// Takes the best challenge of a 401. False where there is none that can be answered.
  bool take_challenge(const Headers& headers);
  /// The value of Authorization; nothing before the first challenge.
  [[nodiscard]] std::optional<std::string> authorization(std::string_view method,
                                                         std::string_view uri);
  [[nodiscard]] bool has_user() const { return !user_.empty() || !password_.empty(); }
  /// Whether the last challenge said that only the nonce was old.
  [[nodiscard]] bool stale() const { return challenge_ && challenge_->stale; }

 private:
  std::string user_;
  std::string password_;
  std::optional<Challenge> challenge_;
  uint32_t nonce_count_ = 0;
};

}  // namespace pasu::rtsp
