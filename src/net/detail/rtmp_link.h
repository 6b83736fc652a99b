// The connection under an RTMP client; opened again where the server wants a login or redirects.
#pragma once

#include <chrono>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "net/connection.h"
#include "net/io_threads.h"
#include "net/tls.h"
#include "wire/rtmp/client_session.h"

namespace pasu::net::detail {

/// Who wants the session. Called on the link's thread.
class RtmpOwner {
 public:
  virtual ~RtmpOwner() = default;
  /// All events but those about connecting again. An error ends the link, and comes back by
  /// on_end().
  virtual Result<void> on_event(rtmp::ClientSession::Event event, MonoTime now) = 0;
  /// What did not leave at once has left.
  virtual void on_drained(MonoTime now) = 0;
  /// The link is dead. Last, once; not after leave().
  virtual void on_end(Error why) = 0;
};

struct RtmpLinkOptions {
  rtmp::Url url;
  rtmp::ClientSession::Mode mode = rtmp::ClientSession::Mode::play;
  std::chrono::milliseconds timeout{10'000};
  std::shared_ptr<TlsContext> tls{};  ///< Not null: for rtmps.
};

/// Drives the machine. All on its thread. It and its owner keep each other until the link ends or
/// is left.
class RtmpLink : public std::enable_shared_from_this<RtmpLink> {
 public:
  static constexpr int kAttemptsMax = 8;  ///< Logins and redirections together.

  RtmpLink(IoThread& thread, RtmpLinkOptions options, std::shared_ptr<RtmpOwner> owner);

  void start() { open(); }
  [[nodiscard]] rtmp::ClientSession& machine() { return *machine_; }
  /// After the owner used the machine, outside of its calls.
  void flush();
  [[nodiscard]] size_t unsent_bytes() const;
  [[nodiscard]] uint64_t received_bytes() const;
  /// Takes leave of the server; no more calls to the owner.
  void leave();

 private:
  class Half;

  void open();
  void opened(Result<TcpSocket> socket);
  Result<void> on_bytes(ByteView bytes, MonoTime now);
  Result<void> take_events(MonoTime now);
  Result<void> reopen(const std::string& reason);
  Result<void> redirect(const rtmp::ClientSession::Reconnect& event);
  bool login_by_query(const Error& why);
  void send_output();
  void ended(const Error* why);
  [[nodiscard]] Error explain(const Error* why) const;
  void finish(Error why);

  IoThread& thread_;
  const RtmpLinkOptions options_;
  rtmp::Url url_;  // Where we are now, after redirections.
  std::string auth_query_;
  std::shared_ptr<RtmpOwner> owner_;  // Null after leave().
  bool over_ = false;

  int attempt_ = 0;  // What belongs to another one is of the past.
  std::optional<rtmp::ClientSession> machine_;
  std::shared_ptr<Connection> connection_;
  bool answered_ = false;  // The server has said something.
  bool query_tried_ = false;
};

}  // namespace pasu::net::detail
