// For tests: an RTSP client that does as it is told and keeps what it saw.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/connect.h"
#include "net/connection.h"
#include "net/detail/rtsp_ports.h"
#include "net/rtp_ingest.h"
#include "net/test_wait.h"
#include "net/udp_socket.h"
#include "wire/rtsp/client_session.h"
#include "wire/rtsp/description.h"

namespace pasu::net {

struct RtspSeen {
  bool connected = false, playing = false, recording = false, ended = false;
  std::optional<Errc> error;
  sdp::Session description;
  std::vector<rtsp::client::TrackStart> starts;
  std::vector<rtsp::Transport> groups;  ///< Joined.
  std::vector<media::StreamInfo> tracks;
  std::vector<media::AccessUnit> units;
  uint64_t rtcp = 0;
};

struct RtspTestOptions {
  rtsp::Delivery delivery = rtsp::Delivery::tcp;
  std::optional<size_t> only_media{};      ///< Sets up this one alone.
  std::optional<sdp::Session> announce{};  ///< Publishes this instead of reading.
  std::shared_ptr<TlsContext> tls{};
};

/// Shared by a test and the session on its thread.
using RtspWatched = std::shared_ptr<Watched<RtspSeen>>;

class RtspTestSession final : public Session {
 public:
  RtspTestSession(rtsp::ClientOptions client, RtspTestOptions options, RtspWatched seen)
      : machine_(std::move(client)), options_(std::move(options)), seen_(std::move(seen)) {}

  Result<void> on_start(Connection& connection, MonoTime now) override {
    connection_ = &connection;
    seen_->change([](RtspSeen& s) { s.connected = true; });
    if (options_.announce) {
      TRY(machine_.announce(*options_.announce, now));
    } else {
      machine_.describe(now);
    }
    flush();
    return {};
  }
  Result<void> on_bytes(ByteView bytes, MonoTime now) override {
    auto result = machine_.receive(bytes, now);
    while (auto event = machine_.next_event()) std::visit([&](auto& e) { on(e, now); }, *event);
    flush();
    return result;
  }
  std::optional<MonoTime> deadline() const override { return machine_.deadline(); }
  Result<void> on_time(MonoTime now) override {
    auto result = machine_.on_time(now);
    flush();
    return result;
  }
  void on_end(const Error* why) override {
    pairs_.clear();
    groups_.clear();
    seen_->change([&](RtspSeen& s) {
      s.ended = true;
      if (why != nullptr) s.error = why->code();
    });
  }

  /// On the connection's thread.
  void teardown() {
    machine_.teardown(system_clock().now());
    flush();
    connection_->flush();
  }
  /// A publisher's packets of one access unit.
  void publish(size_t media, const rtp::PacketBatch& batch) {
    for (size_t i = 0; i < batch.size(); ++i) {
      if (options_.delivery == rtsp::Delivery::udp) {
        const auto& to = *ready_.at(media).server_port;
        pairs_.at(media).rtp->send(connection_->peer().with_port(to.rtp), batch.packet(i));
      }
    }
    if (options_.delivery == rtsp::Delivery::tcp) connection_->send(batch.data);
    connection_->flush();
  }

 private:
  void flush() {
    for (auto& bytes : machine_.take_output()) connection_->send(std::move(bytes));
  }
  void set_up(size_t count, MonoTime now) {
    for (size_t i = 0; i < count; ++i) {
      if (options_.only_media && *options_.only_media != i) continue;
      rtsp::TrackSetup track{.media = i, .delivery = options_.delivery, .client_port = {}};
      if (options_.delivery == rtsp::Delivery::udp) {
        auto& pair = pairs_[i] =
            bind_pair(connection_->thread(), connection_->local().with_port(0)).value();
        track.client_port = {pair.rtp->local().port, pair.rtcp->local().port};
        pair.rtp->receive([this, i](auto datagrams, MonoTime at) { received(i, datagrams, at); });
        pair.rtcp->receive([this, i](auto datagrams, MonoTime at) { received(i, datagrams, at); });
      }
      machine_.setup(track, now);
    }
  }
  void received(size_t media, std::span<const Datagram> datagrams, MonoTime now) {
    for (const auto& datagram : datagrams) push(media, datagram.bytes, now);
  }
  void push(size_t media, ByteView packet, MonoTime now) {
    if (rtp::is_rtcp(packet)) seen_->change([](RtspSeen& s) { ++s.rtcp; });
    if (tracks_.contains(media)) (void)ingest_.push(tracks_[media], packet, now);
  }

  void on(rtsp::client::Described& e, MonoTime now) {
    seen_->change([&](RtspSeen& s) { s.description = e.sdp; });
    for (size_t i = 0; i < e.sdp.media.size(); ++i) {
      if (options_.only_media && *options_.only_media != i) continue;
      const bool udp = options_.delivery != rtsp::Delivery::tcp;
      tracks_[i] =
          ingest_.add(rtsp::payload_format(e.sdp.media[i]).value(), {.reorder = udp}).value();
    }
    set_up(e.sdp.media.size(), now);
    machine_.play(std::nullopt, now);
  }
  void on(rtsp::client::Announced&, MonoTime now) {
    set_up(options_.announce->media.size(), now);
    machine_.record(now);
  }
  void on(rtsp::client::TrackReady& e, MonoTime) {
    ready_[e.media] = e.transport;
    if (e.transport.delivery != rtsp::Delivery::multicast) return;
    auto group = detail::RtspPorts::join(connection_->thread(), e.transport, connection_->local());
    ASSERT_TRUE(group) << group.error().message();
    (*group)->receive(
        [this, i = e.media](auto datagrams, MonoTime at) { received(i, datagrams, at); });
    seen_->change([&](RtspSeen& s) { s.groups.push_back(e.transport); });
    groups_[e.media] = std::move(*group);
  }
  void on(rtsp::client::TrackRefused& e, MonoTime) {
    seen_->change([](RtspSeen& s) { s.error = Errc::unsupported; });
    ADD_FAILURE() << "track " << e.media << " refused: " << e.status;
  }
  void on(rtsp::client::Playing& e, MonoTime) {
    seen_->change([&](RtspSeen& s) {
      s.playing = true;
      s.starts = e.starts;
    });
  }
  void on(rtsp::client::Recording&, MonoTime) {
    seen_->change([](RtspSeen& s) { s.recording = true; });
  }
  void on(rtsp::client::Frame& e, MonoTime now) { push(e.media, e.payload, now); }
  void on(rtsp::client::Paused&, MonoTime) {}
  void on(rtsp::client::Redirected&, MonoTime) {}
  void on(rtsp::client::Closed&, MonoTime) { connection_->close(); }

  rtsp::ClientSession machine_;
  const RtspTestOptions options_;
  const RtspWatched seen_;
  Connection* connection_ = nullptr;
  RtpIngest ingest_{{.tracks =
                         [this](const std::vector<media::StreamInfo>& tracks) {
                           seen_->change([&](RtspSeen& s) { s.tracks = tracks; });
                         },
                     .unit =
                         [this](media::AccessUnit unit) {
                           seen_->change([&](RtspSeen& s) { s.units.push_back(unit); });
                         }}};
  std::map<size_t, size_t> tracks_;  // Media to the ingest's.
  std::map<size_t, rtsp::Transport> ready_;
  std::map<size_t, UdpPair> pairs_;
  std::map<size_t, std::unique_ptr<detail::RtspPorts>> groups_;
};

}  // namespace pasu::net
