// One client's TCP connection: HTTP requests one after another, until it becomes a WebSocket.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include "api/live_hub.h"
#include "api/router.h"
#include "base/metrics.h"

namespace pasu::api::detail {

/// Anything that can be told to end: connections and WebSockets register here, so that the server
/// can close them all. Thread-safe.
class Session : public std::enable_shared_from_this<Session> {
 public:
  virtual ~Session() = default;
  /// Ends soon; `politely` a WebSocket says good-bye first and a request under way is answered.
  /// From any thread.
  virtual void stop(bool politely) = 0;
};

/// What all connections share. Everything in it outlives them.
struct ServerContext {
  static constexpr int kConnectionsMax = 512;

  ServerContext(node::Node& n, Router r) : node(n), router(std::move(r)), live(n) {}

  node::Node& node;
  Router router;
  LiveHub live;
  boost::asio::thread_pool handlers{4};  // Where requests wait for the node, not the sockets.

  std::atomic<int> connections = 0;
  metrics::Gauge connections_now =
      metrics::registry().gauge("pasu_api_connections", "Connections open now.");
  metrics::Counter requests =
      metrics::registry().counter("pasu_api_requests_total", "HTTP requests answered.");
  metrics::Counter refused = metrics::registry().counter(
      "pasu_api_connections_refused_total", "Connections over the limit, closed at once.");

  /// Once stop() was called, the session is stopped at once.
  void enter(const std::shared_ptr<Session>& session);
  void stop(bool politely);

 private:
  std::mutex mutex_;
  bool stopping_ = false;
  std::vector<std::weak_ptr<Session>> sessions_;
};

/// Serves `socket` until it closes. A request must be whole within 20 s; an idle connection is
/// closed after 60 s.
void serve_connection(boost::asio::ip::tcp::socket socket, ServerContext& context);

}  // namespace pasu::api::detail
