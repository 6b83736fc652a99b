// The network face: REST and WebSocket over a Node, and the page. api/openapi.yaml is the contract.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/door.h"
#include "base/result.h"
#include "node/node.h"

namespace pasu::api {

struct ServerOptions {
  std::vector<std::string> origins;  ///< Accepted besides the server's own.
  std::string
      page_dir;  ///< Serve the page from this folder rather than the embedded one (development).
};

class Server {
 public:
  /// Answers at `door` on threads of its own. Errors: internal.
  [[nodiscard]] static Result<std::unique_ptr<Server>> start(node::Node& node, Door door,
                                                             const ServerOptions& options);
  /// Closes every connection.
  virtual ~Server() = default;
  [[nodiscard]] virtual uint16_t port() const = 0;
};

}  // namespace pasu::api
