#include "net/connection.h"

#include <algorithm>
#include <array>
#include <deque>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>

#include "base/assert.h"
#include "net/detail/io_thread_impl.h"
#include "net/detail/tcp_socket_impl.h"

namespace pasu::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kPartsMax = 64;              // Buffers of one gathered write.
constexpr int kReadsMax = 4;                  // In a row, before other connections have their turn.
constexpr int kSilentRoundsMax = 25;          // Then the event loop watches the socket again.
constexpr size_t kTlsOutputMax = 256u << 10;  // Encrypted ahead of the kernel at most.

Error system_error(const char* what) {
  return {Errc::io, fmt::format("{}: {}", what,
                                error_code(errno, boost::system::system_category()).message())};
}

MonoTime now_of_clock() { return system_clock().now(); }

}  // namespace

struct Connection::Impl {
  TcpSocket owner;
  ConnectionOptions options;
  tcp::socket& socket;
  const int handle = socket.native_handle();
  bool watched = true;  // By the event loop, whose attention each arrival costs.
  int silent_rounds = 0;
  boost::asio::steady_timer timer;
  std::optional<MonoTime> timer_at;  // When the timer that runs goes off.

  std::deque<Bytes> queue;
  size_t head_sent = 0;  // Bytes of the first in the queue that have left.
  bool waiting_write = false;
  bool was_blocked = false;
  MonoTime progress_at{};
  uint64_t received = 0, sent = 0;

  std::unique_ptr<Tls> tls;
  std::vector<uint8_t> plain;  // Decrypted, on its way to the session.
  MonoTime handshake_until{};

  bool closing = false;     // close() was called: what comes is not looked at.
  bool saying_bye = false;  // close_when_sent() was called: likewise.
  bool output_ended = false, tls_bye_said = false;
  MonoTime bye_until{};
  bool ended = false;

  Impl(TcpSocket s, ConnectionOptions o)
      : owner(std::move(s)),
        options(std::move(o)),
        socket(owner.impl().socket),
        timer(owner.thread().impl().context) {}
  ~Impl() { watch(); }

  error_code watch() {
    error_code error;
    if (std::exchange(watched, true)) return error;
    socket.assign(tcp::v6(), handle, error);  // The family plays no part in waiting.
    if (error) ::close(handle);
    return error;
  }
  void unwatch() {
    if (std::exchange(watched, false)) socket.release();
  }
};

Connection::Connection(TcpSocket socket, std::unique_ptr<Session> session,
                       ConnectionOptions options)
    : impl_(std::make_unique<Impl>(std::move(socket), std::move(options))),
      session_(std::move(session)) {}

Connection::~Connection() = default;

std::shared_ptr<Connection> Connection::start(TcpSocket socket, std::unique_ptr<Session> session,
                                              ConnectionOptions options) {
  ASSERT(socket.thread().is_current());
  std::shared_ptr<Connection> connection(
      new Connection(std::move(socket), std::move(session), std::move(options)));
  connection->begin();
  return connection;
}

void Connection::begin() {
  const MonoTime now = now_of_clock();
  impl_->progress_at = now;
  if (impl_->options.tls) {
    impl_->tls = std::make_unique<Tls>(impl_->options.tls, impl_->options.tls_server_name);
    impl_->handshake_until = now + kHandshakeMax;
  }
  Result<void> result = impl_->tls ? impl_->tls->start() : Result<void>();
  if (result) result = session_->on_start(*this, now);
  wait_read();
  after(std::move(result));
}

IoThread& Connection::thread() const { return impl_->owner.thread(); }
const Address& Connection::peer() const { return impl_->owner.peer(); }
const Address& Connection::local() const { return impl_->owner.local(); }
bool Connection::encrypted() const { return impl_->tls != nullptr; }
uint64_t Connection::received_bytes() const { return impl_->received; }
uint64_t Connection::sent_bytes() const { return impl_->sent; }

// Reading. Waiting for readiness rather than reading into a buffer of one's own: an idle
// connection then costs no buffer.

void Connection::wait_read() {
  if (const auto error = impl_->watch()) return finish(Error(Errc::io, error.message()));
  impl_->socket.async_wait(tcp::socket::wait_read,
                           [self = shared_from_this()](const error_code& error) {
                             if (!error) self->on_readable();
                           });
}

void Connection::wait_round() {
  if (!impl_->waiting_write) impl_->unwatch();
  thread().in_round([self = shared_from_this()] {
    if (!self->impl_->ended && !self->impl_->closing) self->on_readable();
  });
}

