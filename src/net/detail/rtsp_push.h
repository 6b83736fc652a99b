// A stream published by RTSP: access units to packets in a session that records.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "net/client.h"
#include "net/detail/rtsp_link.h"
#include "net/detail/rtsp_ports.h"
#include "net/detail/unit_queue.h"
#include "wire/rtp/packetizer.h"
#include "wire/rtsp/client_session.h"
#include "wire/sdp/session.h"

namespace pasu::net::detail {

class RtspPush final : public RtspOwner, public std::enable_shared_from_this<RtspPush> {
 public:
  /// Given to the connection and not yet with the kernel; beyond, units wait here.
  static constexpr size_t kUnsentBytesMax = 1u << 20;
  static constexpr std::chrono::seconds kReportEvery{5};
  /// Over UDP, when the kernel took no more.
  static constexpr std::chrono::milliseconds kRetryAfter{5};
  /// The stream's clock and the computer's may drift apart this far before reports follow.
  static constexpr std::chrono::milliseconds kDriftMax{500};

  /// Errors: a track that RTP cannot carry.
  [[nodiscard]] static Result<std::shared_ptr<RtspPush>> create(IoThread& thread,
                                                                RtspLinkOptions link,
                                                                const hub::Tracks& tracks,
                                                                const PushOptions& options,
                                                                PushEvents events);

  /// On the thread.
  void start();
  /// On the thread: no more events; what waits leaves as far as the connection takes it at once,
  /// then the server is told.
  void stop();
  /// From any thread.
  void push(media::AccessUnit unit);
  [[nodiscard]] PushStats stats() const;

 private:
  struct Track {
    std::unique_ptr<rtp::Packetizer> packetizer;
    std::optional<rtsp::Transport> transport;
    std::unique_ptr<RtspPorts> udp;
    media::Pts last_dts{0};
    std::optional<MonoTime> report_at;
  };

  RtspPush(IoThread& thread, RtspLinkOptions link, const PushOptions& options, PushEvents events);

  Result<void> begin(rtsp::ClientSession& machine, MonoTime now) override;
  Result<void> on_event(const rtsp::client::Event& event, MonoTime now) override;
  [[nodiscard]] std::optional<MonoTime> deadline() const override;
  Result<void> on_time(MonoTime now) override;
  Result<void> on_drained(MonoTime now) override;
  void on_end(Error why) override;

  Result<void> set_up(MonoTime now);
  Result<void> recording(MonoTime now);
  void drain();
  void send_waiting(MonoTime now);
  void send(media::AccessUnit unit, MonoTime now);
  void send_batch(Track& track, const rtp::PacketBatch& batch, MonoTime now);
  void report(Track& track, MonoTime now);

  IoThread& thread_;
  const RtspLinkOptions link_options_;
  const PushOptions options_;
  std::shared_ptr<const PushEvents> events_;  // Null after stop().
  std::shared_ptr<RtspLink> link_;
  ClientTransport transport_;
  sdp::Session sdp_;
  std::vector<Track> tracks_;
  bool recording_ = false;
  std::optional<UtcTime> wall_clock_zero_;
  std::optional<MonoTime> retry_at_;
  bool refusal_logged_ = false;

  mutable std::mutex mutex_;
  UnitQueue queue_{
      {.units = PushSession::kWaitingUnitsMax, .bytes = PushSession::kWaitingBytesMax}};
  bool drain_posted_ = false;
  PushStats stats_;
};

}  // namespace pasu::net::detail
