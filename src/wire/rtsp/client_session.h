// The RTSP client (RFC 2326): pulls a stream (DESCRIBE, SETUP, PLAY) or publishes one (ANNOUNCE,
// SETUP, RECORD). Sans-IO: no socket, clock, thread or log.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "wire/output.h"
#include "wire/rtsp/client_auth.h"
#include "wire/rtsp/detail/event_queue.h"
#include "wire/rtsp/headers.h"
#include "wire/rtsp/message_reader.h"
#include "wire/rtsp/transport.h"
#include "wire/rtsp/url.h"
#include "wire/sdp/session.h"

namespace pasu::rtsp {

struct ClientOptions {
  Url url;  ///< With the credentials, if any.
  std::string user_agent = "pasu";
  /// Longer than the 10 s that servers wait for a stream that is started on demand.
  std::chrono::milliseconds answer_timeout{15'000};
};

/// What the owner of a ClientSession learns, in order.
namespace client {
struct Described {
  sdp::Session sdp;  ///< At least one media.
};
struct Announced {};
/// The server agreed to carry a track: channels for tcp, server_port and source for udp, port,
/// destination and ttl for multicast are what it said.
struct TrackReady {
  size_t media = 0;
  Transport transport;
};
/// The server would not carry a track. Unless the track was optional, commands that waited behind
/// are dropped: set up again with another transport (461), or give up.
struct TrackRefused {
  size_t media = 0;
  int status = 461;
  std::string reason;
  bool required = true;
};
/// Where a track's RTP begins (RTP-Info).
struct TrackStart {
  size_t media = 0;
  std::optional<uint16_t> sequence;
  std::optional<uint32_t> rtp_time;
};
struct Playing {
  std::vector<TrackStart> starts;  ///< Empty where the server did not say.
  std::optional<Range> range;
};
struct Paused {};
struct Recording {};
/// RTP or RTCP that came interleaved. Valid until the next receive().
struct Frame {
  size_t media = 0;
  bool rtcp = false;
  ByteView payload;
};
/// Open a new connection to `url`, then call reconnected(). Everything set up is void.
struct Redirected {
  Url url;
};
/// The session is over in order: after teardown(), or because the server ended it.
struct Closed {
  bool by_server = false;
};
using Event = std::variant<Described, Announced, TrackReady, TrackRefused, Playing, Paused,
                           Recording, Frame, Redirected, Closed>;
}  // namespace client

/// How one track is to be set up.
struct TrackSetup {
  size_t media = 0;
  Delivery delivery = Delivery::tcp;
  std::optional<Pair<uint16_t>> client_port;  ///< udp: the owner's open ports.
  bool required = true;
};

/// One session with one server. Commands queue; one request is under way at a time. An error from
/// receive() or on_time() ends the session: the connection is to be closed.
///
/// Error codes say what helps: invalid_argument (user or password), not_found, unsupported (try
/// another transport or stream), unavailable (try again later: 453, 454, 503), timeout, malformed
/// and too_large (what came is no RTSP).
///
/// While recording over tcp the owner writes frames itself, '$' header included, between two
/// take_output(); each of those gives whole messages.
class ClientSession {
 public:
  static constexpr size_t kRedirectsMax = 5;

  explicit ClientSession(ClientOptions options);

  /// OPTIONS and DESCRIBE; answered by Described.
  void describe(MonoTime now);
  /// OPTIONS and ANNOUNCE; answered by Announced. Each media gets a=control:streamid=N.
  /// Errors: invalid_argument (a description that cannot be printed).
  [[nodiscard]] Result<void> announce(sdp::Session session, MonoTime now);
  /// After Described or Announced; answered by TrackReady or TrackRefused.
  void setup(const TrackSetup& track, MonoTime now);
  void play(std::optional<Range> range, MonoTime now);
  void pause(MonoTime now);
  void record(MonoTime now);
  /// Answered by Closed, at the latest after kTeardownTimeout. Drops what waits.
  void teardown(MonoTime now);
  static constexpr std::chrono::seconds kTeardownTimeout{2};