void Connection::on_readable() {
  auto& buffer = thread().impl().read_buffer;
  Result<void> result;
  bool some = false, all = false;
  for (int i = 0; i < kReadsMax && result && !impl_->closing && !impl_->ended; ++i) {
    const ssize_t count = ::recv(impl_->handle, buffer.data(), buffer.size(), 0);
    if (count == 0) return finish(std::nullopt);
    if (count < 0) {
      if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
        return finish(system_error("reading"));
      all = true;
      break;
    }
    some = true;
    impl_->received += static_cast<size_t>(count);
    result = received({buffer.data(), static_cast<size_t>(count)}, now_of_clock());
    all = static_cast<size_t>(count) < buffer.size();
    if (all) break;
  }
  const bool go_on = result.has_value();
  after(std::move(result));
  if (!go_on || impl_->ended || impl_->closing) return;
  impl_->silent_rounds = some ? 0 : impl_->silent_rounds + 1;
  if (reads_in_rounds_ && all && impl_->silent_rounds <= kSilentRoundsMax) {
    wait_round();
  } else {
    wait_read();
  }
}

Result<void> Connection::received(ByteView bytes, MonoTime now) {
  if (impl_->saying_bye) return {};
  return impl_->tls ? decrypt(bytes, now) : session_->on_bytes(bytes, now);
}

Result<void> Connection::decrypt(ByteView bytes, MonoTime now) {
  impl_->plain.clear();
  TRY(impl_->tls->receive(bytes, impl_->plain));
  if (!impl_->plain.empty()) TRY(session_->on_bytes(impl_->plain, now));
  if (impl_->tls->closed()) close();
  return {};
}

// Writing.

void Connection::send(Bytes bytes) {
  if (bytes.empty() || impl_->ended) return;
  unsent_ += bytes.size();
  impl_->queue.push_back(std::move(bytes));
}

void Connection::send(std::span<const Bytes> many) {
  for (const auto& bytes : many) send(bytes);
}

void Connection::flush() {
  if (impl_->ended || impl_->closing) return;
  if (auto written = write(); !written) return close(std::move(written).error());
  if (impl_->saying_bye && unsent_ == 0 && !impl_->waiting_write) end_output();
  arm_timer();
}

