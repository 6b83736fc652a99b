#include "api/router.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "api/messages.h"
#include "api/metrics_text.h"

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

Response refused(int status, std::string_view code, std::string_view sentence) {
  return json_response(status, error_json(code, sentence));
}

Response method_not_allowed(const std::string& allowed) {
  Response out = refused(405, "method_not_allowed", "only " + allowed + " is possible here");
  out.headers.emplace_back("Allow", allowed);
  return out;
}

Response plain(std::string_view text, std::string type) {
  Response out;
  out.content_type = std::move(type);
  out.data = Bytes::copy(as_bytes(text));
  out.headers.emplace_back("Cache-Control", "no-store");
  return out;
}

Response camera_refused(const Error& error, const node::CameraConfig& config) {
  return json_response(status_of(error.code()), error_json(error, node::find_problem(config)));
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
  return refused(415, "unsupported_media_type", "send Content-Type: application/json");
}

Response websocket_only() {
  Response out = refused(426, "upgrade_required", "this address is a WebSocket; open it as ws://");
  out.headers.emplace_back("Upgrade", "websocket");
  return out;
}

// Whether an Accept-Encoding such as "br;q=1.0, gzip;q=0.8" takes gzip. RFC 9110 12.5.3.
bool takes_gzip(std::string_view accept) {
  while (!accept.empty()) {
    const std::string item(accept.substr(0, accept.find(',')));
    accept.remove_prefix(std::min(accept.size(), item.size() + 1));
    const size_t name = item.find_first_not_of(' ');
    if (name == std::string::npos || item.compare(name, 4, "gzip") != 0) continue;
    const size_t weight = item.find("q=");
    return weight == std::string::npos || std::strtod(item.c_str() + weight + 2, nullptr) > 0;
  }
  return false;
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
    return refused(400, "malformed", "the address does not begin with '/'");
  if (auto refusal = refuse_stranger(request, !reads(request))) return *refusal;
  if (path == "/healthz" || path == "/metrics") {
    if (!reads(request)) return method_not_allowed("GET");
    return path == "/healthz"
               ? plain("ok\n", "text/plain; charset=utf-8")
               : plain(metrics_text(node_), "text/plain; version=0.0.4; charset=utf-8");
  }
  if (path == "/api" || path.starts_with("/api/")) return handle_api(request, path, query);
  return page(request, path);
}

std::optional<Response> Router::refuse_stranger(const Request& request, bool acts) const {
  if (const auto host = access_.check_host(request.host); !host)
    return refused(403, "forbidden", host.error().message());
  if (!acts) return std::nullopt;
  if (const auto origin = access_.check_origin(request.origin, request.host); !origin)
    return refused(403, "forbidden", origin.error().message());
  // Browsers say so even where they send no Origin.
  if (request.origin.empty() && !request.fetch_site.empty() &&
      request.fetch_site != "same-origin" && request.fetch_site != "none")
    return refused(403, "forbidden", "requests from other sites' pages are refused");
  return std::nullopt;
}

Response Router::handle_api(const Request& request, std::string_view path,
                            std::string_view query) const {
  if (path == "/api/v1/server")
    return reads(request) ? json_response(200, server_json(node_.status()))
                          : method_not_allowed("GET");
  if (path == "/api/v1/live") return reads(request) ? websocket_only() : method_not_allowed("GET");
  if (path == kCameras) return cameras(request);
  if (is_camera_path(path)) {
    const auto named = camera_path(path);
    if (!named) return error_response(named.error());
    const auto& [name, rest] = *named;
    if (rest.empty()) return camera(request, name);
    if (rest == "frame.jpeg")
      return reads(request) ? picture(name, query) : method_not_allowed("GET");
    if (rest == "video") return reads(request) ? websocket_only() : method_not_allowed("GET");
  }
  return refused(
      404, "not_found",
      fmt::format("there is nothing at {}; the API begins at {}", path.substr(0, 256), kApi));
}

Response Router::cameras(const Request& request) const {
  if (reads(request)) return json_response(200, cameras_json(node_.cameras()));
  if (request.method != "POST") return method_not_allowed("GET, POST");
  if (auto refusal = check_json(request)) return *refusal;
  const auto config = parse_camera_config(request.body);
  if (!config) return error_response(config.error());
  const auto made = node_.add(*config);
  return made ? json_response(201, camera_json(*made)) : camera_refused(made.error(), *config);
}

Response Router::camera(const Request& request, const std::string& name) const {
  const auto ok = [](const auto& status) { return json_response(200, camera_json(status)); };
  if (reads(request)) {
    const auto found = node_.camera(name);
    return found ? ok(*found) : error_response(found.error());
  }
  if (request.method == "DELETE") {
    const auto removed = node_.remove(name);
    return removed ? Response{.status = 204, .content_type = "", .data = {}, .headers = {}}
                   : error_response(removed.error());
  }
  if (request.method != "PUT") return method_not_allowed("GET, PUT, DELETE");
  if (auto refusal = check_json(request)) return *refusal;
  const auto config = parse_camera_config(request.body);
  if (!config) return error_response(config.error());
  const auto changed = node_.change(name, *config);
  return changed ? ok(*changed) : camera_refused(changed.error(), *config);
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
  if (!file) return refused(404, "not_found", "there is no such file");
  Response out;
  out.content_type = file->content_type;
  const bool zipped = !file->gzip.empty() && takes_gzip(request.accept_encoding);
  if (zipped) out.headers.emplace_back("Content-Encoding", "gzip");
  if (!file->gzip.empty()) out.headers.emplace_back("Vary", "Accept-Encoding");
  if (!file->etag.empty()) out.headers.emplace_back("ETag", file->etag);
  out.headers.emplace_back("Cache-Control",
                           file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (!file->etag.empty() && request.if_none_match.find(file->etag) != std::string_view::npos) {
    out.status = 304;
    return out;
  }
  out.data = std::move(zipped ? file->gzip : file->data);
  out.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'self'");
  return out;
}

tl::expected<SocketTarget, Response> Router::handle_upgrade(const Request& request) const {
  const auto path = split_query(request.target).first;
  if (auto refusal = refuse_stranger(request, /*acts=*/true)) return tl::unexpected(*refusal);
  if (path == "/api/v1/live") return SocketTarget{};
  if (is_camera_path(path)) {
    auto named = camera_path(path);
    if (!named) return tl::unexpected(error_response(named.error()));
    if (named->second == "video")
      return SocketTarget{SocketTarget::Kind::video, std::move(named->first)};
  }
  return tl::unexpected(refused(404, "not_found", "there is no WebSocket at this address"));
}

}  // namespace pasu::api
