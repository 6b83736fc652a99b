// Every HTTP request that is no WebSocket: method and target to an answer. Knows no socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/access.h"
#include "api/page.h"
#include "base/bytes.h"
#include "node/node.h"

namespace pasu::api {

/// Borrowed for the call.
struct Request {
  std::string_view method;  ///< "GET"
  std::string_view target;  ///< As it came: "/api/v1/cameras/front%20gate?x=1"
  std::string_view host, origin, fetch_site, content_type, accept_encoding, if_none_match;
  std::string_view body;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  Bytes data;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// What a WebSocket request asks for.
struct SocketTarget {
  enum class Kind { live, video };
  Kind kind = Kind::live;
  std::string camera;  ///< video
};

[[nodiscard]] Response json_response(int status, std::string_view json);
/// The status that fits the error's code.
[[nodiscard]] Response error_response(const Error& error);

/// Percent-decoding (RFC 3986 2.1). Errors: malformed.
[[nodiscard]] Result<std::string> decode_percent(std::string_view text);

/// Thread-safe. handle() may block for as long as the node takes to stop a camera.
class Router {
 public:
  Router(node::Node& node, Page page, AccessRule access)
      : node_(node), page_(std::move(page)), access_(std::move(access)) {}

  [[nodiscard]] Response handle(const Request& request) const;
  /// For a request to upgrade: what it opens, or the refusal.
  [[nodiscard]] tl::expected<SocketTarget, Response> handle_upgrade(const Request& request) const;

 private:
  [[nodiscard]] Response handle_api(const Request& request, std::string_view path,
                                    std::string_view query) const;
  [[nodiscard]] Response cameras(const Request& request) const;
  [[nodiscard]] Response camera(const Request& request, const std::string& name) const;
  [[nodiscard]] Response picture(const std::string& name, std::string_view query) const;
  [[nodiscard]] Response page(const Request& request, std::string_view path) const;
  [[nodiscard]] std::optional<Response> refuse_stranger(const Request& request, bool acts) const;

  node::Node& node_;
  Page page_;
  AccessRule access_;
};

}  // namespace pasu::api
