#include "wire/rtsp/client_auth.h"

#include <fmt/format.h>

#include "wire/rtsp/detail/crypto.h"

namespace pasu::rtsp {
namespace {
constexpr size_t kCnonceBytes = 8;
}

bool ClientAuth::take_challenge(const Headers& headers) {
  auto challenge = best_challenge(headers);
  if (!challenge) return false;
  if (!challenge_ || challenge_->nonce != challenge->nonce) nonce_count_ = 0;
  challenge_ = std::move(challenge);
  return true;
}

std::optional<std::string> ClientAuth::authorization(std::string_view method,
                                                     std::string_view uri) {
  if (!challenge_) return std::nullopt;
  Credentials credentials;
  credentials.scheme = challenge_->scheme;
  credentials.user = user_;
  if (challenge_->scheme == AuthScheme::basic) {
    credentials.password = password_;
    return to_string(credentials);
  }
  credentials.session = challenge_->session;
  credentials.realm = challenge_->realm;
  credentials.nonce = challenge_->nonce;
  credentials.opaque = challenge_->opaque;
  credentials.uri = uri;
  credentials.qop_auth = challenge_->qop_auth;
  if (credentials.qop_auth || credentials.session)
    credentials.cnonce = detail::random_hex(kCnonceBytes);
  if (credentials.qop_auth) credentials.nonce_count = fmt::format("{:08x}", ++nonce_count_);
  credentials.response = digest_response(credentials, password_, method);
  return to_string(credentials);
}

}  // namespace pasu::rtsp
