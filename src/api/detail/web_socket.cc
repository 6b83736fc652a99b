#include "api/detail/web_socket.h"

#include <atomic>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

namespace pasu::api::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using beast::error_code;

class WebSocket final : public Session {
 public:
  WebSocket(beast::tcp_stream stream, std::unique_ptr<MessageSource> source, ServerContext& context)
      : socket_(std::move(stream)), source_(std::move(source)), context_(context) {}
  ~WebSocket() override { context_.connections_now.set(--context_.connections); }

  void start(HttpRequest request) {
    beast::get_lowest_layer(socket_).expires_never();  // The WebSocket has timeouts of its own.
    auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
    timeouts.idle_timeout = std::chrono::seconds(30);  // With pings at half of it.
    timeouts.keep_alive_pings = true;
    socket_.set_option(timeouts);
    socket_.read_message_max(kReadBytesMax);
    socket_.auto_fragment(false);
    auto kept = std::make_shared<HttpRequest>(std::move(request));
    socket_.async_accept(*kept, [self = me(), kept](error_code error) {
      if (!error) self->run();
    });
  }

  void stop() override {
    asio::post(socket_.get_executor(), [self = me()] {
      self->source_.reset();
      error_code ignored;
      self->close_socket(ignored);
    });
  }

 private:
  static constexpr size_t kReadBytesMax = 4096;

  std::shared_ptr<WebSocket> me() {
    return std::static_pointer_cast<WebSocket>(shared_from_this());
  }

  void close_socket(error_code& error) {
    (void)beast::get_lowest_layer(socket_).socket().close(error);
  }

  void run() {
    if (!source_) return;
    source_->on_ready([weak = weak_from_this(), this] {
      if (woken_.exchange(true)) return;
      if (auto self = std::static_pointer_cast<WebSocket>(weak.lock()))
        asio::post(socket_.get_executor(), [self] { self->wake(); });
    });
    read();
    send_next();
  }

  // Clients have nothing to say; reading is how pings and the close arrive.
  void read() {
    socket_.async_read(incoming_, [self = me()](error_code error, size_t) {
      if (error) {
        self->source_.reset();
        return;
      }
      self->incoming_.clear();
      self->read();
    });
  }

  void wake() {
    woken_ = false;
    if (!sending_) send_next();
  }

  void send_next() {
    if (!source_) return;
    auto message = source_->take();
    if (!message) {
      if (source_->ended()) close();
      return;
    }
    outgoing_ = std::move(message->data);
    sending_ = true;
    socket_.text(message->text);
    socket_.async_write(asio::buffer(outgoing_.data(), outgoing_.size()),
                        [self = me()](error_code error, size_t) {
                          self->sending_ = false;
                          if (error)
                            self->source_.reset();
                          else
                            self->send_next();
                        });
  }

  void close() {
    source_.reset();
    socket_.async_close(websocket::close_code::going_away, [self = me()](error_code) {});
  }

  websocket::stream<beast::tcp_stream> socket_;
  std::unique_ptr<MessageSource> source_;
  ServerContext& context_;
  beast::flat_buffer incoming_{kReadBytesMax};
  Bytes outgoing_;
  bool sending_ = false;
  std::atomic<bool> woken_ = false;
};

}  // namespace

void serve_web_socket(beast::tcp_stream stream, HttpRequest request,
                      std::unique_ptr<MessageSource> source, ServerContext& context) {
  auto socket = std::make_shared<WebSocket>(std::move(stream), std::move(source), context);
  context.enter(socket);
  socket->start(std::move(request));
}

}  // namespace pasu::api::detail
