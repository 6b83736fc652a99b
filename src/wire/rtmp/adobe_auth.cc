#include "wire/rtmp/adobe_auth.h"

#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/assert.h"
#include "base/base64.h"
#include "base/bytes.h"

namespace pasu::rtmp {
namespace {

std::string md5_base64(const std::string& text) {
  std::array<uint8_t, 16> digest{};
  unsigned int size = digest.size();
  ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_md5(), nullptr) == 1);
  return to_base64(digest);
}

std::string to_hex(ByteView bytes) {
  std::string out;
  for (const uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

// FFmpeg reads 255 characters of a refusal: what is in it is kept short.
constexpr size_t kRandomBytes = 8, kSignatureBytes = 16;

std::string random_hex() {
  std::array<uint8_t, kRandomBytes> bytes{};
  ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return to_hex(bytes);
}

// The response of the protocol: the password hashed with the salt, that hashed with both random
// values.
std::string response(std::string_view user, std::string_view salt, std::string_view password,
                     std::string_view opaque, std::string_view client_challenge) {
  const std::string secret = md5_base64(fmt::format("{}{}{}", user, salt, password));
  return md5_base64(fmt::format("{}{}{}", secret, opaque, client_challenge));
}

std::string_view query_of(std::string_view text) {
  const size_t at = text.find('?');
  return at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<std::string> answer_adobe_auth(std::string_view description,
                                             const Credentials& credentials,
                                             std::string_view sent) {
  if (credentials.user.empty() || description.find("authmod=adobe") == std::string_view::npos) {
    return {};
  }
  const bool proof_sent = sent.find("&response=") != std::string_view::npos;
  const std::string_view query = query_of(description);
  if (query.empty()) {
    if (!sent.empty()) return {};
    return fmt::format("?authmod=adobe&user={}", credentials.user);
  }
  if (query_value(query, "reason") != "needauth" || proof_sent) return {};
  const std::string opaque = query_value(query, "opaque");
  const std::string theirs = opaque.empty() ? query_value(query, "challenge") : opaque;
  const std::string ours = random_hex();
  std::string answer = fmt::format(
      "?authmod=adobe&user={}&challenge={}&response={}", credentials.user, ours,
      response(credentials.user, query_value(query, "salt"), credentials.password, theirs, ours));
  if (!opaque.empty()) answer += "&opaque=" + opaque;
  return answer;
}

std::optional<AdobeAuth::Attempt> AdobeAuth::attempt(std::string_view app) {
  const std::string_view query = query_of(app);
  if (query_value(query, "authmod") != "adobe") return {};
  return Attempt{query_value(query, "user"), !query_value(query, "response").empty()};
}

std::string AdobeAuth::challenge(std::string_view app) const {
  const auto tried = attempt(app);
  if (!tried || tried->user.empty()) {
    return "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ";
  }
  const std::string salt = random_hex();
  const std::string opaque = salt + sign(tried->user, salt);
  return fmt::format(
      "[ AccessManager.Reject ] : [ authmod=adobe ] : "
      "?reason=needauth&user={}&salt={}&challenge={}&opaque={}",
      tried->user, salt, salt, opaque);
}

bool AdobeAuth::verify(std::string_view app, std::string_view password) const {
  const std::string_view query = query_of(app);
  const std::string user = query_value(query, "user");
  const std::string opaque = query_value(query, "opaque");
  constexpr size_t kSaltSize = 2 * kRandomBytes;
  if (opaque.size() <= kSaltSize) return false;
  const std::string salt = opaque.substr(0, kSaltSize);
  if (!same(opaque.substr(kSaltSize), sign(user, salt))) return false;
  return same(query_value(query, "response"),
              response(user, salt, password, opaque, query_value(query, "challenge")));
}

std::string AdobeAuth::failure() {
  return "[ AccessManager.Reject ] : [ authmod=adobe ] : ?reason=authfailed";
}

std::string AdobeAuth::sign(std::string_view user, std::string_view salt) const {
  const std::string text = fmt::format("{}\n{}", salt, user);
  std::array<uint8_t, 32> digest{};
  unsigned int size = digest.size();
  ASSERT(HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()), as_bytes(text).data(),
              text.size(), digest.data(), &size) != nullptr);
  return to_hex(ByteView(digest).first(kSignatureBytes));
}

}  // namespace pasu::rtmp
