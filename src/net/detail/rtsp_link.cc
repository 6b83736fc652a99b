#include "net/detail/rtsp_link.h"

#include <algorithm>
#include <random>

#include "base/base64.h"
#include "net/connect.h"

namespace pasu::net::detail {
namespace {

rtsp::ClientOptions machine_options(const RtspLinkOptions& options) {
  rtsp::ClientOptions out;
  out.url = options.url;
  out.user_agent = options.user_agent;
  out.answer_timeout = options.timeout;
  return out;
}

std::string random_cookie() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

const char* connect_remedy(Errc code) {
  switch (code) {
    case Errc::not_found:
      return "check the name of the host";
    case Errc::unavailable:
      return "check that the camera or server runs, and its port";
    default:
      return "check the address, and that no firewall is between";
  }
}

}  // namespace

Bytes interleaved(uint8_t channel, ByteView packet) {
  std::vector<uint8_t> frame = {'$', channel, static_cast<uint8_t>(packet.size() >> 8),
                                static_cast<uint8_t>(packet.size())};
  frame.insert(frame.end(), packet.begin(), packet.end());
  return Bytes::copy(frame);
}

// A connection's end in the link.
class RtspLink::Half final : public Session {
 public:
  Half(std::shared_ptr<RtspLink> link, Role role, uint64_t attempt)
      : link_(std::move(link)), role_(role), attempt_(attempt) {}

  Result<void> on_start(Connection& connection, MonoTime now) override {
    return link_->on_start(role_, connection, now);
  }
  Result<void> on_bytes(ByteView bytes, MonoTime now) override {
    if (!mine() || role_ == Role::post) return {};
    return link_->on_bytes(bytes, now);
  }
  std::optional<MonoTime> deadline() const override {
    if (!mine() || role_ == Role::post) return std::nullopt;
    return link_->deadline();
  }
  Result<void> on_time(MonoTime now) override {
    if (!mine()) return {};
    return link_->on_time(now);
  }
  Result<void> on_drained(MonoTime now) override {
    if (!mine()) return {};
    const auto owner = link_->owner_;
    if (owner) TRY(owner->on_drained(now));
    return link_->pump(now);
  }
  void on_end(const Error* why) override {
    if (mine()) link_->ended(why);
  }

 private:
  [[nodiscard]] bool mine() const { return attempt_ == link_->attempt_; }

