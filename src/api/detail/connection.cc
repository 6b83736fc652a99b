#include "api/detail/connection.h"

#include <algorithm>
#include <optional>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "api/detail/web_socket.h"
#include "api/messages.h"
#include "api/video_source.h"
#include "base/open_files.h"

namespace pasu::api::detail {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Request borrow(const HttpRequest& request) {
  return {.method = view(request.method_string()),
          .target = view(request.target()),
          .host = view(request[http::field::host]),
          .origin = view(request[http::field::origin]),
          .fetch_site = view(request["Sec-Fetch-Site"]),
          .content_type = view(request[http::field::content_type]),
          .accept_encoding = view(request[http::field::accept_encoding]),
          .if_none_match = view(request[http::field::if_none_match]),
          .body = request.body()};
}

class Connection final : public Session {
 public:
  Connection(asio::ip::tcp::socket socket, ServerContext& context)
      : stream_(std::move(socket)), executor_(stream_.get_executor()), context_(context) {}
  ~Connection() override {
    if (!handed_over_) context_.connections_now.set(--context_.connections);
  }

  void start() {
    asio::dispatch(executor_, [self = me()] { self->read(); });
  }

  void stop(bool politely) override {
    asio::post(executor_, [self = me(), politely] {
      self->stopping_ = true;
      if (!self->handed_over_ && (self->idle_ || !politely)) self->stream_.close();
    });
  }

 private:
  static constexpr uint32_t kHeaderBytesMax = 16 << 10;
  static constexpr uint64_t kBodyBytesMax = 64 << 10;
  static constexpr std::chrono::seconds kRequestTime{20}, kIdleTime{60};

  std::shared_ptr<Connection> me() {
    return std::static_pointer_cast<Connection>(shared_from_this());
  }

  // First one byte more of whatever comes, as long as that may take; then a whole request, quickly.
  void read() {
    parser_.emplace();
    parser_->header_limit(kHeaderBytesMax);
    parser_->body_limit(kBodyBytesMax);
    if (buffer_.size() > 0) return read_request();
    idle_ = true;
    stream_.expires_after(kIdleTime);
    stream_.async_read_some(buffer_.prepare(4096), [self = me()](error_code error, size_t bytes) {
      self->idle_ = false;
      if (error) return;
      self->buffer_.commit(bytes);
      self->read_request();
    });
  }

  void read_request() {
    stream_.expires_after(kRequestTime);
    http::async_read(stream_, buffer_, *parser_,
                     [self = me()](error_code error, size_t) { self->on_request(error); });
  }

  void on_request(error_code error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error == asio::error::operation_aborted || error == asio::error::connection_reset)
      return;
    if (error) return refuse(error);
    context_.requests.add();
    request_ = parser_->release();
    if (beast::websocket::is_upgrade(request_)) return upgrade();
    stream_.expires_never();  // While the node works on the answer.
    asio::post(context_.handlers, [self = me()]() mutable {
      auto response = self->context_.router.handle(borrow(self->request_));
      // Moved along: the connection's last owner should be the io thread.
      const auto executor = self->executor_;
      asio::post(executor, [self = std::move(self), response = std::move(response)]() mutable {
        self->write(std::move(response), self->request_.keep_alive());
      });
    });
  }

  void refuse(error_code error) {
    Errc code = Errc::malformed;
    int status = 400;
    std::string sentence = "this is no HTTP request: " + error.message();
    if (error == http::error::body_limit) {
      status = 413;
      code = Errc::too_large;
      sentence = fmt::format("the body is larger than {} bytes", kBodyBytesMax);
    } else if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      status = 431;
      code = Errc::too_large;
      sentence = fmt::format("the header is larger than {} bytes", kHeaderBytesMax);
    }
    request_ = {};
    write(json_response(status, error_json(Error(code, sentence))), /*keep_alive=*/false);
  }

  void upgrade() {
    auto target = context_.router.handle_upgrade(borrow(request_));
    if (!target) return write(std::move(target.error()), request_.keep_alive());
    std::unique_ptr<MessageSource> source;
    if (target->kind == SocketTarget::Kind::live) {
      source = context_.live.subscribe();
    } else {
      auto reader = context_.node.watch(target->camera);
      if (!reader) return write(error_response(reader.error()), request_.keep_alive());
      source = make_video_source(std::move(*reader));
    }
    handed_over_ = true;
    serve_web_socket(std::move(stream_), std::move(request_), std::move(source), context_);
  }

  void write(Response response, bool keep_alive) {
    keep_alive = keep_alive && !stopping_;
    auto& out = response_.emplace();
    body_ = std::move(response.data);
    out.version(11);
    out.result(static_cast<unsigned>(response.status));
    out.keep_alive(keep_alive);
    if (!response.content_type.empty()) out.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) out.set(name, value);
    out.set("X-Content-Type-Options", "nosniff");
    out.set("Referrer-Policy", "no-referrer");
    out.set("Cross-Origin-Resource-Policy", "same-origin");
    const bool has_body = response.status != 204 && response.status != 304;
    if (has_body) out.content_length(body_.size());
    if (has_body && request_.method() != http::verb::head)
      out.body() = http::span_body<const uint8_t>::value_type(body_.data(), body_.size());
    stream_.expires_after(kRequestTime);
    serializer_.emplace(out);
    http::async_write(stream_, *serializer_, [self = me(), keep_alive](error_code error, size_t) {
      if (error) return;
      if (keep_alive) return self->read();
      self->finish();
    });
  }

  // Closes without cutting off what the client has not read yet.
  void finish() {
    error_code ignored;
    (void)stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    drain();
  }

  void drain() {
    constexpr std::chrono::seconds kLinger{2};
    stream_.expires_after(kLinger);
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(4096), [self = me()](error_code error, size_t) {
      if (!error && ++self->drained_ < 32) self->drain();
    });
  }

  beast::tcp_stream stream_;
  const asio::any_io_executor executor_;
  ServerContext& context_;
  beast::flat_buffer buffer_{kHeaderBytesMax + kBodyBytesMax};
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpRequest request_;
  Bytes body_;
  std::optional<http::response<http::span_body<const uint8_t>>> response_;
  std::optional<http::response_serializer<http::span_body<const uint8_t>>> serializer_;
  bool idle_ = false;  // Waits for a request's first byte.
  bool stopping_ = false;
  bool handed_over_ = false;
  int drained_ = 0;
};

}  // namespace

void ServerContext::enter(const std::shared_ptr<Session>& session) {
  std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [](const auto& weak) { return weak.expired(); });
  sessions_.push_back(session);
  if (stopping_) session->stop(/*politely=*/false);
}

void ServerContext::stop(bool politely) {
  std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& weak : sessions_)
    if (const auto session = weak.lock()) session->stop(politely);
}

void serve_connection(asio::ip::tcp::socket socket, ServerContext& context) {
  // The page may have more of them than readers of streams.
  const bool scarce = is_one_of_the_last(socket.native_handle(), descriptors_kept() / 2);
  if (scarce || context.connections >= ServerContext::kConnectionsMax) {
    context.refused.add();
    return;
  }
  boost::system::error_code ignored;
  (void)socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  context.connections_now.set(++context.connections);
  auto connection = std::make_shared<Connection>(std::move(socket), context);
  context.enter(connection);
  connection->start();
}

}  // namespace pasu::api::detail
