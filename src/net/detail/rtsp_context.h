// What all connections of an RTSP server share.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "base/metrics.h"
#include "hub/registry.h"
#include "net/connection.h"
#include "net/detail/rtsp_multicast.h"
#include "net/detail/rtsp_tunnels.h"
#include "net/detail/rtsp_udp.h"
#include "net/rtsp_server.h"

namespace pasu::net::detail {

/// Thread-safe. Lives as long as the last connection.
struct RtspContext {
  RtspContext(hub::Registry& r, RtspServerOptions o) : registry(r), options(std::move(o)) {}

  hub::Registry& registry;
  const RtspServerOptions options;
  std::shared_ptr<RtspUdp> udp;              // Null: UDP is off.
  std::shared_ptr<RtspMulticast> multicast;  // Null: off.
  RtspTunnels tunnels;
  std::atomic<int> readers_tcp = 0, readers_udp = 0, readers_multicast = 0, publishers = 0;
  const metrics::Counter denied_total = metrics::registry().counter(
      "pasu_net_rtsp_denied_total", "RTSP requests with a wrong password or without the right.");
  const metrics::Counter refused_total = metrics::registry().counter(
      "pasu_net_rtsp_refused_total", "RTSP requests for what is not there, taken, or not served.");
  const metrics::Counter failed_total = metrics::registry().counter(
      "pasu_net_rtsp_failed_total", "RTSP connections ended by an error.");
  const metrics::Counter media_dropped_total = metrics::registry().counter(
      "pasu_net_rtsp_media_dropped_total",
      "Packets of RTSP publishers that were lost or could not be read.");

  /// Once stop() was called the connection is stopped at once.
  void enter(const std::shared_ptr<Connection>& connection) {
    std::lock_guard lock(mutex_);
    if (stopping_) connection->stop();
    connections_[connection.get()] = connection;
  }
  void leave(const Connection& connection) {
    std::lock_guard lock(mutex_);
    connections_.erase(&connection);
  }
  [[nodiscard]] int connections() const {
    std::lock_guard lock(mutex_);
    return static_cast<int>(connections_.size());
  }
  void stop() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [raw, weak] : connections_) {
      if (const auto connection = weak.lock()) connection->stop();
    }
  }

 private:
  mutable std::mutex mutex_;
  bool stopping_ = false;
  std::map<const Connection*, std::weak_ptr<Connection>> connections_;
};

}  // namespace pasu::net::detail
