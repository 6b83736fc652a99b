#include "api/router.h"

#include <array>
#include <charconv>
#include <optional>

#include "api/messages.h"
#include "base/metrics.h"

namespace pasu::api {
namespace {

constexpr std::string_view kApi = "/api/v1/";
constexpr std::string_view kCameras = "/api/v1/cameras";

int status_of(Errc code) {
  switch (code) {
    case Errc::not_found:
      return 404;
    case Errc::exists:
      return 409;
    case Errc::invalid_argument:
    case Errc::malformed:
    case Errc::truncated:
      return 400;
    case Errc::too_large:
      return 413;
    case Errc::unavailable:
    case Errc::timeout:
      return 503;
    default:
      return 500;
  }
}

Response refused(int status, Errc code, std::string sentence) {
  return json_response(status, error_json(Error(code, std::move(sentence))));
}

Response method_not_allowed(const std::string& allowed) {
  Response out = refused(405, Errc::invalid_argument, "only " + allowed + " is possible here");
  out.headers.emplace_back("Allow", allowed);
  return out;
}

Response plain(std::string_view text, std::string type) {
  Response out;
  out.content_type = std::move(type);
  out.data = Bytes::copy(as_bytes(text));
  return out;
}

template <class T, class F>
Response answer(const Result<T>& result, F&& to_response) {
  return result ? to_response(*result) : error_response(result.error());
}

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

std::pair<std::string_view, std::string_view> split_query(std::string_view target) {
  const size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const size_t equals = pair.find('=');
    if (pair.substr(0, equals) == name)
      return equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
  }
  return std::nullopt;
}

Result<int> whole_number(std::string_view query, std::string_view name, int fallback, int low,
                         int high) {
  const auto text = parameter(query, name);
  if (!text) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < low || value > high)
    return fail(Errc::invalid_argument, "{}: '{}' is not a whole number from {} to {}", name,
                text->substr(0, 32), low, high);
  return value;
}

// {name} and what follows it: "front%20gate/frame.jpeg" is {"front gate", "frame.jpeg"}.
Result<std::pair<std::string, std::string_view>> camera_path(std::string_view path) {
  path.remove_prefix(kCameras.size() + 1);
  const size_t slash = path.find('/');
  std::string name = TRY(decode_percent(path.substr(0, slash)));
  return std::pair{std::move(name),
                   slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1)};
}

bool is_camera_path(std::string_view path) {
  return path.starts_with(kCameras) && path.size() > kCameras.size() + 1 &&
         path[kCameras.size()] == '/';
}

std::optional<Response> check_json(const Request& request) {
  const std::string_view type = request.content_type.substr(0, request.content_type.find(';'));
  if (type == "application/json") return std::nullopt;
  return refused(415, Errc::invalid_argument, "send Content-Type: application/json");
}

}  // namespace

Response json_response(int status, std::string_view json) {
  Response out;
  out.status = status;
  out.data = Bytes::copy(as_bytes(json));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

Response error_response(const Error& error) {
  return json_response(status_of(error.code()), error_json(error));
}

Result<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2 ||
        value == 0)
      return fail(Errc::malformed, "the address has a broken %-escape at byte {}", i);
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

Response Router::handle(const Request& request) const {
  const auto [path, query] = split_query(request.target);
  if (!path.starts_with('/'))
    return refused(400, Errc::malformed, "the address does not begin with '/'");
  if (const auto host = access_.check_host(request.host); !host)
    return refused(403, host.error().code(), host.error().message());
  if (!reads(request)) {
    const auto origin = access_.check_origin(request.origin, request.host);
    if (!origin) return refused(403, origin.error().code(), origin.error().message());
  }
  if (path == "/healthz" || path == "/metrics") {
    if (!reads(request)) return method_not_allowed("GET");
    return path == "/healthz"
               ? plain("ok\n", "text/plain; charset=utf-8")
               : plain(metrics::registry().text(), "text/plain; version=0.0.4; charset=utf-8");
  }
  if (path == "/api" || path.starts_with("/api/")) return handle_api(request, path, query);
  return page(request, path);
}

