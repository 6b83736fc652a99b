// One TCP connection: reads and feeds its session, and writes what the session gives it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/tcp_socket.h"
#include "net/tls.h"

namespace pasu::net {

class Connection;

/// What a connection is for: a protocol machine and its owner's wishes. All calls come on the
/// connection's thread, one at a time. The connection owns its session.
class Session {
 public:
  virtual ~Session() = default;
  /// First of all. `connection` lives at least until on_end().
  virtual Result<void> on_start(Connection& connection, MonoTime now) = 0;
  /// An error ends the connection, after what was sent before it has been tried once.
  virtual Result<void> on_bytes(ByteView bytes, MonoTime now) = 0;
  /// When on_time() is wanted. Asked after each of the calls above and below.
  [[nodiscard]] virtual std::optional<MonoTime> deadline() const { return std::nullopt; }
  virtual Result<void> on_time(MonoTime now) {
    (void)now;
    return {};
  }
  /// All that was sent is with the kernel, after a time when not all of it was.
  virtual Result<void> on_drained(MonoTime now) {
    (void)now;
    return {};
  }
  /// Last of all, once. `why` is null where the peer closed, or close() was called without a
  /// reason.
  virtual void on_end(const Error* why) = 0;
};

struct ConnectionOptions {
  /// Unsent bytes that end the connection: its peer does not read what it asked for.
  size_t unsent_bytes_max = 8u << 20;
  /// Unsent bytes of which none leaves for this long end it, too.
  std::chrono::seconds stall_max{20};
  std::shared_ptr<TlsContext> tls{};  ///< Null: none.
  std::string tls_server_name{};      ///< Client: whom to ask for and verify.
};

/// Kept alive by what it waits for; ends itself. All on its thread but stop().
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static constexpr std::chrono::seconds kHandshakeMax{10};
  static constexpr std::chrono::seconds kGoodByeMax{3};

  /// On the socket's thread. The session is started before this returns.
  static std::shared_ptr<Connection> start(TcpSocket socket, std::unique_ptr<Session> session,
                                           ConnectionOptions options = {});
  ~Connection();

  /// Queues. Bytes are shared, not copied (TLS copies). They leave after the session's call
  /// returns, or with flush() where it is not the connection that calls the session.
  void send(Bytes bytes);
  void send(std::span<const Bytes> many);
  /// Writes what the kernel takes, in gathered writes. Calls nothing of the session but deadline().
  void flush();
  /// From now on reads up to IoThread::kRoundEvery late, together with the thread's other
  /// connections: for peers that send without end, a little each time.
  void read_in_rounds() { reads_in_rounds_ = true; }
  /// Queued and not yet with the kernel.
  [[nodiscard]] size_t unsent_bytes() const { return unsent_; }

  /// Ends the connection soon; on_end() is not called from within.
  void close(std::optional<Error> why = std::nullopt);
  /// As close(), once all that was queued has left and the other side has closed, too; after
  /// kGoodByeMax at the latest. What comes meanwhile is not looked at.
  void close_when_sent();
  /// As close(), from any thread.
  void stop();

  [[nodiscard]] IoThread& thread() const;
  [[nodiscard]] const Address& peer() const;
  [[nodiscard]] const Address& local() const;
  [[nodiscard]] bool encrypted() const;
  /// Bytes that came and went on the wire.
  [[nodiscard]] uint64_t received_bytes() const;
  [[nodiscard]] uint64_t sent_bytes() const;
  [[nodiscard]] Session* session() const { return session_.get(); }

 private:
  struct Impl;
  Connection(TcpSocket socket, std::unique_ptr<Session> session, ConnectionOptions options);
  void begin();
  void wait_read();
  void wait_round();
  void on_readable();
  Result<void> received(ByteView bytes, MonoTime now);
  Result<void> decrypt(ByteView bytes, MonoTime now);
  Result<void> write();
  Result<void> write_plain();
  Result<void> write_tls();
  /// How many bytes the kernel took; 0 where it wants none now.
  Result<size_t> to_kernel(std::span<const ByteView> parts);
  void wait_write();
  void arm_timer();
  void on_timer();
  Result<void> check_time(MonoTime now);
  void after(Result<void> result);
  void end_output();
  void say_tls_bye();
  void finish(std::optional<Error> why);

  std::unique_ptr<Impl> impl_;
  std::unique_ptr<Session> session_;
  size_t unsent_ = 0;
  bool reads_in_rounds_ = false;
};

}  // namespace pasu::net
