// The RTSP server: hub streams to readers, publishers into the hub.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "hub/registry.h"
#include "net/io_threads.h"
#include "net/tcp_listener.h"
#include "net/tls.h"
#include "wire/rtsp/server_auth.h"

namespace pasu::net {

struct RtspServerOptions {
  ListenOptions listen;
  /// A second port for RTSPS; needs `tls`.
  std::optional<ListenOptions> listen_tls;
  std::shared_ptr<TlsContext> tls;
  /// Called from all threads. Basic is offered over TLS alone, whatever it says.
  rtsp::AuthPolicy auth;
  /// RTP and RTCP over UDP through one pair of ports, the given even one and the next; 0: any free
  /// pair. Off: players fall back to TCP.
  bool udp = true;
  uint16_t udp_port = 0;
};

struct RtspServerStats {
  int connections = 0;
  int readers_tcp = 0, readers_udp = 0;
  int publishers = 0;
  uint64_t datagrams_dropped = 0;  ///< That the kernel did not take.
};

/// Reads and publishes `rtsp://host:port/PATH`; PATH is the hub's. Interleaved TCP, UDP, RTSPS and
/// the HTTP tunnel. Who asks for a stream that has no publisher yet waits for one for 10 s.
class RtspServer {
 public:
  /// `threads` and `registry` outlive the server's connections, which end soon after it does.
  /// Errors: those of TcpListener; invalid_argument.
  [[nodiscard]] static Result<std::unique_ptr<RtspServer>> start(IoThreads& threads,
                                                                 hub::Registry& registry,
                                                                 RtspServerOptions options);
  ~RtspServer();

  [[nodiscard]] uint16_t port() const;
  [[nodiscard]] uint16_t tls_port() const;  ///< 0: none.
  [[nodiscard]] RtspServerStats stats() const;

 private:
  struct State;
  explicit RtspServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pasu::net
