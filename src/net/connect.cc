#include "net/connect.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/detail/io_thread_impl.h"
#include "net/detail/tcp_socket_impl.h"

namespace pasu::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(IoThread& thread, ConnectTarget target, std::function<void(Result<TcpSocket>)> done)
      : thread_(thread),
        target_(std::move(target)),
        done_(std::move(done)),
        resolver_(thread.impl().context),
        socket_(thread.impl().context),
        timer_(thread.impl().context) {}

  void start() {
    timer_.expires_after(target_.timeout);
    timer_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error) self->finish(fail(Errc::timeout, "no connection within {} s", self->seconds()));
    });
    resolver_.async_resolve(
        target_.host, std::to_string(target_.port), tcp::resolver::numeric_service,
        [self = shared_from_this()](const error_code& error,
                                    const tcp::resolver::results_type& all) {
          if (!self->done_) return;
          if (error)
            return self->finish(fail(Errc::not_found, "no such host: {}", error.message()));
          self->connect(all);
        });
  }

 private:
  void connect(const tcp::resolver::results_type& all) {
    boost::asio::async_connect(
        socket_, all, [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
          if (!self->done_) return;
          if (error) return self->finish(fail(Errc::unavailable, "{}", error.message()));
          self->finish(detail::make_tcp_socket(self->thread_, std::move(self->socket_)));
        });
  }

  void finish(Result<TcpSocket> result) {
    if (!done_) return;
    const auto done = std::exchange(done_, nullptr);
    timer_.cancel();
    resolver_.cancel();
    error_code ignored;
    if (!result) socket_.close(ignored);
    done(with_host(std::move(result)));
  }

  Result<TcpSocket> with_host(Result<TcpSocket> result) const {
    if (result) return result;
    return tl::unexpected(
        std::move(result).error().with(fmt::format("{}:{}", target_.host, target_.port)));
  }
  double seconds() const { return std::chrono::duration<double>(target_.timeout).count(); }

  IoThread& thread_;
  const ConnectTarget target_;
  std::function<void(Result<TcpSocket>)> done_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  boost::asio::steady_timer timer_;
};

}  // namespace

void connect(IoThread& thread, const ConnectTarget& target,
             std::function<void(Result<TcpSocket>)> done) {
  auto attempt = std::make_shared<Attempt>(thread, target, std::move(done));
  thread.post([attempt] { attempt->start(); });
}

}  // namespace pasu::net
