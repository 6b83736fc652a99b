#include "wire/rtsp/auth.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "wire/detail/text.h"
#include "wire/rtsp/detail/crypto.h"
#include "wire/rtsp/headers.h"

namespace pasu::rtsp {
namespace {

using wire::detail::equal_ignoring_case;
using wire::detail::is_space;
using wire::detail::trim;

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct SchemeText {
  std::string scheme;
  std::string token;  // What follows the scheme and is no parameter: Basic credentials.
  Parameters parameters;

  std::string_view get(std::string_view name) const {
    for (const auto& [key, value] : parameters)
      if (equal_ignoring_case(key, name)) return value;
    return {};
  }
};

std::string_view take_token(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && !is_space(text[end]) && text[end] != ',' && text[end] != '=') ++end;
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(end);
  return token;
}

std::string take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    while (!text.empty() && !is_space(text[0]) && text[0] != ',') {
      value += text[0];
      text.remove_prefix(1);
    }
    return value;
  }
  size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    value += text[i];
  }
  text.remove_prefix(std::min(i + 1, text.size()));
  return value;
}

// "Digest realm="a", nonce="b", Basic realm="c"" (RFC 7235 2.1, 4.1): a word that no '=' follows
// begins the next scheme.
std::vector<SchemeText> split(std::string_view text) {
  std::vector<SchemeText> schemes;
  while (true) {
    while (!text.empty() && (is_space(text[0]) || text[0] == ',' || text[0] == '='))
      text.remove_prefix(1);
    if (text.empty()) return schemes;
    const std::string_view token = take_token(text);
    const std::string_view rest = trim(text);
    if (rest.starts_with('=') && !schemes.empty()) {
      text = trim(rest.substr(1));
      schemes.back().parameters.emplace_back(token, take_value(text));
    } else {
      schemes.push_back({std::string(token), {}, {}});
      if (equal_ignoring_case(token, "basic")) schemes.back().token = rest;
    }
  }
}

struct Algorithm {
  AuthScheme scheme;
  bool session;
};
std::optional<Algorithm> to_algorithm(std::string_view name) {
  if (name.empty() || equal_ignoring_case(name, "MD5"))
    return Algorithm{AuthScheme::digest_md5, false};
  if (equal_ignoring_case(name, "MD5-sess")) return Algorithm{AuthScheme::digest_md5, true};
  if (equal_ignoring_case(name, "SHA-256")) return Algorithm{AuthScheme::digest_sha256, false};
  if (equal_ignoring_case(name, "SHA-256-sess")) return Algorithm{AuthScheme::digest_sha256, true};
  return std::nullopt;
}

std::string_view algorithm_name(AuthScheme scheme, bool session) {
  if (scheme == AuthScheme::digest_sha256) return session ? "SHA-256-sess" : "SHA-256";
  return session ? "MD5-sess" : "MD5";
}

std::optional<Challenge> to_challenge(const SchemeText& text) {
  Challenge challenge;
  challenge.realm = text.get("realm");
  if (equal_ignoring_case(text.scheme, "basic")) {
    challenge.scheme = AuthScheme::basic;
    return challenge;
  }
  const auto algorithm = to_algorithm(text.get("algorithm"));
  if (!equal_ignoring_case(text.scheme, "digest") || !algorithm) return std::nullopt;
  challenge.scheme = algorithm->scheme;
  challenge.session = algorithm->session;
  challenge.nonce = text.get("nonce");
  challenge.opaque = text.get("opaque");
  challenge.stale = equal_ignoring_case(text.get("stale"), "true");
  const std::string_view qop = text.get("qop");
  challenge.qop_auth = list_has(qop, "auth");
  if (challenge.nonce.empty() || (!trim(qop).empty() && !challenge.qop_auth)) return std::nullopt;
  return challenge;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view value) {
  std::vector<Challenge> challenges;
  for (const auto& text : split(value))
    if (auto challenge = to_challenge(text)) challenges.push_back(std::move(*challenge));
  return challenges;
}

