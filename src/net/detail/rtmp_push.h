// One stream published to an RTMP server.
#pragma once

#include <memory>
#include <mutex>

#include "net/client.h"
#include "net/detail/rtmp_link.h"
#include "net/detail/unit_queue.h"

namespace pasu::net::detail {

/// All on its thread but push() and stats().
class RtmpPush final : public RtmpOwner, public std::enable_shared_from_this<RtmpPush> {
 public:
  RtmpPush(IoThread& thread, RtmpLinkOptions link, hub::Tracks tracks, PushEvents events);

  void start();
  /// Sends what waits as far as the connection takes it at once.
  void stop();
  void push(media::AccessUnit unit);
  [[nodiscard]] PushStats stats() const;

  Result<void> on_event(rtmp::ClientSession::Event event, MonoTime now) override;
  void on_drained(MonoTime now) override;
  void on_end(Error why) override;

 private:
  /// Handed to the connection ahead of the kernel.
  static constexpr size_t kUnsentBytesMax = 256u << 10;
  /// Where decoding begins before 0, all is moved to begin here: RTMP has no times below 0, and
  /// another track may begin still earlier.
  static constexpr std::chrono::milliseconds kFirstAt{250};

  void drain();
  void send_waiting();
  void send(media::AccessUnit unit);

  IoThread& thread_;
  const RtmpLinkOptions link_options_;
  const hub::Tracks tracks_;
  std::shared_ptr<const PushEvents> events_;  // Null once it is over.
  std::shared_ptr<RtmpLink> link_;
  bool ready_ = false;
  std::optional<media::Pts> shift_;  // Known, and the streams announced, with the first unit.
  bool refusal_logged_ = false;

  mutable std::mutex mutex_;  // Guards what follows: units come from any thread.
  UnitQueue queue_{
      {.units = PushSession::kWaitingUnitsMax, .bytes = PushSession::kWaitingBytesMax}};
  bool drain_posted_ = false;
  PushStats stats_;
};

}  // namespace pasu::net::detail
