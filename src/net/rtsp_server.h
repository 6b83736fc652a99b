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

/// Each stream that is read by multicast has a group of its own, and each of its tracks a pair of
/// ports of its own.
struct RtspMulticastOptions {
  static constexpr size_t kGroups = 256;      ///< From first_group on; so many streams at once.
  static constexpr size_t kPortsAGroup = 32;  ///< From first_port on, kGroups times.
  static constexpr uint16_t kFirstPortMax = 65536 - kGroups * kPortsAGroup;

  std::string first_group;  ///< IPv4, "239.255.42.0".
  uint16_t first_port = 15000;
  uint8_t ttl = 1;  ///< Routers it may pass, less one.
};

/// Errors: invalid_argument; the sentence says which groups or ports would do.
[[nodiscard]] Result<void> check(const RtspMulticastOptions& options);

struct RtspServerOptions {
  std::optional<ListenOptions> plain = ListenOptions{};
  std::optional<ListenOptions> encrypted;  ///< RTSPS, by `tls`.
  std::shared_ptr<TlsContext> tls;
  /// Called from all threads. Basic is offered over TLS alone, whatever it says.
  rtsp::AuthPolicy auth;
  /// RTP and RTCP over UDP through one pair of ports, the given even one and the next; 0: any free
  /// pair. Off, as it is where `plain` is nothing: players fall back to TCP.
  bool udp = true;
  uint16_t udp_port = 0;
  /// Nothing: off, and whoever asks for multicast is refused. Who may read a stream makes it heard
  /// by everybody in the network.
  std::optional<RtspMulticastOptions> multicast;
};

struct RtspServerStats {
  int connections = 0;
  int readers_tcp = 0, readers_udp = 0, readers_multicast = 0;
  int groups = 0;  ///< Being sent to.
  int publishers = 0;
  uint64_t datagrams_dropped = 0;  ///< That the kernel did not take.
};

/// Reads and publishes `rtsp://host:port/PATH`; PATH is the hub's. Interleaved TCP, UDP,
/// multicast, RTSPS and the HTTP tunnel. Who asks for a stream that has no publisher yet waits for
/// one for 10 s.
class RtspServer {
 public:
  /// `threads` and `registry` outlive the server's connections, which end soon after it does.
  /// Errors: those of TcpListener; invalid_argument.
  [[nodiscard]] static Result<std::unique_ptr<RtspServer>> start(IoThreads& threads,
                                                                 hub::Registry& registry,
                                                                 RtspServerOptions options);
  ~RtspServer();

  [[nodiscard]] uint16_t port() const;      ///< 0 where it does not listen.
  [[nodiscard]] uint16_t tls_port() const;  ///< Likewise.
  [[nodiscard]] RtspServerStats stats() const;

 private:
  struct State;
  explicit RtspServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pasu::net
