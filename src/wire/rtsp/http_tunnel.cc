#include "wire/rtsp/http_tunnel.h"

#include <algorithm>

#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

using wire::detail::cut;
using wire::detail::equal_ignoring_case;
using wire::detail::trim;

int digit_value(uint8_t c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

Result<TunnelRequest> parse_head(std::string_view head) {
  TunnelRequest request;
  std::string_view line = trim(cut(head, '\n'));
  const std::string_view method = cut(line, ' ');
  if (method == "POST") {
    request.kind = TunnelKind::post;
  } else if (method != "GET") {
    return fail(Errc::unsupported, "http tunnel: the method is neither GET nor POST");
  }
  request.path = cut(line, ' ');
  if (request.path.empty() || !line.starts_with("HTTP/1."))
    return fail(Errc::malformed, "http tunnel: no HTTP/1 request line");
  while (!head.empty()) {
    std::string_view value = cut(head, '\n');
    if (value.ends_with('\r')) value.remove_suffix(1);
    const std::string_view name = trim(cut(value, ':'));
    if (!equal_ignoring_case(name, "x-sessioncookie")) continue;
    if (!request.cookie.empty())
      return fail(Errc::malformed, "http tunnel: two x-sessioncookie fields");
    request.cookie = trim(value);
  }
  if (request.cookie.empty() || request.cookie.size() > TunnelHead::kCookieBytesMax)
    return fail(Errc::malformed, "http tunnel: no x-sessioncookie, or one of over {} bytes",
                TunnelHead::kCookieBytesMax);
  return request;
}

}  // namespace

Result<void> Base64Stream::decode(ByteView text, std::vector<uint8_t>& out) {
  for (const uint8_t c : text) {
    ++offset_;
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
    const int value = digit_value(c);
    const bool pads = c == '=' && digits_ + padding_ < 4 && digits_ >= 2;
    if (!pads && (value < 0 || padding_ > 0))
      return fail(Errc::malformed, "http tunnel: byte {} (0x{:02x}) is no base64", offset_ - 1, c);
    if (pads) {
      ++padding_;
    } else {
      group_ = group_ << 6 | static_cast<uint32_t>(value);
      ++digits_;
    }
    if (digits_ + padding_ < 4) continue;
    group_ <<= 6 * padding_;
    for (int i = 0; i < 3 - padding_; ++i)
      out.push_back(static_cast<uint8_t>(group_ >> (16 - 8 * i)));
    group_ = 0;
    digits_ = padding_ = 0;
  }
  return {};
}

Result<std::optional<std::string>> HttpHead::receive(ByteView& bytes) {
  while (!bytes.empty()) {
    const char c = static_cast<char>(bytes[0]);
    bytes = bytes.subspan(1);
    if (c == '\0') return fail(Errc::malformed, "http tunnel: a NUL in the head");
    if (head_.size() == kBytesMax)
      return fail(Errc::too_large, "http tunnel: a head of over {} bytes", kBytesMax);
    head_ += c;
    if (head_.ends_with("\n\n") || head_.ends_with("\n\r\n")) return std::exchange(head_, {});
  }
  return std::nullopt;
}

Result<std::optional<TunnelRequest>> TunnelHead::receive(ByteView& bytes) {
  if (done_) return fail(Errc::malformed, "http tunnel: a second request on one connection");
  const auto head = TRY(head_.receive(bytes));
  if (!head) return std::nullopt;
  done_ = true;
  return parse_head(*head);
}

Result<bool> TunnelAnswer::receive(ByteView& bytes) {
  const auto head = TRY(head_.receive(bytes));
  if (!head) return false;
  std::string_view rest = *head;
  std::string_view line = cut(rest, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (!line.starts_with("HTTP/1."))
    return fail(Errc::malformed, "http tunnel: '{}' is no HTTP status line", line.substr(0, 80));
  std::string_view status = line;
  cut(status, ' ');
  if (cut(status, ' ') != "200")
    return fail(Errc::unsupported, "http tunnel: the server answers '{}'", line.substr(0, 80));
  return true;
}

std::optional<bool> looks_like_http(ByteView first_bytes) {
  constexpr std::string_view kGet = "GET ", kPost = "POST ";
  const std::string_view text = as_text(first_bytes);
  for (const auto method : {kGet, kPost}) {
    const size_t common = std::min(text.size(), method.size());
    if (text.substr(0, common) != method.substr(0, common)) continue;
    return common == method.size() ? std::optional(true) : std::nullopt;
  }
  return false;
}

std::string tunnel_answer() {
  return "HTTP/1.0 200 OK\r\n"
         "Connection: close\r\n"
         "Cache-Control: no-store\r\n"
         "Pragma: no-cache\r\n"
         "Content-Type: application/x-rtsp-tunnelled\r\n\r\n";
}

std::string tunnel_head(TunnelKind kind, std::string_view host, std::string_view path_and_query,
                        std::string_view cookie) {
  std::string head = fmt::format(
      "{} {} HTTP/1.0\r\n"
      "Host: {}\r\n"
      "User-Agent: pasu\r\n"
      "x-sessioncookie: {}\r\n"
      "Pragma: no-cache\r\n"
      "Cache-Control: no-cache\r\n",
      kind == TunnelKind::get ? "GET" : "POST", path_and_query.empty() ? "/" : path_and_query, host,
      cookie);
  // The POST never ends; servers want some length all the same (Apple's clients say 32767).
  head += kind == TunnelKind::get ? "Accept: application/x-rtsp-tunnelled\r\n"
                                  : "Content-Type: application/x-rtsp-tunnelled\r\n"
                                    "Content-Length: 32767\r\n";
  return head + "\r\n";
}

Result<std::optional<TunnelPairs::Pair>> TunnelPairs::add(uint64_t connection,
                                                          const TunnelRequest& request,
                                                          MonoTime now) {
  const auto other = waiting_.find(request.cookie);
  if (other == waiting_.end()) {
    if (waiting_.size() >= kWaitingMax)
      return fail(Errc::too_large, "http tunnel: {} halves wait already", kWaitingMax);
    waiting_.emplace(request.cookie, Half{connection, request.kind, now});
    return std::nullopt;
  }
  if (other->second.connection == connection)
    return fail(Errc::malformed, "http tunnel: both halves on one connection");
  if (other->second.kind == request.kind)
    return fail(Errc::exists, "http tunnel: two halves of one kind with one cookie");
  const uint64_t first = other->second.connection;
  waiting_.erase(other);
  if (request.kind == TunnelKind::post) return Pair{.get = first, .post = connection};
  return Pair{.get = connection, .post = first};
}

void TunnelPairs::remove(uint64_t connection) {
  std::erase_if(waiting_,
                [connection](const auto& half) { return half.second.connection == connection; });
}

std::vector<uint64_t> TunnelPairs::expire(MonoTime now) {
  std::vector<uint64_t> expired;
  std::erase_if(waiting_, [&](const auto& half) {
    const bool late = now - half.second.since >= kWaitMax;
    if (late) expired.push_back(half.second.connection);
    return late;
  });
  return expired;
}

}  // namespace pasu::rtsp
