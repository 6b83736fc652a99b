// One stream played from an RTMP server.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "net/client.h"
#include "net/detail/rtmp_link.h"

namespace pasu::net::detail {

/// All on its thread but stats().
class RtmpPull final : public RtmpOwner, public std::enable_shared_from_this<RtmpPull> {
 public:
  RtmpPull(IoThread& thread, RtmpLinkOptions link, PullEvents events);

  void start();
  void stop();
  [[nodiscard]] PullStats stats() const;

  Result<void> on_event(rtmp::ClientSession::Event event, MonoTime now) override;
  void on_drained(MonoTime) override {}
  void on_end(Error why) override;

 private:
  /// A sender whose times fall back this far has begun anew.
  static constexpr std::chrono::seconds kRestart{5};

  void take(media::AccessUnit unit);
  void place(media::AccessUnit& unit);

  IoThread& thread_;
  const RtmpLinkOptions link_options_;
  std::shared_ptr<const PullEvents> events_;  // Null once it is over.
  std::shared_ptr<RtmpLink> link_;

  std::optional<media::Pts> shift_;                  // From the sender's times to ours.
  std::vector<std::optional<media::Pts>> last_dts_;  // Of each track.
  media::Pts latest_{0};                             // Of them all.

  mutable std::mutex stats_mutex_;
  PullStats stats_;
};

}  // namespace pasu::net::detail
