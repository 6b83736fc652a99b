// The client's end of one RTMP connection.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "wire/output.h"
#include "wire/rtmp/detail/link.h"
#include "wire/rtmp/media_reader.h"
#include "wire/rtmp/stream_writer.h"
#include "wire/rtmp/url.h"

namespace pasu::rtmp {

/// Plays or publishes one stream of a server (RTMP 1.0 7.2). Sans-IO.
///
/// take_output() has the first bytes at once. Then receive() what came, next_event() until it gives
/// nothing, take_output() again. Every step has a deadline. A refusal is an error of receive():
/// not_found (no such stream), exists (the name is taken), invalid_argument (the login is wrong or
/// missing), unavailable (any other, with the server's words).
class ClientSession {
 public:
  enum class Mode { play, publish };
  struct Options {
    Mode mode = Mode::play;
    /// Announce Enhanced RTMP. Servers know it or pass over it; turn it off for one that chokes.
    bool enhanced = true;
    /// From an Authenticate event of the connection before.
    std::string auth_query{};
    std::chrono::seconds setup{15};  ///< For each step up to Started.
    std::chrono::seconds media{20};  ///< A server that plays sends some this often.
  };

  /// Playing has begun, or publishing may.
  struct Started {};
  /// The server wants a proof of who we are (authmod=adobe, RTMP's only login): close, and connect
  /// again with Options::auth_query set to this. Comes at most twice in a row.
  struct Authenticate {
    std::string query;
  };
  /// Connect again: to this address, or to the same one where it is empty (Enhanced RTMP v2
  /// "Reconnect Request"; the redirection of FMS). The connection stays until then.
  struct Reconnect {
    std::string tc_url;
    std::string description;
  };
  /// The server ended the stream.
  struct Stopped {
    std::string reason;
  };
  using Event = std::variant<Started, Authenticate, Reconnect, StreamsChanged, media::AccessUnit,
                             Data, Stopped>;

  ClientSession(Url url, Options options, MonoTime now);

  [[nodiscard]] Result<void> receive(ByteView bytes, MonoTime now);
  [[nodiscard]] std::optional<Event> next_event();
  [[nodiscard]] wire::Output take_output() { return link_.take_output(); }
  [[nodiscard]] std::optional<MonoTime> deadline() const;
  /// Errors: timeout.
  [[nodiscard]] Result<void> on_time(MonoTime now);

  /// Publishing, after Started: what is sent from here on; again where it changes. `at` is the dts
  /// of the unit that follows. Errors: as StreamWriter::create().
  [[nodiscard]] Result<void> set_streams(std::span<const media::StreamInfo> streams, media::Pts at);
  /// Publishing, after set_streams(). Errors: as StreamWriter::write().
  [[nodiscard]] Result<void> write(const media::AccessUnit& unit);
  /// Tells the server that the stream ends. Send what take_output() gives, then close.
  void stop();

  /// The other side speaks RTMP: the handshake is done.
  [[nodiscard]] bool established() const { return link_.established(); }
  [[nodiscard]] bool started() const { return state_ == State::started; }
  [[nodiscard]] uint64_t media_dropped() const { return media_dropped_; }
  [[nodiscard]] uint64_t messages_ignored() const { return link_.messages_ignored(); }
  [[nodiscard]] uint64_t position() const { return link_.position(); }

 private:
  enum class State { handshake, connecting, creating, starting, started, ended };

  void step(State state, MonoTime now);
  Result<void> handle(const Message& message, MonoTime now);
  Result<void> handle_command(const Command& command, MonoTime now);
  Result<void> on_result(const Command& command, MonoTime now);
  Result<void> on_error(const Command& command);
  Result<void> on_status(const Value& info, MonoTime now);
  Result<void> on_connect_refused(const Value& info);
  void handle_media(const Message& message, MonoTime now);
  void send_connect();
  void send_create_stream();
  void send_start();
  void start(MonoTime now);

  Link link_;
  Url url_;
  Options options_;
  State state_ = State::handshake;
  std::deque<Event> events_;
  uint32_t stream_id_ = 1;
  MediaReader reader_;
  std::optional<StreamWriter> writer_;
  media::Pts last_dts_{0};
  uint64_t media_dropped_ = 0;
  MonoTime step_at_;   // When this step began.
  MonoTime media_at_;  // When the server last sent some.
};

}  // namespace pasu::rtmp
