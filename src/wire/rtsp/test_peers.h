// For tests and fuzzers: a client and a server machine joined by a pipe, and an owner for each.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "wire/rtsp/client_session.h"
#include "wire/rtsp/server_session.h"

namespace pasu::rtsp::testing {

inline std::vector<uint8_t> join(const wire::Output& output) {
  std::vector<uint8_t> bytes;
  for (const auto& piece : output)
    bytes.insert(bytes.end(), piece.data(), piece.data() + piece.size());
  return bytes;
}

inline const char* const kSdp =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\na=control:*\r\n"
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
    "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/48000/2\r\na=control:trackID=1\r\n";

/// User "ann", password "secret", may read everything and publish "push"; anybody may read "open".
inline AuthPolicy ann() {
  AuthPolicy policy;
  policy.password_of = [](std::string_view user) -> std::optional<std::string> {
    if (user == "ann") return "secret";
    return std::nullopt;
  };
  policy.may = [](std::string_view user, std::string_view path, Access access) {
    if (access == Access::read && path == "open") return true;
    return user == "ann" && (access == Access::read || path == "push");
  };
  return policy;
}

/// Answers a server machine's events the way net/ does, and remembers what came.
struct ServerOwner {
  explicit ServerOwner(ServerOptions options, MonoTime now) : session(std::move(options), now) {}

  void drain() {
    while (auto event = session.next_event()) std::visit([this](auto& e) { take(e); }, *event);
  }
  void take(server::Describe& e) {
    log += "describe:" + e.path + ":" + e.user + " ";
    if (e.path == "missing") return session.refuse(404);
    session.answer_describe(sdp);
  }
  void take(server::Announce& e) {
    log += "announce:" + e.path + " ";
    announced = e.sdp;
    session.answer_announce();
  }
  void take(server::Setup& e) {
    log += "setup:" + std::to_string(e.track) + " ";
    setups.push_back(e);
    SetupAnswer answer;
    answer.ssrc = 0x1234;
    if (e.transport.delivery == Delivery::udp) answer.server_port = Pair<uint16_t>{8000, 8001};
    if (e.transport.delivery == Delivery::multicast) {
      answer.port = Pair<uint16_t>{9000, 9001};
      answer.destination = "239.1.2.3";
      answer.ttl = 16;
    }
    session.answer_setup(answer);
  }
  void take(server::Play& e) {
    log += "play ";
    session.answer_play({{0, 100, 90000}, {1, 7, 48000}}, e.range);
  }
  void take(server::Record&) {
    log += "record ";
    session.answer_record();
  }
  void take(server::Pause&) {
    log += "pause ";
    session.answer_pause();
  }
  void take(server::Teardown&) { log += "teardown "; }
  void take(server::Frame& e) {
    log += e.rtcp ? "rtcp" : "rtp";
    log += std::to_string(e.track) + ":" + std::string(as_text(e.payload)) + " ";
  }

  ServerSession session;
  std::string sdp = kSdp;
  sdp::Session announced;
  std::vector<server::Setup> setups;
  std::string log;
};

/// Drives a client machine through a whole session.
struct ClientOwner {
  explicit ClientOwner(ClientOptions options) : session(std::move(options)) {}

  void drain(MonoTime now) {
    while (auto event = session.next_event()) std::visit([&](auto& e) { take(e, now); }, *event);
  }
  void set_up(size_t media_count, MonoTime now) {
    for (size_t i = 0; i < media_count; ++i) {
      TrackSetup track{.media = i, .delivery = delivery, .client_port = {}};
      if (delivery == Delivery::udp)
        track.client_port = Pair<uint16_t>{static_cast<uint16_t>(5000 + 2 * i),
                                           static_cast<uint16_t>(5001 + 2 * i)};
      session.setup(track, now);
    }
  }
  void take(client::Described& e, MonoTime now) {
    log += "described ";
    description = e.sdp;
    set_up(e.sdp.media.size(), now);
    session.play(std::nullopt, now);
  }
  void take(client::Announced&, MonoTime now) {
    log += "announced ";
    set_up(description.media.size(), now);
    session.record(now);
  }
  void take(client::TrackReady& e, MonoTime) {
    log += "ready:" + std::to_string(e.media) + " ";
    ready.push_back(e);
  }
  void take(client::TrackRefused& e, MonoTime) {
    log += "refused:" + std::to_string(e.media) + ":" + std::to_string(e.status) + " ";
  }
  void take(client::Playing& e, MonoTime) {
    log += "playing ";
    playing = e;
  }
  void take(client::Paused&, MonoTime) { log += "paused "; }
  void take(client::Recording&, MonoTime) { log += "recording "; }
  void take(client::Frame& e, MonoTime) {
    log += e.rtcp ? "rtcp" : "rtp";
    log += std::to_string(e.media) + ":" + std::string(as_text(e.payload)) + " ";
  }
  void take(client::Redirected& e, MonoTime) { log += "redirected:" + e.url.display() + " "; }
  void take(client::Closed& e, MonoTime) { log += e.by_server ? "closed-by-server " : "closed "; }

  ClientSession session;
  Delivery delivery = Delivery::tcp;
  sdp::Session description;
  std::vector<client::TrackReady> ready;
  client::Playing playing;
  std::string log;
};

/// An interleaved frame, header included.
inline std::vector<uint8_t> frame(uint8_t channel, std::string_view payload) {
  std::string text{'$', static_cast<char>(channel), static_cast<char>(payload.size() >> 8),
                   static_cast<char>(payload.size())};
  text += payload;
  return {text.begin(), text.end()};
}

}  // namespace pasu::rtsp::testing
