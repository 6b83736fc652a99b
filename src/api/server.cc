#include "api/server.h"

#include <pthread.h>
#include <thread>
#include <vector>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "api/detail/connection.h"
#include "base/log.h"

namespace pasu::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class ServerImpl final : public Server {
 public:
  static constexpr size_t kThreads = 2;
  // So long clients may take to hear that the server stops.
  static constexpr auto kStopPatience = std::chrono::milliseconds(500);

  ServerImpl(node::Node& node, const ServerOptions& options)
      : context_(node, Router(node, Page(options.page_dir),
                              AccessRule::for_this_computer(options.origins))) {}

  Result<void> open(Door door) {
    error_code error;
    const auto protocol = door.is_v6() ? tcp::v6() : tcp::v4();
    (void)acceptor_.assign(protocol, std::move(door).take(), error);
    if (error) return fail(Errc::internal, "cannot answer at the port: {}", error.message());
    return {};
  }

  void run() {
    accept();
    tick();
    for (size_t i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
      pthread_setname_np(threads_.back().native_handle(), "io");
    }
  }

  ~ServerImpl() override {
    stopping_ = true;
    asio::post(strand_, [this] {
      error_code ignored;
      (void)acceptor_.close(ignored);
      timer_.cancel();
      timer_accept_.cancel();
    });
    context_.stop(/*politely=*/true);
    context_.handlers.join();  // Answers under way.
    const auto deadline = std::chrono::steady_clock::now() + kStopPatience;
    while (context_.connections > 0 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    context_.stop(/*politely=*/false);
    for (std::thread& thread : threads_) thread.join();
  }

  uint16_t port() const override {
    error_code error;
    return acceptor_.local_endpoint(error).port();
  }

 private:
  void accept() {
    acceptor_.async_accept(
        asio::make_strand(io_),
        asio::bind_executor(strand_, [this](error_code error, tcp::socket socket) {
          if (stopping_) return;
          if (!error) {
            detail::serve_connection(std::move(socket), context_);
            return accept();
          }
          // Usually no descriptors left: give some time to get one back.
          if (!accept_failed_)
            log::warn(
                "connections cannot be accepted: {}; raise the limit of open files (ulimit -n)",
                error.message());
          accept_failed_ = true;
          timer_accept_.expires_after(std::chrono::milliseconds(200));
          timer_accept_.async_wait(asio::bind_executor(strand_, [this](error_code cancelled) {
            if (!cancelled && !stopping_) accept();
          }));
        }));
  }

  void tick() {
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait(asio::bind_executor(strand_, [this](error_code error) {
      if (error || stopping_) return;
      context_.live.tick();
      tick();
    }));
  }

  asio::io_context io_{static_cast<int>(kThreads)};
  detail::ServerContext context_;
  asio::strand<asio::io_context::executor_type> strand_ = asio::make_strand(io_);
  tcp::acceptor acceptor_{strand_};
  asio::steady_timer timer_{io_}, timer_accept_{io_};
  std::atomic<bool> stopping_ = false;
  bool accept_failed_ = false;  // Said once.
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(node::Node& node, Door door,
                                              const ServerOptions& options) {
  auto server = std::make_unique<ServerImpl>(node, options);
  TRY(server->open(std::move(door)));
  server->run();
  return server;
}

}  // namespace pasu::api
