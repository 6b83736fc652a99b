#include "net/detail/rtsp_connection.h"

#include <algorithm>

#include "base/log.h"
#include "net/describe_stream.h"

namespace pasu::net::detail {
namespace {

rtsp::ServerOptions machine_options(const RtspContext& context, const Connection& connection) {
  rtsp::ServerOptions options;
  options.auth = context.options.auth;
  options.auth.allow_basic = connection.encrypted();
  options.udp = context.udp != nullptr;
  options.multicast = context.multicast != nullptr;
  return options;
}

int status_of(const Error& error) {
  switch (error.code()) {
    case Errc::not_found:
      return 404;
    case Errc::unsupported:
      return 461;
    default:
      return 503;
  }
}

// Players leave by closing with bytes unread, which the kernel calls a reset; and a stream that
// ends is not its readers' fault.
bool is_failure(const Error& why) {
  return why.code() != Errc::io && why.code() != Errc::cancelled && why.code() != Errc::unavailable;
}

}  // namespace

RtspConnection::~RtspConnection() { stop_waiting(); }

Result<void> RtspConnection::on_start(Connection& connection, MonoTime now) {
  connection_ = &connection;
  machine_.emplace(machine_options(*context_, connection), now);
  context_->enter(connection.shared_from_this());
  return {};
}

void RtspConnection::on_end(const Error* why) {
  if (why != nullptr) log::debug("rtsp: {}: {}", connection_->peer().text(), why->message());
  if (why != nullptr && is_failure(*why)) context_->failed_total.add();
  context_->denied_total.add(static_cast<double>(machine_->denied()));
  context_->leave(*connection_);
  context_->tunnels.remove(*connection_);
  if (const auto other = other_half_.lock()) other->stop();
  stop_waiting();
  leave_session();
}

Result<void> RtspConnection::on_bytes(ByteView bytes, MonoTime now) {
  switch (kind_) {
    case Kind::plain:
      return feed(bytes, now);
    case Kind::tunnel_head:
      return receive_head(bytes, now);
    case Kind::tunnel_get:
      return {};  // All that is said comes by the other half.
    case Kind::tunnel_post:
      return receive_post(bytes, now);
    case Kind::unknown:
      break;
  }
  first_.insert(first_.end(), bytes.begin(), bytes.end());
  const auto http = rtsp::looks_like_http(first_);
  if (!http) return {};
  const auto first = std::exchange(first_, {});
  kind_ = *http ? Kind::tunnel_head : Kind::plain;
  return *http ? receive_head(first, now) : feed(first, now);
}

Result<void> RtspConnection::feed(ByteView bytes, MonoTime now) {
  auto result = machine_->receive(bytes, now);
  while (auto event = machine_->next_event()) handle(*event, now);
  flush_machine();
  return result;
}

void RtspConnection::flush_machine() {
  for (auto& bytes : machine_->take_output()) connection_->send(std::move(bytes));
}

std::optional<MonoTime> RtspConnection::deadline() const {
  std::optional<MonoTime> due = machine_->deadline();
  const auto consider = [&](const std::optional<MonoTime>& at) {
    if (at) due = due ? std::min(*due, *at) : *at;
  };
  if (kind_ == Kind::tunnel_post) due.reset();  // The GET half keeps time.
  if (waiting_ && !waiting_->answered) consider(waiting_->until);
  if (reader_) consider(reader_->deadline());
  if (publisher_) consider(publisher_->deadline());
  return due;
}

Result<void> RtspConnection::on_time(MonoTime now) {
  if (waiting_ && !waiting_->answered && now >= waiting_->until) {
    stop_waiting();
    refuse(503, "Nobody publishes this stream");
  }
  if (reader_) TRY(reader_->on_time(now));
  if (publisher_) TRY(publisher_->on_time(now));
  auto result = kind_ == Kind::tunnel_post ? Result<void>() : machine_->on_time(now);
  while (auto event = machine_->next_event()) handle(*event, now);
  flush_machine();
  return result;
}

Result<void> RtspConnection::on_drained(MonoTime) {
  if (reader_) reader_->send();
  return {};
}

// What the machine was asked for.

void RtspConnection::handle(const rtsp::server::Event& event, MonoTime now) {
  using namespace rtsp::server;
  if (const auto* frame = std::get_if<Frame>(&event)) {
    if (publisher_) publisher_->push(frame->track, frame->payload, now);
  } else if (const auto* wanted = std::get_if<Describe>(&event)) {
    describe(*wanted, now);
  } else if (const auto* announced = std::get_if<Announce>(&event)) {
    auto made = RtspPublisher::create(*connection_, *context_, *announced);
    if (!made) return refuse(made.error());
    publisher_ = std::move(*made);
    publisher_->on_datagram = [this](MonoTime at) {
      machine_->touch(at);
      connection_->flush();  // Its deadlines have moved.
    };
    machine_->answer_announce();
  } else if (const auto* setup = std::get_if<Setup>(&event)) {
    set_up(*setup);
  } else if (std::holds_alternative<Play>(event)) {
    play();
  } else if (std::holds_alternative<Record>(event)) {
    publisher_->record(now);
    connection_->read_in_rounds();
    machine_->answer_record();
  } else if (std::holds_alternative<Pause>(event)) {
    if (reader_) reader_->pause();
    if (publisher_) publisher_->pause();
    machine_->answer_pause();
  } else if (std::holds_alternative<Teardown>(event)) {
    leave_session();
  }
}

void RtspConnection::refuse(const Error& error) {
  log::debug("rtsp: {}: refused: {}", connection_->peer().text(), error.message());
  refuse(status_of(error));
}

void RtspConnection::refuse(int status, std::string_view reason) {
  context_->refused_total.add();
  machine_->refuse(status, reason);
}

void RtspConnection::describe(const rtsp::server::Describe& event, MonoTime now) {
  stop_waiting();
  auto stream = context_->registry.find(event.path);
  if (!stream) return refuse(404);
  auto reader = stream->read_units();
  waiting_ = Waiting{std::move(stream), std::move(reader), false, now + kStreamWait};
  if (!answer_description()) connection_->thread().fan_out().follow(waiting_->stream, *this);
}

// False while there is nothing to describe yet.
bool RtspConnection::answer_description() {
  const auto state = waiting_->stream->state();
  if (state.ended) {
    refuse(404);
  } else if (!state.live || state.tracks->empty()) {
    return false;
  } else if (const auto text = describe_stream(waiting_->stream->name(), *state.tracks)) {
    machine_->answer_describe(*text);
  } else {
    refuse(415);
  }
  waiting_->answered = true;
  return true;
}

void RtspConnection::on_news() {
  if (!waiting_ || waiting_->answered || !answer_description()) return;
  connection_->thread().fan_out().unfollow(*waiting_->stream, *this);
  flush_machine();
  connection_->flush();
}

void RtspConnection::stop_waiting() {
  if (!waiting_) return;
  if (!waiting_->answered) connection_->thread().fan_out().unfollow(*waiting_->stream, *this);
  waiting_.reset();
}

void RtspConnection::set_up(const rtsp::server::Setup& event) {
  if (!event.publish && !reader_) {
    const auto stream = context_->registry.find(event.path);
    if (!stream || stream->state().tracks->empty()) return refuse(404);
    reader_ = std::make_unique<RtspReader>(*connection_, *context_, stream);
    stop_waiting();  // The reader keeps the source running now.
  }
  auto answer = event.publish ? publisher_->set_up(event) : reader_->set_up(event);
  if (!answer) return refuse(answer.error());
  machine_->answer_setup(*answer);
}

void RtspConnection::play() {
  const auto starts = reader_->prepare();
  machine_->answer_play(starts, std::nullopt);
  flush_machine();
  reader_->play();
}

void RtspConnection::leave_session() {
  reader_.reset();
  publisher_.reset();
}

// The HTTP tunnel: the GET half carries the machine, the POST half hands it what it decodes.

Result<void> RtspConnection::receive_head(ByteView bytes, MonoTime now) {
  const auto request = TRY(head_.receive(bytes));
  if (!request) return {};
  kind_ = request->kind == rtsp::TunnelKind::get ? Kind::tunnel_get : Kind::tunnel_post;
  if (kind_ == Kind::tunnel_get) {
    connection_->send(Bytes::copy(as_bytes(rtsp::tunnel_answer())));
  }
  TRY(pair(*request, now));
  return kind_ == Kind::tunnel_post && !bytes.empty() ? receive_post(bytes, now) : Result<void>();
}

Result<void> RtspConnection::pair(const rtsp::TunnelRequest& request, MonoTime now) {
  const auto halves = TRY(context_->tunnels.add(connection_->shared_from_this(), request, now));
  if (!halves) return {};
  const auto get = halves->get, post = halves->post;
  get->thread().post([get, post] {
    if (auto* session = get->session()) static_cast<RtspConnection*>(session)->other_half_ = post;
  });
  post->thread().post([get, post] {
    if (auto* session = post->session()) static_cast<RtspConnection*>(session)->join_post(get);
  });
  return {};
}

void RtspConnection::join_post(const std::shared_ptr<Connection>& get) {
  other_half_ = get;
  const auto early = std::exchange(first_, {});
  if (auto passed = receive_post(early, system_clock().now()); !passed) {
    connection_->close(std::move(passed).error());
  }
}

Result<void> RtspConnection::receive_post(ByteView bytes, MonoTime now) {
  const auto get = other_half_.lock();
  if (!get) {
    first_.insert(first_.end(), bytes.begin(), bytes.end());
    if (first_.size() > kEarlyBytesMax) return fail(Errc::too_large, "http tunnel: no GET half");
    return {};
  }
  std::vector<uint8_t> plain;
  TRY(base64_.decode(bytes, plain));
  get->thread().post([get, now, said = std::move(plain)] {
    if (auto* session = get->session()) {
      auto fed = static_cast<RtspConnection*>(session)->feed(said, now);
      get->flush();
      if (!fed) get->close(std::move(fed).error());
    }
  });
  return {};
}

}  // namespace pasu::net::detail
