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
      : socket_(std::move(stream)),
        executor_(socket_.get_executor()),
        source_(std::move(source)),
        context_(context) {}
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

  void stop(bool politely) override {
    asio::post(executor_, [self = me(), politely] {
      // A client that is being sent something may be a slow one: it sees the connection end.
      if (politely && self->source_ && self->open_ && !self->sending_)
        return self->close({websocket::close_code::going_away, "the server stops"});
      self->source_.reset();
      error_code ignored;
      (void)beast::get_lowest_layer(self->socket_).socket().close(ignored);
    });
  }

 private:
  static constexpr size_t kReadBytesMax = 4096;

  std::shared_ptr<WebSocket> me() {
    return std::static_pointer_cast<WebSocket>(shared_from_this());
  }

  void run() {
    if (!source_) return;
    open_ = true;
    // Owns nothing: the last owner must not be a thread that holds the source's lock.
    source_->on_ready([weak = weak_from_this(), executor = executor_, woken = woken_] {
      if (woken->exchange(true)) return;
      asio::post(executor, [weak, woken] {
        *woken = false;
        if (const auto self = std::static_pointer_cast<WebSocket>(weak.lock())) self->wake();
      });
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
    if (!sending_) send_next();
  }

  void send_next() {
    if (!source_) return;
    auto message = source_->take();
    if (!message) {
      if (const auto farewell = source_->farewell())
        close({websocket::close_code(farewell->code), farewell->reason});
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

  void close(const websocket::close_reason& reason) {
    source_.reset();
    socket_.async_close(reason, [self = me()](error_code) {});
  }

  websocket::stream<beast::tcp_stream> socket_;
  const asio::any_io_executor executor_;
  std::unique_ptr<MessageSource> source_;
  ServerContext& context_;
  beast::flat_buffer incoming_{kReadBytesMax};
  Bytes outgoing_;
  bool open_ = false;
  bool sending_ = false;
  const std::shared_ptr<std::atomic<bool>> woken_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

void serve_web_socket(beast::tcp_stream stream, HttpRequest request,
                      std::unique_ptr<MessageSource> source, ServerContext& context) {
  auto socket = std::make_shared<WebSocket>(std::move(stream), std::move(source), context);
  context.enter(socket);
  socket->start(std::move(request));
}

}  // namespace pasu::api::detail
