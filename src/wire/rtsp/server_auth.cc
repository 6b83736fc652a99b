#include "wire/rtsp/server_auth.h"

#include "wire/detail/text.h"
#include "wire/rtsp/detail/crypto.h"
#include "wire/rtsp/detail/target.h"

namespace pasu::rtsp {
namespace {

using detail::without_host;
using detail::without_last_slash;
using wire::detail::to_number;

constexpr size_t kNonceBytes = 16;

// The digest's uri should be the request's (RFC 7616 3.4.6). Players also give the URL of the
// whole presentation in a track's SETUP (live555, and so VLC), or leave out the host.
bool same_resource(std::string_view digest_uri, std::string_view request_uri) {
  const std::string_view digest = without_last_slash(without_host(digest_uri));
  const std::string_view request = without_last_slash(without_host(request_uri));
  if (!request.starts_with(digest)) return false;
  return request.size() == digest.size() || request[digest.size()] == '/' ||
         request[digest.size()] == '?';
}

}  // namespace

bool ServerAuth::nonce_fresh(MonoTime now) const {
  return !nonce_.empty() && now - nonce_made_ < policy_.nonce_lifetime;
}

ServerAuth::Verdict ServerAuth::check(const Request& request, std::string_view path, Access access,
                                      MonoTime now, std::string& user) {
  stale_ = false;
  if (!policy_.may) return Verdict::forbidden;
  if (policy_.may("", path, access)) {
    user.clear();
    return Verdict::granted;
  }
  const auto fields = request.headers.find_all("Authorization");
  if (fields.empty()) return Verdict::challenge;
  if (fields.size() > 1) return Verdict::contradicted;
  const auto credentials = parse_credentials(fields[0]);
  if (!credentials)
    return credentials.error().code() == Errc::unsupported ? Verdict::challenge
                                                           : Verdict::contradicted;
  if (credentials->scheme == AuthScheme::basic) {
    if (!policy_.allow_basic) return Verdict::challenge;
    const auto password =
        policy_.password_of ? policy_.password_of(credentials->user) : std::nullopt;
    // Hashed first, so that lengths and a missing user do not show.
    const bool equal =
        detail::equal_in_constant_time(detail::sha256_hex(credentials->password),
                                       detail::sha256_hex(password.value_or(std::string())));
    if (!password || !equal) return Verdict::wrong;
  } else if (const Verdict verdict = check_digest(*credentials, request, now);
             verdict != Verdict::granted) {
    return verdict;
  }
  if (credentials->user.empty() || !policy_.may(credentials->user, path, access))
    return Verdict::forbidden;
  user = credentials->user;
  return Verdict::granted;
}

ServerAuth::Verdict ServerAuth::check_digest(const Credentials& credentials, const Request& request,
                                             MonoTime now) {
  if (credentials.scheme == AuthScheme::digest_sha256 && !policy_.offer_sha256)
    return Verdict::challenge;
  const auto password = policy_.password_of ? policy_.password_of(credentials.user) : std::nullopt;
  const std::string_view method = request.method == Method::unknown
                                      ? std::string_view(request.method_name)
                                      : to_string(request.method);
  const std::string expected =
      digest_response(credentials, password.value_or(std::string()), method);
  const bool equal = detail::equal_in_constant_time(expected, credentials.response);
  if (!password || !equal || credentials.realm != policy_.realm ||
      !same_resource(credentials.uri, request.uri))
    return Verdict::wrong;
  if (!nonce_fresh(now) || !detail::equal_in_constant_time(credentials.nonce, nonce_)) {
    stale_ = true;  // The password was right: RFC 7616 3.3.
    return Verdict::challenge;
  }
  if (credentials.qop_auth) {
    const auto count = to_number<uint32_t>(credentials.nonce_count, 16);
    if (!count || *count <= nonce_count_) {
      stale_ = true;  // Seen before: somebody replays it (RFC 7616 3.4).
      nonce_.clear();
      return Verdict::challenge;
    }
    nonce_count_ = *count;
  }
  return Verdict::granted;
}

void ServerAuth::add_challenges(Headers& headers, MonoTime now) {
  if (!nonce_fresh(now)) {
    nonce_ = detail::random_hex(kNonceBytes);
    nonce_made_ = now;
    nonce_count_ = 0;
  }
  Challenge challenge;
  challenge.realm = policy_.realm;
  if (policy_.allow_basic) {
    challenge.scheme = AuthScheme::basic;
    headers.add("WWW-Authenticate", to_string(challenge));
  }
  challenge.nonce = nonce_;
  challenge.qop_auth = true;
  challenge.stale = stale_;
  if (policy_.offer_sha256) {
    challenge.scheme = AuthScheme::digest_sha256;
    headers.add("WWW-Authenticate", to_string(challenge));
  }
  challenge.scheme = AuthScheme::digest_md5;
  headers.add("WWW-Authenticate", to_string(challenge));
}

}  // namespace pasu::rtsp
