// rtmp:// and rtmps:// addresses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pasu::rtmp {

struct Credentials {
  std::string user;
  std::string password;
  [[nodiscard]] bool empty() const { return user.empty() && password.empty(); }
  bool operator==(const Credentials&) const = default;
};

/// An address as FFmpeg and OBS write it: rtmp://user:password@host:port/app/stream?query.
///
/// The path's first part is the application; of three and more parts the first two are, as FFmpeg
/// has it. The rest with the query is the stream's name, which may be empty. The query belongs to
/// the application where there is no stream.
struct Url {
  bool tls = false;
  std::string host;  ///< Without the brackets of an IPv6 address.
  uint16_t port = 1935;
  std::string app;
  std::string stream;
  Credentials credentials;  ///< Percent-decoded.

  /// Default ports: 1935, with TLS 443. Errors: invalid_argument (scheme, host or port).
  [[nodiscard]] static Result<Url> parse(std::string_view text);
  /// connect's tcUrl: the address up to the application, without credentials.
  [[nodiscard]] std::string tc_url() const;
  /// Without credentials and query, for people to read.
  [[nodiscard]] std::string to_string() const;
  bool operator==(const Url&) const = default;
};

/// The value of `name` in "a=1&b=2", percent-decoded; empty where it is missing.
[[nodiscard]] std::string query_value(std::string_view query, std::string_view name);

/// What publishers and players ask for, made of connect's application and the stream's name:
/// "app/stream", without queries, empty parts, and the prefixes "mp4:", "flv:", "mp3:".
[[nodiscard]] std::string stream_path(std::string_view app, std::string_view stream);
/// user= (or username=) and pass= (or password=) of the stream's query, else of the application's.
[[nodiscard]] Credentials query_credentials(std::string_view app, std::string_view stream);

}  // namespace pasu::rtmp
