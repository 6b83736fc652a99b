// The RTSP server's end of one connection (RFC 2326): serves a reader or takes a publisher.
// Sans-IO: no socket, clock, thread or log.
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
#include "wire/rtsp/detail/event_queue.h"
#include "wire/rtsp/headers.h"
#include "wire/rtsp/message_reader.h"
#include "wire/rtsp/server_auth.h"
#include "wire/rtsp/transport.h"
#include "wire/sdp/session.h"

namespace pasu::rtsp {

namespace detail {
struct Target;
}

struct ServerOptions {
  std::string name = "pasu";
  AuthPolicy auth;
  std::chrono::seconds session_timeout{60};
  /// From the first byte of a request to its last.
  std::chrono::seconds request_timeout{10};
  /// A connection without a session, from one request to the next.
  std::chrono::seconds idle_timeout{30};
  bool udp = true;
  bool multicast = false;
};

/// What the owner of a ServerSession learns, in order. Describe, Announce, Setup, Play, Record and
/// Pause wait for an answer; the next request is looked at after it.
namespace server {
/// Paths are percent-decoded and have no slash at either end; no control character is in them.
struct Describe {
  std::string path;
  std::string query;
  std::string user;  ///< Empty: anybody.
};
struct Announce {
  std::string path;
  std::string query;
  std::string user;
  sdp::Session sdp;  ///< At least one media.
};
/// The way a track shall travel: for tcp with its channels, for udp with the client's ports (on the
/// connection's own peer address; whatever destination was asked for is gone).
struct Setup {
  std::string path;
  std::string query;
  std::string user;
  size_t track = 0;  ///< trackID of a reader; the announced media's index of a publisher.
  bool publish = false;
  Transport transport;
};
/// May come again while playing: another range.
struct Play {
  std::optional<Range> range;
};
struct Record {};
struct Pause {};
/// The session is over and already answered; the connection stays.
struct Teardown {};
/// RTP or RTCP that came interleaved. Valid until the next receive().
struct Frame {
  size_t track = 0;
  bool rtcp = false;
  ByteView payload;
};
using Event = std::variant<Describe, Announce, Setup, Play, Record, Pause, Teardown, Frame>;
}  // namespace server

/// The owner's part of an answered SETUP.
struct SetupAnswer {
  std::optional<Pair<uint16_t>> server_port;  ///< udp
  std::optional<Pair<uint16_t>> port;         ///< multicast
  std::optional<uint8_t> ttl;                 ///< multicast
  std::string destination;                    ///< multicast: the group's address.
  std::string source;
  std::optional<uint32_t> ssrc;
};

/// Where a track's RTP begins (RTP-Info).
struct PlayStart {
  size_t track = 0;
  std::optional<uint16_t> sequence;
  std::optional<uint32_t> rtp_time;
};

/// One connection with at most one session. The session's id is random and good on this connection
/// alone, so that nobody takes over another's; when the connection ends, the session does.
///
/// An error from receive() or on_time() ends the connection; take_output() may still hold the last
/// answer. The owner answers each event that waits within a deadline of its own (refuse(503)).
///
/// Answers pile up in the output while the peer does not read them: an owner that cannot send
/// stops feeding.
///
/// Between two take_output() the owner may write interleaved frames of its own, '$' header
/// included: each take_output() gives whole messages. The answer to PLAY goes out before the first
/// frame.
class ServerSession {
 public:
  static constexpr size_t kTracksMax = 16;
  /// Requests that wait while the owner has not answered one.
  static constexpr size_t kPipelineMax = 16;
  static constexpr size_t kWrongPasswordsMax = 5;
  /// Sessions live this much longer than they are told to, for keep-alives that are late.
  static constexpr std::chrono::seconds kTimeoutGrace{10};

  ServerSession(ServerOptions options, MonoTime now);

  /// The a=control value of a track in descriptions given to answer_describe(): "trackID=0".
  [[nodiscard]] static std::string control_of(size_t track);

