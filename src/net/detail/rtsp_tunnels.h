// The halves of HTTP tunnels, finding each other.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "net/connection.h"
#include "wire/rtsp/http_tunnel.h"

namespace pasu::net::detail {

/// Thread-safe.
class RtspTunnels {
 public:
  /// `connection` is one half. Where it completes a tunnel, both halves; else nothing yet, and the
  /// other half will find this one.
  struct Halves {
    std::shared_ptr<Connection> get, post;
  };
  [[nodiscard]] Result<std::optional<Halves>> add(const std::shared_ptr<Connection>& connection,
                                                  const rtsp::TunnelRequest& request,
                                                  MonoTime now) {
    std::lock_guard lock(mutex_);
    for (const uint64_t late : pairs_.expire(now)) halves_.erase(late);
    const uint64_t id = id_of(*connection);
    const auto pair = TRY(pairs_.add(id, request, now));
    if (!pair) {
      halves_[id] = connection;
      return std::nullopt;
    }
    const uint64_t other_id = pair->get == id ? pair->post : pair->get;
    const auto other = std::exchange(halves_[other_id], {}).lock();
    halves_.erase(other_id);
    if (!other) return fail(Errc::not_found, "http tunnel: the other half has gone");
    return pair->get == id ? Halves{connection, other} : Halves{other, connection};
  }
  void remove(const Connection& connection) {
    std::lock_guard lock(mutex_);
    pairs_.remove(id_of(connection));
    halves_.erase(id_of(connection));
  }

 private:
  static uint64_t id_of(const Connection& connection) {
    return reinterpret_cast<uintptr_t>(&connection);
  }

  std::mutex mutex_;
  rtsp::TunnelPairs pairs_;
  std::map<uint64_t, std::weak_ptr<Connection>> halves_;
};

}  // namespace pasu::net::detail
