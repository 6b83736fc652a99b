// Basic and Digest authentication (RFC 7617, 2617, 7616), the parts both ends share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/rtsp/message.h"

namespace pasu::rtsp {

/// Ordered by strength.
enum class AuthScheme { basic, digest_md5, digest_sha256 };

/// What a server asks for (WWW-Authenticate).
struct Challenge {
  AuthScheme scheme = AuthScheme::digest_md5;
  bool session = false;  ///< "MD5-sess", "SHA-256-sess" (RFC 7616 3.4.2).
  std::string realm;
  std::string nonce;
  std::string opaque;
  bool qop_auth = false;  ///< Offered; without it the older form of RFC 2069 is used.
  bool stale = false;     ///< The password was right and only the nonce was old.
  bool operator==(const Challenge&) const = default;
};

/// The challenges in one WWW-Authenticate value that this program can answer; a value may hold
/// several. Accepted although wrong, because cameras send it: stale="FALSE" in quotes and any case
/// (mediamtx#2348), algorithm in quotes, values without quotes.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view value);
[[nodiscard]] std::string to_string(const Challenge& challenge);

/// The strongest challenge of all WWW-Authenticate fields.
[[nodiscard]] std::optional<Challenge> best_challenge(const Headers& headers);

/// What a client answers (Authorization).
struct Credentials {
  AuthScheme scheme = AuthScheme::digest_md5;
  bool session = false;
  std::string user;
  std::string password;  ///< basic
  std::string realm, nonce, opaque, uri, response;
  bool qop_auth = false;
  std::string cnonce;
  std::string nonce_count;  ///< Eight hexadecimal digits, as text.
};
/// Errors: malformed, unsupported (another scheme, algorithm or qop). The password is not repeated.
[[nodiscard]] Result<Credentials> parse_credentials(std::string_view value);
[[nodiscard]] std::string to_string(const Credentials& credentials);

/// The response of RFC 7616 3.4.1 for the digest `credentials`, whose password is `password`.
[[nodiscard]] std::string digest_response(const Credentials& credentials, std::string_view password,
                                          std::string_view method);

}  // namespace pasu::rtsp
