#include "node/camera_check.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace pasu::node {
namespace {

constexpr size_t kNameBytesMax = 64;
constexpr size_t kUrlBytesMax = 2048;
constexpr std::string_view kHidden = "***@";  // As hide_credentials() leaves it.

// libavformat knows protocols that read other files or run programs (concat:, subfile:, pipe:,
// data:); a camera is none of those.
constexpr std::array kSchemes{"rtsp",  "rtsps", "rtmp", "rtmps", "http",
                              "https", "udp",   "rtp",  "srt"};

struct Flaw {
  const char* code;
  std::string sentence;
};

// One code point from the front of valid UTF-8, or nothing. RFC 3629 4.
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return std::nullopt;
  char32_t code = lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    return std::nullopt;
  text.remove_prefix(length);
  return code;
}

bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFF) || c >= 0xE0000;
}

bool is_name_character(char32_t c) {
  if (c >= 0x80) return true;
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
         c == '-' || c == '_' || c == '.';
}

std::optional<Flaw> text_problem(const std::string& text, size_t bytes_max) {
  if (text.size() > bytes_max)
    return Flaw{"too_long", fmt::format("is longer than {} bytes", bytes_max)};
  if (!is_plain_text(text))
    return Flaw{"unprintable", "has characters that cannot be shown, or is not UTF-8"};
  return std::nullopt;
}

std::optional<Flaw> name_problem(const std::string& name) {
  if (name.empty()) return Flaw{"empty", "is empty; give the camera a name such as 'gate'"};
  if (auto flaw = text_problem(name, kNameBytesMax)) return flaw;
  for (std::string_view rest = name; !rest.empty();)
    if (!is_name_character(*take_code_point(rest)))
      return Flaw{"characters",
                  fmt::format("'{}' may only have letters, digits, space, '-', '_' and '.'", name)};
  if (name.front() == ' ' || name.back() == ' ')
    return Flaw{"edge_space", "begins or ends with a space"};
  if (name == "." || name == "..") return Flaw{"dots", "cannot be '.' or '..'"};
  return std::nullopt;
}

std::optional<Flaw> url_problem(const std::string& url) {
  if (url.empty())
    return Flaw{"empty", "is empty; write a file's path or an address such as rtsp://host/stream"};
  if (auto flaw = text_problem(url, kUrlBytesMax)) return flaw;
  if (url == kPublish) return std::nullopt;
  const size_t colon = url.find(':');
  const size_t slash = url.find('/');
  if (colon == std::string::npos || slash < colon) return std::nullopt;  // A path.
  std::string scheme = url.substr(0, colon);
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool known = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
  if (!known)
    return Flaw{"scheme",
                fmt::format("'{}:' is no kind of camera address; use rtsp://, rtmp://, http:// or "
                            "a path",
                            scheme)};
  if (url.compare(colon, 3, "://") != 0 || url.size() <= colon + 3)
    return Flaw{"incomplete", fmt::format("is incomplete; write {}://host/path", scheme)};
  if (url.compare(colon + 3, kHidden.size(), kHidden) == 0)
    return Flaw{"password_hidden",
                "has its password hidden (***); write the user and password again"};
  // Cloud machines keep their secrets at link-local addresses; no camera lives there.
  const size_t host = url.find('@') == std::string::npos ? colon + 3 : url.rfind('@') + 1;
  if (url.compare(host, 8, "169.254.") == 0 || url.compare(host, 6, "[fe80:") == 0)
    return Flaw{"link_local",
                "is a link-local address, which is refused; use the camera's own network address"};
  return std::nullopt;
}

}  // namespace

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const auto code = take_code_point(text);
    if (!code || is_invisible(*code)) return false;
  }
  return true;
}

std::optional<CameraProblem> find_problem(const CameraConfig& camera) {
  if (const auto flaw = name_problem(camera.name))
    return CameraProblem{"name", flaw->code, flaw->sentence};
  if (const auto flaw = url_problem(camera.url))
    return CameraProblem{"url", flaw->code, flaw->sentence};
  if (camera.sub == kPublish)
    return CameraProblem{"sub", "publish",
                         "cannot be 'publish'; write the address of the camera's small stream"};
  if (!camera.sub.empty())
    if (const auto flaw = url_problem(camera.sub))
      return CameraProblem{"sub", flaw->code, flaw->sentence};
  // Written so that a NaN fails too.
  if (camera.fps != 0 && !(camera.fps >= 0.1 && camera.fps <= 60))
    return CameraProblem{
        "fps", "range",
        fmt::format("{} is neither between 0.1 and 60 nor 0 (only passed on)", camera.fps)};
  if (camera.threshold && !(*camera.threshold >= 0 && *camera.threshold <= 1))
    return CameraProblem{"threshold", "range",
                         fmt::format("{} is not between 0 and 1", *camera.threshold)};
  if (camera.closer_looks < 0 || camera.closer_looks > 4)
    return CameraProblem{"closer_looks", "range",
                         fmt::format("{} is not between 0 and 4", camera.closer_looks)};
  return std::nullopt;
}

Result<void> check_camera(const CameraConfig& camera) {
  if (const auto problem = find_problem(camera))
    return fail(Errc::invalid_argument, "{}: {}", problem->field, problem->sentence);
  return {};
}

std::string restore_credentials(const std::string& url, const std::string& before) {
  const auto host_end = [](const std::string& text, size_t host) {
    return std::min(text.find_first_of("/?#", host), text.size());
  };
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos || url.compare(scheme + 3, kHidden.size(), kHidden) != 0)
    return url;
  // Only to the host that had them: whoever may change a camera must not learn its password.
  const size_t authority = scheme + 3;
  const std::string hidden = log::hide_credentials(before);
  const size_t end = host_end(url, authority);
  if (end != host_end(hidden, authority) || url.compare(0, end, hidden, 0, end) != 0) return url;
  return before.substr(0, before.size() - (hidden.size() - end)) + url.substr(end);
}

}  // namespace pasu::node
