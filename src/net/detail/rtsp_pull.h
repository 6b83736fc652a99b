// A stream pulled by RTSP: from the description to access units.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/client.h"
#include "net/detail/rtsp_link.h"
#include "net/detail/rtsp_ports.h"
#include "net/rtp_ingest.h"
#include "wire/rtp/payload_format.h"
#include "wire/rtsp/client_session.h"

namespace pasu::net::detail {

class RtspPull final : public RtspOwner, public std::enable_shared_from_this<RtspPull> {
 public:
  /// Packets that come before the answer to PLAY, which says where the tracks begin.
  static constexpr size_t kEarlyPacketsMax = 512;
  static constexpr std::chrono::seconds kReportEvery{5};
  /// All tracks said BYE, and none took it back for this long: the stream has ended.
  static constexpr std::chrono::seconds kByeWait{1};

  RtspPull(IoThread& thread, RtspLinkOptions link, const PullOptions& options, PullEvents events);

  /// On the thread.
  void start();
  /// On the thread: no more events; the server is told.
  void stop();
  /// From any thread.
  [[nodiscard]] PullStats stats() const;

 private:
  struct Track {
    size_t media = 0;
    media::MediaKind kind = media::MediaKind::other;
    rtp::PayloadFormat format;
    std::optional<rtsp::Transport> transport;  // Nothing: not set up.
    std::unique_ptr<RtspPorts> udp;
  };
  struct EarlyPacket {
    size_t track = 0;
    std::vector<uint8_t> bytes;
  };

  Result<void> begin(rtsp::ClientSession& machine, MonoTime now) override;
  Result<void> on_event(const rtsp::client::Event& event, MonoTime now) override;
  [[nodiscard]] std::optional<MonoTime> deadline() const override;
  Result<void> on_time(MonoTime now) override;
  Result<void> on_drained(MonoTime) override { return {}; }
  void on_end(Error why) override;

  Result<void> take(const rtsp::client::Described& event, MonoTime now);
  Result<void> take(const rtsp::client::TrackReady& event, MonoTime now);
  Result<void> take(const rtsp::client::TrackRefused& event, MonoTime now);
  Result<void> take(const rtsp::client::Playing& event, MonoTime now);
  Result<void> take(const rtsp::client::Frame& event, MonoTime now);
  template <class Other>
  Result<void> take(const Other&, MonoTime) {
    return {};
  }

  Result<void> set_up(const sdp::Session& session, MonoTime now);
  Result<void> set_up(Track& track, bool required, MonoTime now);
  void hear(Track& track);
  void on_datagrams(size_t media, std::span<const Datagram> datagrams, MonoTime now);
  [[nodiscard]] std::chrono::milliseconds silence_max() const;
  [[nodiscard]] bool may_fall_back() const;
  void fall_back(const std::string& why);
  void on_packet(const Track& track, ByteView bytes, MonoTime now);
  void deliver(media::AccessUnit unit);
  void check_bye(MonoTime now);
  void report(MonoTime now);
  void update_stats();
  [[nodiscard]] Track* track_of(size_t media);

  IoThread& thread_;
  const RtspLinkOptions link_options_;
  const PullOptions options_;
  std::shared_ptr<const PullEvents> events_;  // Null after stop().
  std::shared_ptr<RtspLink> link_;
  ClientTransport transport_;

  std::vector<Track> tracks_;
  std::optional<RtpIngest> ingest_;  // Once it plays; its tracks are these.
  bool packets_came_ = false;
  std::deque<EarlyPacket> early_;
  MonoTime last_packet_{}, last_unit_{};
  std::optional<MonoTime> bye_since_;
  MonoTime report_at_{};
  const uint32_t ssrc_;
  const std::string cname_;
  uint64_t units_ = 0, bad_packets_ = 0, fallbacks_ = 0;

  mutable std::mutex stats_mutex_;
  PullStats stats_;
};

}  // namespace pasu::net::detail
