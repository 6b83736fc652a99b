// RTSP URLs (RFC 2326 3.2): the camera's address, and how control attributes are made whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pasu::rtsp {

/// rtsp:// or rtsps://. The user and password are kept apart and never printed.
struct Url {
  bool tls = false;
  std::string user;      ///< Percent-decoded.
  std::string password;  ///< Percent-decoded.
  std::string host;      ///< A name or an address; IPv6 without its brackets.
  uint16_t port = 554;   ///< 554, or 322 over TLS, where the URL names none.
  std::string path;      ///< As written: percent-encoded, empty or beginning with '/'.
  std::string query;     ///< As written, without the '?'.

  /// Everything up to the last '@' before the first '/' is user info, because people put passwords
  /// with '@' and '?' into camera URLs without encoding them.
  /// Errors: malformed, unsupported (another scheme, rtspu). They never repeat the user info.
  [[nodiscard]] static Result<Url> parse(std::string_view text);

  [[nodiscard]] bool has_credentials() const { return !user.empty() || !password.empty(); }
  /// What a request line carries: no credentials, no default port.
  [[nodiscard]] std::string request_uri() const;
  /// For people: as request_uri(), with "***@" where there are credentials.
  [[nodiscard]] std::string display() const;
  bool operator==(const Url&) const = default;
};

/// The URL which relative controls of a description belong to (RFC 2326 C.1.1): `content_base`
/// (empty where the answer had none), else `request`. Host and port are always those of `request`,
/// because cameras behind address translation name their inner ones. Accepted although wrong,
/// because cameras send it: "rtsp://rtsp://host/" (go2rtc#208), no scheme (go2rtc#1852,
/// moonfire-nvr#356), a path alone, credentials.
[[nodiscard]] std::string base_url(const Url& request, std::string_view content_base);

/// The URL of a control attribute. Relative ones are appended to `base` as text, with one '/'
/// between, also behind a query, as cameras expect ("rtsp://host/cam?a=b/trackID=1"); RFC 1808
/// resolution, which RFC 2326 names, is what they do not understand (retina#9). Absolute ones get
/// host and port of `request`. Empty and "*" mean `base` itself.
[[nodiscard]] std::string control_url(const Url& request, std::string_view base,
                                      std::string_view control);

}  // namespace pasu::rtsp
