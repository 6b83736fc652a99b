#include "wire/rtsp/url.h"

#include <algorithm>

#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

using wire::detail::equal_ignoring_case;
using wire::detail::percent_decode;
using wire::detail::starts_ignoring_case;
using wire::detail::to_number;
using wire::detail::trim;

constexpr uint16_t kPort = 554, kTlsPort = 322;

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; }

Result<void> set_authority(Url& url, std::string_view authority) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos)
      return fail(Errc::malformed, "the IPv6 address lacks its ']'");
    url.host = authority.substr(1, close - 1);
    if (!wire::detail::may_be_ipv6(url.host))
      return fail(Errc::malformed, "'[{}]' is no IPv6 address", url.host);
    port = authority.substr(close + 1);
    if (!port.empty() && !port.starts_with(':'))
      return fail(Errc::malformed, "after the IPv6 address comes ':' and a port, or '/'");
  } else {
    const size_t colon = authority.find(':');
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
  }
  if (url.host.empty()) return fail(Errc::malformed, "no host");
  if (port.size() <= 1) return {};
  const auto number = to_number<uint16_t>(port.substr(1));
  if (!number || *number == 0)
    return fail(Errc::malformed, "the port '{}' is no number from 1 to 65535", port.substr(1));
  url.port = *number;
  return {};
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos)
    return fail(Errc::malformed, "no scheme; write rtsp://host/path");
  const std::string_view scheme = text.substr(0, scheme_end);
  if (equal_ignoring_case(scheme, "rtsps")) {
    url.tls = true;
    url.port = kTlsPort;
  } else if (!equal_ignoring_case(scheme, "rtsp")) {
    return fail(Errc::unsupported, "the scheme is neither rtsp nor rtsps");
  }
  for (const char c : text)
    if (is_control(c) || c == ' ')
      return fail(Errc::malformed, "a blank or control character; write it as %20");
  text.remove_prefix(scheme_end + 3);

  const size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  std::string_view rest = slash == std::string_view::npos ? "" : text.substr(slash);
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view info = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    const size_t colon = info.find(':');
    url.user = percent_decode(info.substr(0, colon));
    if (colon != std::string_view::npos) url.password = percent_decode(info.substr(colon + 1));
    if (std::any_of(url.user.begin(), url.user.end(), is_control) ||
        std::any_of(url.password.begin(), url.password.end(), is_control))
      return fail(Errc::malformed, "a control character in the user or password");
  }
  if (const size_t mark = authority.find('?'); mark != std::string_view::npos) {
    rest = text.substr(static_cast<size_t>(authority.data() - text.data()) + mark);
    authority = authority.substr(0, mark);
  }
  TRY(set_authority(url, authority));
  const size_t mark = rest.find('?');
  url.path = rest.substr(0, mark);
  if (mark != std::string_view::npos) url.query = rest.substr(mark + 1);
  return url;
}

std::string print(const Url& url, std::string_view user_info) {
  const bool v6 = url.host.find(':') != std::string::npos;
  std::string text = fmt::format("{}://{}{}{}{}", url.tls ? "rtsps" : "rtsp", user_info,
                                 v6 ? "[" : "", url.host, v6 ? "]" : "");
  if (url.port != (url.tls ? kTlsPort : kPort)) text += fmt::format(":{}", url.port);
  text += url.path;
  if (!url.query.empty()) text += "?" + url.query;
  return text;
}

bool is_absolute(std::string_view text) {
  return starts_ignoring_case(text, "rtsp://") || starts_ignoring_case(text, "rtsps://");
}

// `text` as a URL on the request's own host and port; nothing where it is none.
std::optional<Url> on_host_of(const Url& request, std::string_view text) {
  auto url = Url::parse(text);
  if (!url) return std::nullopt;
  url->tls = request.tls;
  url->user.clear();
  url->password.clear();
  url->host = request.host;
  url->port = request.port;
  return std::move(*url);
}

}  // namespace

Result<Url> Url::parse(std::string_view text) { return with_context(parse_url(text), "rtsp url"); }

std::string Url::request_uri() const { return print(*this, ""); }

std::string Url::display() const { return print(*this, has_credentials() ? "***@" : ""); }

std::string base_url(const Url& request, std::string_view content_base) {
  content_base = trim(content_base);
  while (is_absolute(content_base)) {
    const std::string_view rest = content_base.substr(content_base.find("://") + 3);
    if (!is_absolute(rest)) break;
    content_base = rest;
  }
  if (content_base.empty()) return request.request_uri();
  std::string text(content_base);
  if (content_base.starts_with('/')) {
    text = "rtsp://host" + text;
  } else if (!is_absolute(content_base)) {
    text = "rtsp://" + text;
  }
  const auto url = on_host_of(request, text);
  return url ? url->request_uri() : request.request_uri();
}

std::string control_url(const Url& request, std::string_view base, std::string_view control) {
  control = trim(control);
  if (control.empty() || control == "*") return std::string(base);
  if (is_absolute(control)) {
    if (const auto url = on_host_of(request, control)) return url->request_uri();
  }
  std::string text(base);
  if (text.ends_with('/') && control.starts_with('/')) text.pop_back();
  if (!text.ends_with('/') && !control.starts_with('/') && !control.starts_with('?')) text += '/';
  text += control;
  return text;
}

}  // namespace pasu::rtsp
