#include "net/tcp_listener.h"

#include <map>
#include <mutex>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/metrics.h"
#include "base/open_files.h"
#include "net/detail/io_thread_impl.h"
#include "net/detail/socket_address.h"
#include "net/detail/tcp_socket_impl.h"

namespace pasu::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kPause{200};
constexpr const char* kTooFewFiles = "raise the limit of open files (ulimit -n)";

// Who is connected now. Shared by the connections, which may outlive the listener.
class Census : public std::enable_shared_from_this<Census> {
 public:
  explicit Census(const ListenOptions& options)
      : max_(options.connections_max), per_address_max_(options.connections_per_address_max) {}

  // A place that is given back when the last copy goes; null where there is none left.
  std::shared_ptr<const void> enter(Address who) {
    who = who.with_port(0);
    std::lock_guard lock(mutex_);
    int& of_address = by_address_[who];
    if (count_ >= max_ || of_address >= per_address_max_) {
      if (of_address == 0) by_address_.erase(who);
      return nullptr;
    }
    ++count_;
    ++of_address;
    return {this, [self = shared_from_this(), who](const void*) { self->leave(who); }};
  }
  int count() const {
    std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  void leave(const Address& who) {
    std::lock_guard lock(mutex_);
    --count_;
    const auto at = by_address_.find(who);
    if (--at->second == 0) by_address_.erase(at);
  }

  const int max_, per_address_max_;
  mutable std::mutex mutex_;
  int count_ = 0;
  std::map<Address, int> by_address_;
};

}  // namespace

struct TcpListener::State : std::enable_shared_from_this<State> {
  State(IoThreads& all, const ListenOptions& options, OnAccept accept)
      : threads(all),
        thread(all.next()),
        acceptor(thread.impl().context),
        retry(thread.impl().context),
        census(std::make_shared<Census>(options)),
        on_accept(std::make_shared<const OnAccept>(std::move(accept))) {}

  Result<void> open(const ListenOptions& options) {
    const Address address = TRY(Address::parse(options.address, options.port));
    error_code error;
    acceptor.open(address.is_v4() ? tcp::v4() : tcp::v6(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && !address.is_v4()) {
      acceptor.set_option(boost::asio::ip::v6_only(false), error);
    }
    if (error) return fail(Errc::io, "listening on {}: {}", address.text(), error.message());
    const auto raw = detail::to_socket_address(address, address.is_v4() ? AF_INET : AF_INET6);
    if (::bind(acceptor.native_handle(), raw.get(), raw.size) != 0 ||
        ::listen(acceptor.native_handle(), SOMAXCONN) != 0) {
      if (errno == EADDRINUSE) {
        return fail(Errc::exists, "port {} of {} is in use by another program: choose another",
                    options.port, options.address);
      }
      const Errc code = errno == EADDRNOTAVAIL ? Errc::invalid_argument : Errc::io;
      return fail(code, "listening on {}: {}", address.text(),
                  error_code(errno, boost::system::system_category()).message());
    }
    port = acceptor.local_endpoint(error).port();
    return {};
  }

  void accept() {
    IoThread& target = threads.next();
    acceptor.async_accept(target.impl().context, [self = shared_from_this(), &target](
                                                     const error_code& error, tcp::socket socket) {
      self->accepted(error, target, std::move(socket));
    });
  }

  void accepted(const error_code& error, IoThread& target, tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      hand_over(target, std::move(socket));
    } else if (error != boost::asio::error::connection_aborted) {
      return pause(error);
    }
    accept();
  }

  void hand_over(IoThread& target, tcp::socket socket) {
    const bool scarce = is_one_of_the_last(socket.native_handle(), descriptors_kept());
    if (scarce && !scarce_said.exchange(true))
      log::warn("port {}: no more connections: {}", port, kTooFewFiles);
    TcpSocket made = detail::make_tcp_socket(target, std::move(socket));
    if (!scarce) made.impl().counted = census->enter(made.peer());
    if (!made.impl().counted) {
      ++refused;
      refused_total.add();
      return;
    }
    ++accepted_count;
    auto shared = std::make_shared<TcpSocket>(std::move(made));
    target.post([shared, accept = on_accept] { (*accept)(std::move(*shared)); });
  }

  // Mostly for want of descriptors: accepting again at once would fail as fast as the processor
  // can.
  void pause(const error_code& why) {
    if (pauses++ == 0) {
      log::warn("port {}: connections wait: {}; {}", port, why.message(), kTooFewFiles);
    }
    pauses_total.add();
    retry.expires_after(kPause);
    retry.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && self->acceptor.is_open()) self->accept();
    });
  }

  IoThreads& threads;
  IoThread& thread;
  tcp::acceptor acceptor;
  boost::asio::steady_timer retry;
  const std::shared_ptr<Census> census;
  const std::shared_ptr<const OnAccept> on_accept;
  uint16_t port = 0;
  std::atomic<bool> scarce_said = false;
  std::atomic<uint64_t> accepted_count = 0, refused = 0, pauses = 0;
  metrics::Counter refused_total = metrics::registry().counter(
      "pasu_net_connections_refused_total", "TCP connections over a limit, closed at once.");
  metrics::Counter pauses_total = metrics::registry().counter(
      "pasu_net_accept_pauses_total", "Times accepting rested for want of descriptors.");
};

Result<std::unique_ptr<TcpListener>> TcpListener::start(IoThreads& threads,
                                                        const ListenOptions& options,
                                                        OnAccept on_accept) {
  auto state = std::make_shared<State>(threads, options, std::move(on_accept));
  TRY(state->open(options));
  state->thread.post([state] { state->accept(); });
  return std::unique_ptr<TcpListener>(new TcpListener(std::move(state)));
}

TcpListener::TcpListener(std::shared_ptr<State> state) : state_(std::move(state)) {}

TcpListener::~TcpListener() {
  state_->thread.run([this] {
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->retry.cancel();
  });
}

uint16_t TcpListener::port() const { return state_->port; }

ListenerStats TcpListener::stats() const {
  return {state_->census->count(), state_->accepted_count, state_->refused, state_->pauses};
}

}  // namespace pasu::net
