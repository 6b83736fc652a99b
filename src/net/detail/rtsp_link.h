// The connections under an RTSP client: one, or an HTTP tunnel's two; opened again elsewhere when
// the server redirects.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/connection.h"
#include "net/io_threads.h"
#include "net/tls.h"
#include "wire/rtsp/client_session.h"
#include "wire/rtsp/http_tunnel.h"

namespace pasu::net::detail {

/// Who wants the session. Called on the link's thread.
class RtspOwner {
 public:
  virtual ~RtspOwner() = default;
  /// The server is reached for the first time: describe() or announce().
  virtual Result<void> begin(rtsp::ClientSession& machine, MonoTime now) = 0;
  /// All events but Redirected and Closed. An error ends the link, and comes back by on_end().
  virtual Result<void> on_event(const rtsp::client::Event& event, MonoTime now) = 0;
  [[nodiscard]] virtual std::optional<MonoTime> deadline() const = 0;
  virtual Result<void> on_time(MonoTime now) = 0;
  /// What did not leave at once has left.
  virtual Result<void> on_drained(MonoTime now) = 0;
  /// The link is dead. Last, once; not after leave().
  virtual void on_end(Error why) = 0;
};

/// One RTP or RTCP packet as it goes in the connection (RFC 2326 10.12).
[[nodiscard]] Bytes interleaved(uint8_t channel, ByteView packet);

struct RtspLinkOptions {
  rtsp::Url url;
  std::string user_agent;
  std::chrono::milliseconds timeout{10'000};
  bool http = false;
  std::shared_ptr<TlsContext> tls{};  ///< Not null: for rtsps.
};

/// Drives the machine. All on its thread. It and its owner keep each other until the link ends or
/// is left.
class RtspLink : public std::enable_shared_from_this<RtspLink> {
 public:
  RtspLink(IoThread& thread, RtspLinkOptions options, std::shared_ptr<RtspOwner> owner);

  void start();
  [[nodiscard]] rtsp::ClientSession& machine() { return machine_; }
  /// The connection that reads; null while there is none.
  [[nodiscard]] std::shared_ptr<Connection> connection() const { return main_.lock(); }
  /// After the owner used the machine or its own deadline moved, outside of its calls.
  void flush();
  /// An interleaved frame, or several whole ones. Leaves with flush() or after the owner's call.
  void send_frames(const Bytes& frames);
  /// Queued and not with the kernel.
  [[nodiscard]] size_t unsent_bytes() const;
  /// Ends the link for a reason of the owner's, soon.
  void abort(Error why);
  /// TEARDOWN, then the connection closes; at most two seconds later `done` is called.
  void leave(std::function<void()> done);

 private:
  class Half;
  enum class Role { main, post };

  void open(Role role);
  void opened(Role role, Result<TcpSocket> socket);
  Result<void> on_start(Role role, Connection& connection, MonoTime now);
  Result<void> on_bytes(ByteView bytes, MonoTime now);
  Result<void> begin(MonoTime now);
  [[nodiscard]] std::optional<MonoTime> deadline() const;
  Result<void> on_time(MonoTime now);
  Result<void> pump(MonoTime now);
  void redirect(const rtsp::Url& url);
  void send(const Bytes& bytes);
  void drop_connections();
  void ended(const Error* why);
  [[nodiscard]] Error explain(const Error* why) const;
  void finish(Error why);

  IoThread& thread_;
  const RtspLinkOptions options_;
  rtsp::ClientSession machine_;
  std::shared_ptr<RtspOwner> owner_;  // Null after leave().
  std::function<void()> left_;
  bool leaving_ = false;
  bool over_ = false;

  uint64_t attempt_ = 0;  // What belongs to another one is of the past.
  // Kept by what they wait for. They keep the link, so that it must not keep them, too: both would
  // outlive a thread that ends before they do.
  std::weak_ptr<Connection> main_, post_;
  bool begun_ = false;     // The machine has been started once.
  bool answered_ = false;  // The server has said something,
  bool heard_ = false;     // and it made sense.
  bool tunnel_open_ = false;
  MonoTime tunnel_until_{};  // When its GET must have been answered.
  rtsp::TunnelAnswer tunnel_answer_;
  std::string cookie_;
};

}  // namespace pasu::net::detail