  /// A new connection to the URL of Redirected is open: begins again with describe() or announce().
  void reconnected(MonoTime now);
  /// Media came by another way (udp): the server is alive although it may not answer keep-alives.
  void touch(MonoTime now) { last_sign_of_life_ = now; }

  /// All events must have been taken before more bytes are fed: frames point into them.
  [[nodiscard]] Result<void> receive(ByteView bytes, MonoTime now);
  [[nodiscard]] std::optional<client::Event> next_event();
  [[nodiscard]] wire::Output take_output();
  [[nodiscard]] std::optional<MonoTime> deadline() const;
  [[nodiscard]] Result<void> on_time(MonoTime now);

  /// The URL in use, which redirects change.
  [[nodiscard]] const Url& url() const { return options_.url; }
  /// Frames on channels nobody asked for, and answers to no request.
  [[nodiscard]] uint64_t dropped_messages() const { return dropped_messages_; }
  [[nodiscard]] const MessageReader& reader() const { return reader_; }

 private:
  enum class Goal { none, pull, publish };
  // Tried in this order when the server refuses one (go2rtc#289, mediamtx#2908).
  enum class KeepAlive { get_parameter, options, set_parameter, any };
  struct Outgoing {
    Method method = Method::options;
    std::string uri;
    Headers headers;
    std::string body;
    bool keep_alive = false;
    TrackSetup track;
    std::optional<Pair<uint8_t>> channels;
    int challenges = 0;
    bool authorized = false;
    uint32_t cseq = 0;
  };
  struct Track {
    size_t media = 0;
    std::string url;
  };

  void begin(MonoTime now);
  void enqueue(Outgoing request, MonoTime now);
  void send_next(MonoTime now);
  void send(MonoTime now);
  Result<void> take_message(Message message, MonoTime now);
  void take_frame(const InterleavedFrame& frame, MonoTime now);
  Result<void> take_request(const Request& request, MonoTime now);
  Result<void> take_response(Response response, MonoTime now);
  Result<void> take_answer(const Outgoing& request, Response& response, MonoTime now);
  Result<void> retry_with_credentials(const Response& response, MonoTime now);
  Result<void> redirect(std::string_view location);
  Result<void> take_description(const Response& response);
  Result<void> take_setup(const Outgoing& request, const Response& response, MonoTime now);
  void refuse_track(const Outgoing& request, int status, std::string reason);
  void take_play(const Response& response);
  Result<void> take_keep_alive(const Response& response);
  void next_keep_alive_dialect();
  Method keep_alive_method() const;
  std::optional<Pair<uint8_t>> free_channels() const;
  std::optional<Transport> agreed_transport(const Outgoing& request, const Response& response,
                                            std::string& problem) const;
  tl::unexpected<Error> refused(const Outgoing& request, const Response& response) const;
  Result<void> check_open() const;
  void close(bool by_server);

  ClientOptions options_;
  ClientAuth auth_;
  MessageReader reader_;
  detail::EventQueue<client::Event> events_;
  wire::Output output_;
  Goal goal_ = Goal::none;
  sdp::Session sdp_;
  std::string base_;       // What relative controls belong to.
  std::string aggregate_;  // What PLAY, PAUSE, RECORD and TEARDOWN name.

  std::deque<Outgoing> waiting_;
  std::optional<Outgoing> under_way_;
  MonoTime sent_{};
  uint32_t cseq_ = 0;

  std::optional<SessionId> session_;
  std::vector<Track> tracks_;
  struct Channel {
    uint16_t media = 0;
    bool rtcp = false;
  };
  std::array<std::optional<Channel>, 256> channels_{};
  KeepAlive keep_alive_ = KeepAlive::options;
  MonoTime keep_alive_at_{};
  MonoTime last_sign_of_life_{};
  size_t redirects_ = 0;
  bool play_asked_ = false;
  bool closing_ = false;
  bool over_ = false;
  uint64_t dropped_messages_ = 0;
};

}  // namespace pasu::rtsp