Result<size_t> Connection::to_kernel(std::span<const ByteView> parts) {
  std::array<iovec, kPartsMax> vectors;
  for (size_t i = 0; i < parts.size(); ++i) {
    vectors[i] = {const_cast<uint8_t*>(parts[i].data()), parts[i].size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = parts.size();
  ssize_t count = 0;
  do {
    count = ::sendmsg(impl_->handle, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return size_t{0};
    return tl::unexpected(system_error("writing"));
  }
  impl_->sent += static_cast<size_t>(count);
  impl_->progress_at = now_of_clock();
  return static_cast<size_t>(count);
}

Result<void> Connection::write() {
  if (impl_->waiting_write) return {};
  TRY(impl_->tls ? write_tls() : write_plain());
  if (unsent_ > 0) impl_->was_blocked = true;
  const bool has_output = impl_->tls ? !impl_->tls->output().empty() : unsent_ > 0;
  if (has_output) wait_write();
  return {};
}

Result<void> Connection::write_plain() {
  while (!impl_->queue.empty()) {
    std::array<ByteView, kPartsMax> parts;
    size_t count = 0, offered = 0;
    for (const auto& bytes : impl_->queue) {
      if (count == kPartsMax) break;
      parts[count] = bytes.view();
      if (count == 0) parts[count] = parts[count].subspan(impl_->head_sent);
      offered += parts[count++].size();
    }
    const size_t taken = TRY(to_kernel({parts.data(), count}));
    unsent_ -= taken;
    size_t left = impl_->head_sent + taken;
    while (!impl_->queue.empty() && left >= impl_->queue.front().size()) {
      left -= impl_->queue.front().size();
      impl_->queue.pop_front();
    }
    impl_->head_sent = left;
    if (taken < offered) return {};
  }
  return {};
}

Result<void> Connection::write_tls() {
  while (true) {
    while (impl_->tls->ready() && !impl_->queue.empty() &&
           impl_->tls->output().size() < kTlsOutputMax) {
      const Bytes bytes = std::move(impl_->queue.front());
      impl_->queue.pop_front();
      unsent_ -= bytes.size();
      TRY(impl_->tls->encrypt(bytes));
    }
    const ByteView output = impl_->tls->output();
    if (output.empty()) return {};
    const size_t taken = TRY(to_kernel({&output, 1}));
    const bool all = taken == output.size();
    impl_->tls->sent(taken);
    if (!all) return {};
  }
}

void Connection::wait_write() {
  impl_->waiting_write = true;
  impl_->watch();
  impl_->socket.async_wait(tcp::socket::wait_write,
                           [self = shared_from_this()](const error_code& error) {
                             if (error || self->impl_->ended) return;
                             self->impl_->waiting_write = false;
                             self->after({});
                           });
}

// Time. One timer, and it is not set back each time a deadline moves on: it goes off at the old one
// and looks again.

void Connection::arm_timer() {
  std::optional<MonoTime> at = impl_->closing ? std::nullopt : session_->deadline();
  const auto consider = [&](MonoTime other) { at = at ? std::min(*at, other) : other; };
  if (impl_->tls && !impl_->tls->ready()) consider(impl_->handshake_until);
  if (impl_->waiting_write) consider(impl_->progress_at + impl_->options.stall_max);
  if (impl_->saying_bye) consider(impl_->bye_until);
  if (!at || (impl_->timer_at && *impl_->timer_at <= *at)) return;
  impl_->timer_at = at;
  impl_->timer.expires_at(*at);
  impl_->timer.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->on_timer();
  });
}

void Connection::on_timer() {
  impl_->timer_at.reset();
  if (!impl_->ended) after(check_time(now_of_clock()));
}

Result<void> Connection::check_time(MonoTime now) {
  if (impl_->tls && !impl_->tls->ready() && now >= impl_->handshake_until) {
    return fail(Errc::timeout, "no TLS handshake within {} s", kHandshakeMax.count());
  }
  if (impl_->waiting_write && now >= impl_->progress_at + impl_->options.stall_max) {
    return fail(Errc::timeout, "the other side has read nothing for {} s",
                impl_->options.stall_max.count());
  }
  if (impl_->saying_bye && now >= impl_->bye_until) close();
  const auto deadline = session_->deadline();
  if (!impl_->closing && deadline && now >= *deadline) TRY(session_->on_time(now));
  return {};
}

// Ending.

// After every call of the session: what it queued leaves, its deadline is heeded.
void Connection::after(Result<void> result) {
  if (impl_->ended) return;
  Result<void> written = write();
  if (result && written && impl_->was_blocked && unsent_ == 0 && !impl_->waiting_write) {
    impl_->was_blocked = false;
    result = session_->on_drained(now_of_clock());
    if (result) written = write();
  }
  if (!result) return finish(std::move(result).error());
  if (!written) return finish(std::move(written).error());
  if (unsent_ > impl_->options.unsent_bytes_max) {
    return finish(Error(Errc::too_large,
                        fmt::format("{} bytes wait for the other side to read them", unsent_)));
  }
  if (impl_->saying_bye && unsent_ == 0 && !impl_->waiting_write) end_output();
  arm_timer();
}

void Connection::close(std::optional<Error> why) {
  if (impl_->closing) return;
  impl_->closing = true;
  thread().post([self = shared_from_this(), why = std::move(why)] { self->finish(why); });
}

void Connection::close_when_sent() {
  if (impl_->saying_bye) return;
  impl_->saying_bye = true;
  impl_->bye_until = now_of_clock() + kGoodByeMax;
}

// Closing with bytes unread would make the kernel take back what it has not delivered: the other
// side closes first, or time runs out.
void Connection::end_output() {
  if (impl_->output_ended) return;
  impl_->output_ended = true;
  say_tls_bye();
  error_code ignored;
  impl_->watch();
  impl_->socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Connection::say_tls_bye() {
  if (!impl_->tls || !impl_->tls->ready() || impl_->tls_bye_said) return;
  impl_->tls_bye_said = true;
  impl_->tls->close();
  const ByteView bye = impl_->tls->output();
  // Only at a record's border: behind half a record it would be no good-bye.
  if (!impl_->waiting_write && !bye.empty()) (void)to_kernel({&bye, 1});
}

void Connection::stop() {
  thread().post([self = shared_from_this()] { self->close(); });
}

void Connection::finish(std::optional<Error> why) {
  if (impl_->ended) return;
  impl_->ended = impl_->closing = true;
  session_->on_end(why ? &*why : nullptr);
  say_tls_bye();
  error_code ignored;
  impl_->timer.cancel();
  impl_->watch();
  impl_->socket.shutdown(tcp::socket::shutdown_both, ignored);
  impl_->socket.close(ignored);
  impl_->owner.impl().counted.reset();
  impl_->queue.clear();
  unsent_ = 0;
}

}  // namespace pasu::net