Response Router::handle_api(const Request& request, std::string_view path,
                            std::string_view query) const {
  if (path == "/api/v1/server")
    return reads(request) ? json_response(200, server_json(node_.status()))
                          : method_not_allowed("GET");
  if (path == "/api/v1/live")
    return refused(426, Errc::invalid_argument, "this address is a WebSocket; open it as ws://");
  if (path == kCameras) return cameras(request);
  if (is_camera_path(path)) {
    const auto named = camera_path(path);
    if (!named) return error_response(named.error());
    const auto& [name, rest] = *named;
    if (rest.empty()) return camera(request, name);
    if (rest == "frame.jpeg")
      return reads(request) ? picture(name, query) : method_not_allowed("GET");
    if (rest == "video")
      return refused(426, Errc::invalid_argument, "this address is a WebSocket; open it as ws://");
  }
  return refused(
      404, Errc::not_found,
      fmt::format("there is nothing at {}; the API begins at {}", path.substr(0, 256), kApi));
}

Response Router::cameras(const Request& request) const {
  if (reads(request)) return json_response(200, cameras_json(node_.cameras()));
  if (request.method != "POST") return method_not_allowed("GET, POST");
  if (auto refusal = check_json(request)) return *refusal;
  const auto config = parse_camera_config(request.body);
  if (!config) return error_response(config.error());
  return answer(node_.add(*config),
                [](const auto& made) { return json_response(201, camera_json(made)); });
}

Response Router::camera(const Request& request, const std::string& name) const {
  const auto ok = [](const auto& status) { return json_response(200, camera_json(status)); };
  if (reads(request)) return answer(node_.camera(name), ok);
  if (request.method == "DELETE") {
    const auto removed = node_.remove(name);
    return removed ? Response{.status = 204, .content_type = "", .data = {}, .headers = {}}
                   : error_response(removed.error());
  }
  if (request.method != "PUT") return method_not_allowed("GET, PUT, DELETE");
  if (auto refusal = check_json(request)) return *refusal;
  const auto config = parse_camera_config(request.body);
  if (!config) return error_response(config.error());
  return answer(node_.change(name, *config), ok);
}

Response Router::picture(const std::string& name, std::string_view query) const {
  constexpr int kWidthMin = 16, kWidthMax = 3840;
  const auto boxes = whole_number(query, "boxes", 0, 0, 1);
  if (!boxes) return error_response(boxes.error());
  const auto width = whole_number(query, "width", 0, kWidthMin, kWidthMax);
  if (!width) return error_response(width.error());
  auto jpeg = node_.frame_jpeg(name, *boxes == 1, *width);
  if (!jpeg) return error_response(jpeg.error());
  Response out;
  out.content_type = "image/jpeg";
  out.data = std::move(*jpeg);
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

Response Router::page(const Request& request, std::string_view path) const {
  if (!reads(request)) return method_not_allowed("GET");
  const auto decoded = decode_percent(path);
  if (!decoded) return error_response(decoded.error());
  auto file = page_.find(*decoded);
  if (!file) return refused(404, Errc::not_found, "there is no such file");
  Response out;
  out.content_type = file->content_type;
  if (file->gzip) {
    // Every browser takes gzip; who does not say so is no browser.
    if (request.accept_encoding.find("gzip") == std::string_view::npos)
      return refused(406, Errc::unsupported, "the page comes only with Accept-Encoding: gzip");
    out.headers.emplace_back("Content-Encoding", "gzip");
  }
  if (!file->etag.empty()) out.headers.emplace_back("ETag", file->etag);
  out.headers.emplace_back("Cache-Control",
                           file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file->etag.empty() && request.if_none_match == file->etag) {
    out.status = 304;
    return out;
  }
  out.data = std::move(file->data);
  out.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
      "base-uri 'none'; frame-ancestors 'none'");
  return out;
}

tl::expected<SocketTarget, Response> Router::handle_upgrade(const Request& request) const {
  const auto path = split_query(request.target).first;
  if (const auto host = access_.check_host(request.host); !host)
    return tl::unexpected(refused(403, host.error().code(), host.error().message()));
  if (const auto origin = access_.check_origin(request.origin, request.host); !origin)
    return tl::unexpected(refused(403, origin.error().code(), origin.error().message()));
  if (path == "/api/v1/live") return SocketTarget{};
  if (is_camera_path(path)) {
    auto named = camera_path(path);
    if (!named) return tl::unexpected(error_response(named.error()));
    if (named->second == "video")
      return SocketTarget{SocketTarget::Kind::video, std::move(named->first)};
  }
  return tl::unexpected(refused(404, Errc::not_found, "there is no WebSocket at this address"));
}

}  // namespace pasu::api
