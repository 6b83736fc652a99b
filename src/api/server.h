// The network face: REST and WebSocket over a Node, and the page. api/openapi.yaml is the contract.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "node/node.h"

namespace pasu::api {

struct ServerOptions {
  std::string listen = "127.0.0.1";
  uint16_t port = 8080;              ///< 0: any free one, see port().
  std::vector<std::string> origins;  ///< Accepted besides the server's own.
  std::string
      page_dir;  ///< Serve the page from this folder rather than the embedded one (development).
};

class Server {
 public:
  /// Listens and serves on threads of its own. Errors: a busy port (names it and the remedy), a bad
  /// address.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(node::Node& node,
                                                             const ServerOptions& options);
  /// Closes every connection.
  virtual ~Server() = default;
  [[nodiscard]] virtual uint16_t port() const = 0;
};

}  // namespace pasu::api
