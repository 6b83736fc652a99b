#include "wire/rtmp/url.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "wire/detail/text.h"

namespace pasu::rtmp {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Splits at the first `separator`; all is first where there is none.
std::pair<std::string_view, std::string_view> split(std::string_view text, char separator) {
  const size_t at = text.find(separator);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
}

Result<void> parse_port(std::string_view text, Url& url) {
  if (text.empty()) return {};
  unsigned port = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc() || end != text.data() + text.size() || port == 0 || port > 65535) {
    return fail(Errc::invalid_argument, "RTMP address: port {:.32} is not in 1 to 65535", text);
  }
  url.port = static_cast<uint16_t>(port);
  return {};
}

Result<void> parse_authority(std::string_view authority, Url& url) {
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const auto [user, password] = split(authority.substr(0, at), ':');
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
  if (starts_with_ignoring_case(text, "rtmp://")) {
    text.remove_prefix(7);
  } else if (starts_with_ignoring_case(text, "rtmps://")) {
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
  const auto name = split(stream, '?').first;
  if (!name.empty()) text.append("/").append(name);
  return text;
}

std::string percent_decode(std::string_view value) {
  std::string out;
  for (size_t i = 0; i < value.size(); ++i) {
    const int high = value[i] == '%' && i + 2 < value.size() ? hex_digit(value[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(value[i + 2]) : -1;
    if (low < 0) {
      out += value[i];
      continue;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto [pair, rest] = split(query, '&');
    const auto [key, value] = split(pair, '=');
    if (key == name) return percent_decode(value);
    query = rest;
  }
  return {};
}

std::string stream_path(std::string_view app, std::string_view stream) {
  std::string path;
  for (std::string_view part : {split(app, '?').first, split(stream, '?').first}) {
    for (const std::string_view prefix : {"mp4:", "flv:", "mp3:"}) {
      if (part.starts_with(prefix)) part.remove_prefix(prefix.size());
    }
    while (!part.empty()) {
      const auto [name, rest] = split(part, '/');
      if (!name.empty()) path.append(path.empty() ? "" : "/").append(name);
      part = rest;
    }
  }
  return path;
}

Credentials query_credentials(std::string_view app, std::string_view stream) {
  for (const std::string_view name : {stream, app}) {
    const std::string_view query = split(name, '?').second;
    Credentials credentials{query_value(query, "user"), query_value(query, "pass")};
    if (credentials.user.empty()) credentials.user = query_value(query, "username");
    if (credentials.password.empty()) credentials.password = query_value(query, "password");
    if (!credentials.empty()) return credentials;
  }
  return {};
}

}  // namespace pasu::rtmp