  const std::shared_ptr<RtspLink> link_;
  const Role role_;
  const uint64_t attempt_;
};

RtspLink::RtspLink(IoThread& thread, RtspLinkOptions options, std::shared_ptr<RtspOwner> owner)
    : thread_(thread),
      options_(std::move(options)),
      machine_(machine_options(options_)),
      owner_(std::move(owner)) {}

void RtspLink::start() { open(Role::main); }

void RtspLink::open(Role role) {
  if (role == Role::main) ++attempt_;
  const rtsp::Url& url = machine_.url();
  const ConnectTarget target{.host = url.host, .port = url.port, .timeout = options_.timeout};
  connect(thread_, target,
          [self = shared_from_this(), role, attempt = attempt_](Result<TcpSocket> socket) {
            if (attempt == self->attempt_ && !self->over_) self->opened(role, std::move(socket));
          });
}

void RtspLink::opened(Role role, Result<TcpSocket> socket) {
  if (!socket) {
    const Error& why = socket.error();
    return finish({why.code(), fmt::format("{}; {}", why.message(), connect_remedy(why.code()))});
  }
  ConnectionOptions options;
  if (machine_.url().tls) {
    options.tls = options_.tls;
    options.tls_server_name = machine_.url().host;
  }
  auto half = std::make_unique<Half>(shared_from_this(), role, attempt_);
  const uint64_t attempt = attempt_;
  const auto connection = Connection::start(std::move(*socket), std::move(half), options);
  if (attempt != attempt_ || over_) return;
  (role == Role::main ? main_ : post_) = connection;
}

Result<void> RtspLink::on_start(Role role, Connection& connection, MonoTime now) {
  (role == Role::main ? main_ : post_) = connection.shared_from_this();
  if (!options_.http) return begin(now);
  if (role == Role::main) {
    cookie_ = random_cookie();
    tunnel_until_ = now + options_.timeout;
  }
  const rtsp::Url& url = machine_.url();
  const auto kind = role == Role::main ? rtsp::TunnelKind::get : rtsp::TunnelKind::post;
  const std::string path = url.query.empty() ? url.path : url.path + "?" + url.query;
  connection.send(
      Bytes::copy(as_bytes(rtsp::tunnel_head(kind, url.host, path.empty() ? "/" : path, cookie_))));
  if (role == Role::main) return {};
  // The GET's answer has come before: the tunnel is whole.
  auto begun = begin(now);
  if (const auto main = main_.lock()) main->flush();  // Its deadline is that of the machine.
  return begun;
}

Result<void> RtspLink::begin(MonoTime now) {
  if (std::exchange(begun_, true)) {
    machine_.reconnected(now);
  } else if (const auto owner = owner_) {
    TRY(owner->begin(machine_, now));
  }
  return pump(now);
}

Result<void> RtspLink::on_bytes(ByteView bytes, MonoTime now) {
  if (options_.http && !tunnel_open_) {
    tunnel_open_ = TRY(tunnel_answer_.receive(bytes));
    if (!tunnel_open_) return {};
    open(Role::post);
  }
  if (bytes.empty()) return {};
  answered_ = true;
  auto received = machine_.receive(bytes, now);
  auto pumped = pump(now);  // What came before the error counts.
  if (!received) return received;
  return pumped;
}

std::optional<MonoTime> RtspLink::deadline() const {
  if (options_.http && !tunnel_open_) return tunnel_until_;
  auto at = machine_.deadline();
  if (owner_) {
    const auto other = owner_->deadline();
    if (other && (!at || *other < *at)) at = other;
  }
  return at;
}

Result<void> RtspLink::on_time(MonoTime now) {
  if (options_.http && !tunnel_open_) {
    if (now < tunnel_until_) return {};
    return fail(Errc::timeout, "no answer to the HTTP tunnel in {} ms; try tcp",
                options_.timeout.count());
  }
  TRY(machine_.on_time(now));
  if (const auto owner = owner_) TRY(owner->on_time(now));
  return pump(now);
}

Result<void> RtspLink::pump(MonoTime now) {
  while (const auto event = machine_.next_event()) {
    heard_ = true;
    if (const auto* redirected = std::get_if<rtsp::client::Redirected>(&*event)) {
      if (leaving_) continue;
      redirect(redirected->url);
      return {};
    }
    if (std::holds_alternative<rtsp::client::Closed>(*event)) {
      for (const Bytes& bytes : machine_.take_output()) send(bytes);
      if (!leaving_) return fail(Errc::unavailable, "the server ended the session");
      if (const auto main = main_.lock()) main->close();
      return {};
    }
    if (const auto owner = owner_) TRY(owner->on_event(*event, now));
  }
  for (const Bytes& bytes : machine_.take_output()) send(bytes);
  if (const auto post = post_.lock()) post->flush();
  return {};
}

void RtspLink::redirect(const rtsp::Url& url) {
  drop_connections();
  (void)machine_.take_output();
  if (url.tls && !options_.tls) {
    return finish(
        {Errc::unsupported, fmt::format("redirected to {}; give that URL instead", url.display())});
  }
  open(Role::main);
}

void RtspLink::drop_connections() {
  ++attempt_;
  for (auto* connection : {&main_, &post_}) {
    if (const auto open = connection->lock()) open->close();
    connection->reset();
  }
  tunnel_open_ = false;
  tunnel_answer_ = {};
}

void RtspLink::send(const Bytes& bytes) {
  if (!options_.http) {
    if (const auto main = main_.lock()) main->send(bytes);
    return;
  }
  if (const auto post = post_.lock()) post->send(Bytes::copy(as_bytes(to_base64(bytes))));
}

void RtspLink::send_frames(const Bytes& frames) { send(frames); }

size_t RtspLink::unsent_bytes() const {
  const auto connection = (options_.http ? post_ : main_).lock();
  return connection ? connection->unsent_bytes() : 0;
}

void RtspLink::flush() {
  if (main_.expired() || over_) return;
  if (auto pumped = pump(system_clock().now()); !pumped) return abort(pumped.error());
  if (const auto main = main_.lock()) main->flush();
}

void RtspLink::abort(Error why) {
  if (const auto main = main_.lock()) return main->close(std::move(why));
  finish(std::move(why));
}

void RtspLink::leave(std::function<void()> done) {
  owner_ = nullptr;
  left_ = std::move(done);
  if (leaving_) return;
  leaving_ = true;
  if (over_ || main_.expired() || (options_.http && post_.expired())) return ended(nullptr);
  machine_.teardown(system_clock().now());
  flush();
}

void RtspLink::ended(const Error* why) {
  drop_connections();
  finish(explain(why));
}

Error RtspLink::explain(const Error* why) const {
  if (why == nullptr) {
    if (answered_) return {Errc::unavailable, "the server closed the connection"};
    return {Errc::unavailable,
            "the server closed the connection without an answer; is this its RTSP port?"};
  }
  if (why->code() == Errc::io)
    return {Errc::unavailable, "the connection broke: " + why->message()};
  const bool no_sense = why->code() == Errc::malformed || why->code() == Errc::too_large;
  if (no_sense && !heard_) return {why->code(), why->message() + "; is this its RTSP port?"};
  return *why;
}

void RtspLink::finish(Error why) {
  if (!std::exchange(over_, true)) ++attempt_;
  if (const auto owner = std::exchange(owner_, nullptr)) owner->on_end(std::move(why));
  if (const auto left = std::exchange(left_, nullptr)) left();
}

}  // namespace pasu::net::detail
