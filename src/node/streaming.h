// The streaming face of the server: RTSP and RTMP ports over one registry of live streams.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hub/registry.h"
#include "net/io_threads.h"
#include "net/rtmp_server.h"
#include "net/rtsp_server.h"
#include "node/boxes_stream.h"
#include "node/config.h"
#include "node/stream_access.h"

namespace pasu::node {

/// What the keys say; nothing where multicast is off.
[[nodiscard]] std::optional<net::RtspMulticastOptions> multicast_options(
    const StreamingConfig& config);

/// Outlives everything that publishes or reads. Thread-safe.
class Streaming {
 public:
  /// Takes the ports. Errors: exists (a port is busy; names its key), and those of the certificate
  /// and the data folder.
  [[nodiscard]] static Result<std::unique_ptr<Streaming>> start(const ServerConfig& config);

  [[nodiscard]] hub::Registry& registry() { return registry_; }
  [[nodiscard]] net::IoThreads& threads() { return threads_; }
  [[nodiscard]] StreamAccess& access() { return access_; }
  [[nodiscard]] const BoxesOptions& boxes() const { return boxes_; }
  /// 0 where a protocol is off.
  [[nodiscard]] int rtsp_port() const { return rtsp_ ? rtsp_->port() : 0; }
  [[nodiscard]] int rtmp_port() const { return rtmp_ ? rtmp_->port() : 0; }

 private:
  Streaming(std::vector<UserConfig> users, const StreamingConfig& config);
  Result<void> start_rtsp(const ServerConfig& config, const std::shared_ptr<net::TlsContext>& tls);
  Result<void> start_rtmp(const ServerConfig& config, const std::shared_ptr<net::TlsContext>& tls);

  const BoxesOptions boxes_;
  StreamAccess access_;
  hub::Registry registry_;
  net::IoThreads threads_;
  std::unique_ptr<net::RtspServer> rtsp_;
  std::unique_ptr<net::RtmpServer> rtmp_;
};

}  // namespace pasu::node
