#include "wire/rtsp/detail/target.h"

#include <algorithm>

#include "wire/detail/text.h"
#include "wire/rtsp/url.h"

namespace pasu::rtsp::detail {
namespace {

using wire::detail::to_number;

constexpr std::string_view kTrack = "/trackID=";

// Cuts a track off the end of `text`.
std::optional<size_t> cut_track(std::string& text) {
  const std::string_view view = without_last_slash(text);
  const size_t at = view.rfind(kTrack);
  if (at == std::string_view::npos) return std::nullopt;
  const auto number = to_number<uint16_t>(view.substr(at + kTrack.size()));
  if (!number) return std::nullopt;
  text.resize(at);
  return *number;
}

}  // namespace

std::string_view without_host(std::string_view uri) {
  const size_t scheme = uri.find("://");
  if (scheme == std::string_view::npos) return uri;
  uri.remove_prefix(scheme + 3);
  const size_t slash = uri.find('/');
  return slash == std::string_view::npos ? std::string_view() : uri.substr(slash);
}

std::string_view without_last_slash(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

Result<Target> parse_target(std::string_view uri) {
  Target target;
  if (uri == "*") return target;
  std::string authority;
  std::string path(uri);
  std::string query;
  bool has_query = false;
  if (!uri.starts_with('/')) {
    Url url = TRY(Url::parse(uri));
    path = url.path;
    query = url.query;
    has_query = !query.empty();
    url.path.clear();
    url.query.clear();
    authority = url.request_uri();
  } else if (const size_t mark = path.find('?'); mark != std::string::npos) {
    query = path.substr(mark + 1);
    path.resize(mark);
    has_query = true;
  }
  if (has_query) target.track = cut_track(query);
  if (!target.track) target.track = cut_track(path);
  path = without_last_slash(path);
  query = without_last_slash(query);
  target.base = authority + path + (has_query ? "?" + query : "");
  target.query = query;
  std::string decoded = wire::detail::percent_decode(path);
  for (const char c : decoded)
    if (static_cast<unsigned char>(c) < ' ' || c == 127)
      return fail(Errc::malformed, "a control character in the path");
  const size_t first = decoded.find_first_not_of('/');
  if (first != std::string::npos)
    target.path = decoded.substr(first, decoded.find_last_not_of('/') - first + 1);
  return target;
}

}  // namespace pasu::rtsp::detail
