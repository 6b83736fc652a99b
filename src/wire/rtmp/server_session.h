// The server's end of one RTMP connection.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "wire/output.h"
#include "wire/rtmp/detail/link.h"
#include "wire/rtmp/media_reader.h"
#include "wire/rtmp/url.h"

namespace pasu::rtmp {

/// Why a publisher or a player is turned away.
enum class Refusal { not_found, busy, denied };

/// Talks to one publisher or player (RTMP 1.0 7.2). Sans-IO.
///
/// receive() what came, then next_event() until it gives nothing, then send what take_output()
/// gives. Connect, Publish and Play are questions: until the owner answers with accept_ or
/// reject_, what came behind them waits (kWaitingBytesMax). A connection has one stream at a time;
/// after Stopped it may ask for another.
///
/// A player is sent what StreamWriter makes, by send(): first its header(), then units from a key
/// frame on. Those are whole messages on chunk streams of their own, so the owner may as well write
/// them itself, once take_output() after accept_play() has been sent.
///
/// What a message of media or data has wrong is counted and skipped; what a chunk or a control
/// message has wrong ends the connection.
class ServerSession {
 public:
  struct Timeouts {
    std::chrono::seconds setup{15};    ///< From the first byte, or Stopped, to publish or play.
    std::chrono::seconds media{30};    ///< A publisher that sends none is gone.
    std::chrono::seconds ping{30};     ///< How often a player is asked whether it is there.
    std::chrono::seconds silence{90};  ///< A player that answers nothing is gone.
  };
  static constexpr size_t kWaitingBytesMax = 4u << 20;
  static constexpr size_t kStreamsMax = 8;
  /// Commands in a row, and how many more a second brings. More ends the connection.
  static constexpr int kCommandsMax = 200;
  static constexpr int kCommandsPerSecond = 20;

  struct Connect {
    std::string app;  ///< As sent, with its query.
    std::string tc_url;
    std::string client;  ///< flashVer: "FMLE/3.0 (compatible; ...)".
    Credentials credentials;
    bool enhanced = false;          ///< It announced Enhanced RTMP.
    std::vector<uint32_t> fourccs;  ///< What it can be sent by that.
  };
  struct Publish {
    std::string path;  ///< stream_path() of application and stream.
    std::string key;   ///< The stream's name as sent.
    Credentials credentials;
  };
  struct Play {
    std::string path;
    std::string key;
    Credentials credentials;
  };
  struct Pause {
    bool paused = false;
  };
  /// The peer ended its stream, in good order.
  struct Stopped {};
  /// StreamsChanged, AccessUnit and Data come from publishers; Data is onMetaData and the like.
  using Event =
      std::variant<Connect, Publish, Play, Pause, StreamsChanged, media::AccessUnit, Data, Stopped>;

  explicit ServerSession(MonoTime now) : ServerSession(now, Timeouts{}) {}
  ServerSession(MonoTime now, const Timeouts& timeouts);

  [[nodiscard]] Result<void> receive(ByteView bytes, MonoTime now);
  [[nodiscard]] std::optional<Event> next_event();
  [[nodiscard]] wire::Output take_output() { return link_.take_output(); }
  [[nodiscard]] std::optional<MonoTime> deadline() const;
  /// Errors: timeout.
  [[nodiscard]] Result<void> on_time(MonoTime now);

  /// The answers, each to the question asked last (ASSERTed). Accepting reads what has waited, so
  /// there may be new events, or an error that ends the connection.
  [[nodiscard]] Result<void> accept_connect(MonoTime now);
  [[nodiscard]] Result<void> accept_publish(MonoTime now);
  [[nodiscard]] Result<void> accept_play(MonoTime now);
  /// The peer is told; the owner sends that and closes.
  void reject_connect(std::string_view description);
  void reject_publish(Refusal why, std::string_view description);
  void reject_play(Refusal why, std::string_view description);

  /// To a player: chunks made by StreamWriter.
  void send(Bytes chunks) { link_.send(std::move(chunks)); }
  /// To a player: the stream has ended at its source.
  void end_play(std::string_view description);
  /// Enhanced RTMP v2 "Reconnect Request"; an empty address means the same one. Does nothing for
  /// peers that did not announce Enhanced RTMP.
  void request_reconnect(std::string_view tc_url, std::string_view description);

  [[nodiscard]] bool publishing() const { return state_ == State::publishing; }
  [[nodiscard]] bool playing() const { return state_ == State::playing; }
  /// Media messages that could not be read.
  [[nodiscard]] uint64_t media_dropped() const { return media_dropped_; }
  /// Messages nobody here has a use for: unknown commands, media outside a stream.
  [[nodiscard]] uint64_t messages_ignored() const { return link_.messages_ignored(); }
  /// Bytes received behind the handshake.
  [[nodiscard]] uint64_t position() const { return link_.position(); }

 private:
  enum class State {
    start,
    connect_asked,
    connected,
    publish_asked,
    publishing,
    play_asked,
    playing,
    ended,
  };

  [[nodiscard]] bool asking() const;
  Result<void> process(MonoTime now);
  Result<void> handle(const Message& message, MonoTime now);
  Result<void> handle_command(const Message& message, MonoTime now);
  Result<void> spend_command(MonoTime now);
  void handle_media(const Message& message, MonoTime now);
  void on_connect(const Command& command);
  void on_create_stream(const Command& command);
  void on_publish(const Command& command, uint32_t stream_id);
  void on_play(const Command& command, uint32_t stream_id);
  void on_pause(const Command& command);
  void on_fc_publish(const Command& command, std::string_view status);
  void stop_stream(uint32_t stream_id, MonoTime now);
  void refuse(const Command& command, std::string_view description);
  void reply(const Command& command, Value value);
  void send_status(uint32_t stream_id, Status status);
  void take_media_events();

  Link link_;
  Timeouts timeouts_;
  State state_ = State::start;
  std::deque<Event> events_;

  std::string app_;
  double connect_transaction_ = 1;
  double object_encoding_ = 0;
  bool enhanced_ = false;
  std::array<bool, kStreamsMax + 1> streams_{};  // Message stream ids in use; 0 is the connection.
  uint32_t stream_id_ = 0;                       // Of the stream published or played.
  std::string key_;
  std::optional<MediaReader> reader_;
  uint64_t media_dropped_ = 0;

  MonoTime waiting_since_;  // For publish or play.
  MonoTime media_at_{};     // When the publisher last sent some.
  MonoTime pinged_{};
  double commands_left_ = kCommandsMax;
  MonoTime commands_at_;
};

}  // namespace pasu::rtmp