std::string to_string(const Challenge& challenge) {
  if (challenge.scheme == AuthScheme::basic) return "Basic realm=" + quoted(challenge.realm);
  std::string out =
      fmt::format("Digest realm={}, nonce={}, algorithm={}", quoted(challenge.realm),
                  quoted(challenge.nonce), algorithm_name(challenge.scheme, challenge.session));
  if (!challenge.opaque.empty()) out += ", opaque=" + quoted(challenge.opaque);
  if (challenge.qop_auth) out += ", qop=\"auth\"";
  if (challenge.stale) out += ", stale=TRUE";
  return out;
}

std::optional<Challenge> best_challenge(const Headers& headers) {
  std::optional<Challenge> best;
  for (const auto value : headers.find_all("WWW-Authenticate"))
    for (auto& challenge : parse_challenges(value))
      if (!best || challenge.scheme > best->scheme) best = std::move(challenge);
  return best;
}

Result<Credentials> parse_credentials(std::string_view value) {
  const auto schemes = split(value);
  if (schemes.empty()) return fail(Errc::malformed, "Authorization: empty");
  const SchemeText& text = schemes[0];
  Credentials out;
  if (equal_ignoring_case(text.scheme, "basic")) {
    const auto plain = from_base64(text.token);
    const size_t colon = plain ? as_text(*plain).find(':') : std::string::npos;
    if (colon == std::string::npos)
      return fail(Errc::malformed, "Authorization: Basic credentials are not user:password");
    out.scheme = AuthScheme::basic;
    out.user = as_text(*plain).substr(0, colon);
    out.password = as_text(*plain).substr(colon + 1);
    return out;
  }
  const auto algorithm = to_algorithm(text.get("algorithm"));
  const std::string_view qop = text.get("qop");
  out.qop_auth = equal_ignoring_case(qop, "auth");
  if (!equal_ignoring_case(text.scheme, "digest") || !algorithm || (!qop.empty() && !out.qop_auth))
    return fail(Errc::unsupported, "Authorization: neither Basic nor Digest with MD5 or SHA-256");
  out.scheme = algorithm->scheme;
  out.session = algorithm->session;
  out.user = text.get("username");
  out.realm = text.get("realm");
  out.nonce = text.get("nonce");
  out.opaque = text.get("opaque");
  out.uri = text.get("uri");
  out.response = text.get("response");
  out.cnonce = text.get("cnonce");
  out.nonce_count = text.get("nc");
  if (out.nonce.empty() || out.uri.empty() || out.response.empty())
    return fail(Errc::malformed, "Authorization: Digest without nonce, uri or response");
  if (out.qop_auth && (out.cnonce.empty() || out.nonce_count.empty()))
    return fail(Errc::malformed, "Authorization: qop without cnonce or nc");
  return out;
}

std::string to_string(const Credentials& c) {
  if (c.scheme == AuthScheme::basic)
    return "Basic " + to_base64(as_bytes(c.user + ":" + c.password));
  std::string out =
      fmt::format("Digest username={}, realm={}, nonce={}, uri={}, response={}", quoted(c.user),
                  quoted(c.realm), quoted(c.nonce), quoted(c.uri), quoted(c.response));
  // Servers that name no algorithm mean MD5, and some old ones do not know the parameter.
  if (c.scheme != AuthScheme::digest_md5 || c.session)
    out += fmt::format(", algorithm={}", algorithm_name(c.scheme, c.session));
  if (!c.opaque.empty()) out += ", opaque=" + quoted(c.opaque);
  if (c.qop_auth)
    out += fmt::format(", qop=auth, nc={}, cnonce={}", c.nonce_count, quoted(c.cnonce));
  return out;
}

std::string digest_response(const Credentials& c, std::string_view password,
                            std::string_view method) {
  const auto hash = [&c](const std::string& text) {
    return c.scheme == AuthScheme::digest_sha256 ? detail::sha256_hex(text) : detail::md5_hex(text);
  };
  std::string a1 = hash(fmt::format("{}:{}:{}", c.user, c.realm, password));
  if (c.session) a1 = hash(fmt::format("{}:{}:{}", a1, c.nonce, c.cnonce));
  const std::string a2 = hash(fmt::format("{}:{}", method, c.uri));
  if (!c.qop_auth) return hash(fmt::format("{}:{}:{}", a1, c.nonce, a2));
  return hash(fmt::format("{}:{}:{}:{}:auth:{}", a1, c.nonce, c.nonce_count, c.cnonce, a2));
}

}  // namespace pasu::rtsp
