#include "net/detail/rtmp_link.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"
#include "net/connect.h"

namespace pasu::net::detail {
namespace {

using rtmp::ClientSession;

const char* connect_remedy(Errc code) {
  switch (code) {
    case Errc::not_found:
      return "check the host's name";
    case Errc::timeout:
      return "check the address, and that no firewall is between";
    default:
      return "check the address and the port, and that the server runs";
  }
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return out;
}

}  // namespace

// One attempt's connection.
class RtmpLink::Half final : public Session {
 public:
  explicit Half(std::shared_ptr<RtmpLink> link)
      : link_(std::move(link)), attempt_(link_->attempt_) {}

  Result<void> on_start(Connection& connection, MonoTime) override {
    if (!mine()) return {};
    link_->connection_ = connection.shared_from_this();
    link_->send_output();
    return {};
  }
  Result<void> on_bytes(ByteView bytes, MonoTime now) override {
    return mine() ? link_->on_bytes(bytes, now) : Result<void>();
  }
  std::optional<MonoTime> deadline() const override {
    return mine() ? link_->machine_->deadline() : std::nullopt;
  }
  Result<void> on_time(MonoTime now) override {
    return mine() ? link_->machine_->on_time(now) : Result<void>();
  }
  Result<void> on_drained(MonoTime now) override {
    if (!mine()) return {};
    if (const auto owner = link_->owner_) owner->on_drained(now);
    return {};
  }
  void on_end(const Error* why) override {
    if (mine()) link_->ended(why);
  }

 private:
  [[nodiscard]] bool mine() const { return attempt_ == link_->attempt_; }

  const std::shared_ptr<RtmpLink> link_;
  const int attempt_;
};

RtmpLink::RtmpLink(IoThread& thread, RtmpLinkOptions options, std::shared_ptr<RtmpOwner> owner)
    : thread_(thread), options_(std::move(options)), url_(options_.url), owner_(std::move(owner)) {}

void RtmpLink::open() {
  ++attempt_;
  answered_ = false;
  if (const auto old = std::exchange(connection_, nullptr)) old->close();
  const ConnectTarget target{.host = url_.host, .port = url_.port, .timeout = options_.timeout};
  connect(thread_, target, [self = shared_from_this(), attempt = attempt_](Result<TcpSocket> s) {
    if (attempt == self->attempt_ && !self->over_) self->opened(std::move(s));
  });
}

void RtmpLink::opened(Result<TcpSocket> socket) {
  if (!socket) {
    const Error& why = socket.error();
    return finish({why.code(), fmt::format("{}; {}", why.message(), connect_remedy(why.code()))});
  }
  ConnectionOptions connection;
  if (url_.tls) {
    connection.tls = options_.tls;
    connection.tls_server_name = url_.host;
  }
  ClientSession::Options session;
  session.mode = options_.mode;
  session.auth_query = auth_query_;
  session.setup = session.media =
      std::max(std::chrono::ceil<std::chrono::seconds>(options_.timeout), std::chrono::seconds(1));
  machine_.emplace(url_, session, system_clock().now());
  Connection::start(std::move(*socket), std::make_unique<Half>(shared_from_this()), connection);
}

Result<void> RtmpLink::on_bytes(ByteView bytes, MonoTime now) {
  answered_ = true;
  const int attempt = attempt_;
  const Result<void> received = machine_->receive(bytes, now);
  const Result<void> handled = take_events(now);
  if (attempt != attempt_ || !connection_) return {};  // It goes on elsewhere, or is over.
  send_output();
  if (!received && login_by_query(received.error())) return reopen(received.error().message());
  return received ? handled : received;
}

Result<void> RtmpLink::take_events(MonoTime now) {
  const int attempt = attempt_;
  while (attempt == attempt_ && owner_) {
    auto event = machine_->next_event();
    if (!event) break;
    if (const auto* login = std::get_if<ClientSession::Authenticate>(&*event)) {
      auth_query_ = login->query;
      return reopen("the server asks for a login again and again");
    }
    if (const auto* elsewhere = std::get_if<ClientSession::Reconnect>(&*event)) {
      return redirect(*elsewhere);
    }
    const auto owner = owner_;
    TRY(owner->on_event(std::move(*event), now));
  }
  return {};
}

Result<void> RtmpLink::reopen(const std::string& reason) {
  if (attempt_ >= kAttemptsMax) return fail(Errc::unavailable, "{}", reason);
  open();
  return {};
}

Result<void> RtmpLink::redirect(const ClientSession::Reconnect& event) {
  // Of a stream that runs, the owner decides when it goes on.
  if (machine_->started()) {
    return fail(Errc::unavailable, "the server asks to connect again: {}", event.description);
  }
  const auto to = TRY(with_context(rtmp::Url::parse(event.tc_url), "redirected by the server"));
  if (to.tls && !options_.tls) {
    return fail(Errc::unsupported, "redirected by the server to {}: use rtmps://", to.to_string());
  }
  url_.tls = to.tls;
  url_.host = to.host;
  url_.port = to.port;
  url_.app = to.app;
  return reopen("the server redirects again and again");
}

// Servers that know no authmod want the login in the stream's name.
bool RtmpLink::login_by_query(const Error& why) {
  const auto& login = options_.url.credentials;
  if (why.code() != Errc::invalid_argument || login.empty() || query_tried_) return false;
  query_tried_ = true;
  auth_query_.clear();
  url_.stream +=
      fmt::format("{}user={}&pass={}", url_.stream.find('?') == std::string::npos ? '?' : '&',
                  percent_encode(login.user), percent_encode(login.password));
  return true;
}

void RtmpLink::send_output() {
  for (Bytes& bytes : machine_->take_output()) connection_->send(std::move(bytes));
}

void RtmpLink::flush() {
  if (!connection_) return;
  send_output();
  connection_->flush();
}

size_t RtmpLink::unsent_bytes() const { return connection_ ? connection_->unsent_bytes() : 0; }
uint64_t RtmpLink::received_bytes() const {
  return connection_ ? connection_->received_bytes() : 0;
}

void RtmpLink::leave() {
  owner_ = nullptr;
  if (std::exchange(over_, true)) return;
  ++attempt_;
  const auto connection = std::exchange(connection_, nullptr);
  if (!connection) return;
  machine_->stop();
  for (Bytes& bytes : machine_->take_output()) connection->send(std::move(bytes));
  connection->close_when_sent();
  connection->flush();
}

void RtmpLink::ended(const Error* why) { finish(explain(why)); }

Error RtmpLink::explain(const Error* why) const {
  if (why == nullptr) {
    if (answered_) return {Errc::unavailable, "the server closed the connection"};
    return {Errc::unavailable,
            "the server closed the connection without an answer; is this its RTMP port?"};
  }
  if (why->code() == Errc::io)
    return {Errc::unavailable, "the connection broke: " + why->message()};
  if (why->code() == Errc::malformed && !machine_->established())
    return {why->code(), why->message() + "; is this its RTMP port?"};
  return *why;
}

void RtmpLink::finish(Error why) {
  over_ = true;
  ++attempt_;
  connection_ = nullptr;
  if (const auto owner = std::exchange(owner_, nullptr)) owner->on_end(std::move(why));
}

}  // namespace pasu::net::detail