  /// Answers to the event that waits; each must match it.
  void answer_describe(std::string_view sdp);
  void answer_announce();
  void answer_setup(const SetupAnswer& answer);
  void answer_play(const std::vector<PlayStart>& starts, const std::optional<Range>& range);
  void answer_record();
  void answer_pause();
  /// Answers any of them with an error: 404, 453, 457, 461, 503.
  void refuse(int status, std::string_view reason = {});
  /// An event waits for its answer.
  [[nodiscard]] bool awaits_answer() const { return awaited_.has_value(); }

  /// RTCP came by another way (udp), which also keeps the session alive.
  void touch(MonoTime now) { last_activity_ = now; }

  /// All events must have been taken before more bytes are fed: frames point into them.
  [[nodiscard]] Result<void> receive(ByteView bytes, MonoTime now);
  [[nodiscard]] std::optional<server::Event> next_event();
  [[nodiscard]] wire::Output take_output();
  [[nodiscard]] std::optional<MonoTime> deadline() const;
  [[nodiscard]] Result<void> on_time(MonoTime now);

  /// Frames on channels that were not set up, or while nothing is recorded or played.
  [[nodiscard]] uint64_t dropped_frames() const { return dropped_frames_; }
  /// Requests turned away for a wrong password or for want of a right.
  [[nodiscard]] uint64_t denied() const { return denied_; }
  [[nodiscard]] const MessageReader& reader() const { return reader_; }

 private:
  enum class State { init, announced, ready, playing, recording };
  struct Track {
    size_t index = 0;
    Delivery delivery = Delivery::tcp;
    std::string url;
    Transport transport;
  };
  struct Channel {
    uint16_t track = 0;
    bool rtcp = false;
  };

  Result<void> take_message(Message message);
  void take_frame(const InterleavedFrame& frame);
  Result<void> enqueue(Request request);
  Result<void> handle_waiting();
  Result<void> handle(const Request& request);
  void answered();
  bool acceptable(const Request& request);
  Result<bool> authorized(const Request& request, const std::string& path, Access access);
  Result<void> handle_describe(const Request& request);
  Result<void> handle_announce(const Request& request);
  Result<void> handle_setup(const Request& request);
  void handle_play(const Request& request);
  void handle_record(const Request& request);
  void handle_pause(const Request& request);
  void handle_teardown(const Request& request);
  void handle_parameters(const Request& request);
  std::optional<size_t> track_of(const Request& request, const detail::Target& target) const;
  std::optional<Transport> choose_transport(const std::vector<Transport>& wanted) const;
  std::optional<Pair<uint8_t>> channels_for(const std::optional<Pair<uint8_t>>& wanted) const;
  bool names_session(const Request& request);
  void await(const Request& request, server::Event event);
  Response response_to(const Request& request, int status = 200) const;
  void respond(const Request& request, int status);
  void write(const Response& response);
  void end_session();
  void update_channels();

  ServerOptions options_;
  ServerAuth auth_;
  MessageReader reader_;
  detail::EventQueue<server::Event> events_;
  wire::Output output_;
  std::deque<Request> waiting_;
  std::optional<Request> awaited_;
  std::optional<Track> awaited_track_;

  State state_ = State::init;
  std::string session_id_;
  std::string path_;  // Of the session, once there is one.
  std::string base_;  // URI of the session, for RTP-Info.
  std::string user_;
  struct Grant {
    std::string path;
    Access access;
    bool operator==(const Grant&) const = default;
  };
  std::optional<Grant> grant_;  // What this connection has shown it may do.
  sdp::Session announced_;
  std::string announced_uri_;
  size_t described_media_ = 0;  // Of the last description given; 0: none.
  std::vector<Track> tracks_;
  std::array<std::optional<Channel>, 256> channels_{};

  MonoTime now_;
  MonoTime last_request_;
  MonoTime last_activity_;
  std::optional<MonoTime> unfinished_since_;
  size_t wrong_passwords_ = 0;
  uint64_t dropped_frames_ = 0, denied_ = 0;
  std::optional<Error> failure_;  // Found while answering; said at the next chance.
  bool over_ = false;
};

}  // namespace pasu::rtsp
