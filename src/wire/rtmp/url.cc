#include "wire/rtmp/url.h"

#include <algorithm>

#include "wire/detail/text.h"

namespace pasu::rtmp {
namespace {

using wire::detail::cut;
using wire::detail::percent_decode;
using wire::detail::starts_ignoring_case;

Result<void> parse_port(std::string_view text, Url& url) {
  if (text.empty()) return {};
  const auto port = wire::detail::to_number<uint16_t>(text);
  if (!port || *port == 0)
    return fail(Errc::invalid_argument, "RTMP address: port {:.32} is not in 1 to 65535", text);
  url.port = *port;
  return {};
}

Result<void> parse_authority(std::string_view authority, Url& url) {
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    std::string_view password = authority.substr(0, at);
    const std::string_view user = cut(password, ':');
    url.credentials = {percent_decode(user), percent_decode(password)};
    authority = authority.substr(at + 1);
  }
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) {
      return fail(Errc::invalid_argument, "RTMP address: [ without ] around the host");
    }
    url.host = authority.substr(1, end - 1);
    if (!url.host.empty() && !wire::detail::may_be_ipv6(url.host))
      return fail(Errc::invalid_argument, "RTMP address: '[{}]' is no IPv6 address", url.host);
    authority = authority.substr(end + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    authority = authority.substr(colon);
  }
  if (url.host.empty()) return fail(Errc::invalid_argument, "RTMP address: the host is missing");
  if (!authority.empty() && authority[0] != ':') {
    return fail(Errc::invalid_argument, "RTMP address: text behind the host's ]");
  }
  return parse_port(authority.empty() ? authority : authority.substr(1), url);
}

// Where the application ends in a path without its first slash and without its query.
size_t application_end(std::string_view path) {
  const size_t first = path.find('/');
  if (first == std::string_view::npos) return path.size();
  const size_t second = path.find('/', first + 1);
  const size_t colon = path.find(':', first + 1);
  // "app/mp4:folder/name" is one stream name.
  if (second == std::string_view::npos || colon < second) return first;
  return second;
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  Url url;
  if (starts_ignoring_case(text, "rtmp://")) {
    text.remove_prefix(7);
  } else if (starts_ignoring_case(text, "rtmps://")) {
    text.remove_prefix(8);
    url.tls = true;
    url.port = 443;
  } else {
    return fail(Errc::invalid_argument, "RTMP address: it begins with rtmp:// or rtmps://");
  }
  const size_t slash = std::min(text.find_first_of("/?"), text.size());
  TRY(parse_authority(text.substr(0, slash), url));
  std::string_view path = text.substr(slash);
  if (path.starts_with('/')) path.remove_prefix(1);
  const size_t query = std::min(path.find('?'), path.size());
  const size_t end = application_end(path.substr(0, query));
  if (end == query) {
    url.app = path;
  } else {
    url.app = path.substr(0, end);
    url.stream = path.substr(end + 1);
  }
  return url;
}

std::string Url::tc_url() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text =
      fmt::format("{}://{}{}{}", tls ? "rtmps" : "rtmp", v6 ? "[" : "", host, v6 ? "]" : "");
  if (port != (tls ? 443 : 1935)) text += fmt::format(":{}", port);
  return text + "/" + app;
}

std::string Url::to_string() const {
  std::string text = tc_url();
  text.resize(std::min(text.find('?'), text.size()));
  const std::string name = stream.substr(0, stream.find('?'));
  if (!name.empty()) text.append("/").append(name);
  return text;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    std::string_view value = cut(query, '&');
    if (cut(value, '=') == name) return percent_decode(value);
  }
  return {};
}

std::string stream_path(std::string_view app, std::string_view stream) {
  std::string path;
  for (std::string_view text : {app, stream}) {
    std::string_view part = cut(text, '?');
    for (const std::string_view prefix : {"mp4:", "flv:", "mp3:"}) {
      if (part.starts_with(prefix)) part.remove_prefix(prefix.size());
    }
    while (!part.empty()) {
      const std::string_view name = cut(part, '/');
      if (!name.empty()) path.append(path.empty() ? "" : "/").append(name);
    }
  }
  return path;
}

Credentials query_credentials(std::string_view app, std::string_view stream) {
  for (std::string_view query : {stream, app}) {
    cut(query, '?');
    Credentials credentials{query_value(query, "user"), query_value(query, "pass")};
    if (credentials.user.empty()) credentials.user = query_value(query, "username");
    if (credentials.password.empty()) credentials.password = query_value(query, "password");
    if (!credentials.empty()) return credentials;
  }
  return {};
}

}  // namespace pasu::rtmp
