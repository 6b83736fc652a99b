#include "wire/rtsp/client_session.h"

#include "base/assert.h"

namespace pasu::rtsp {
namespace {

Bytes to_bytes(const std::string& text) { return Bytes::copy(as_bytes(text)); }

}  // namespace

ClientSession::ClientSession(ClientOptions options)
    : options_(std::move(options)), auth_(options_.url.user, options_.url.password) {}

void ClientSession::describe(MonoTime now) {
  goal_ = Goal::pull;
  begin(now);
}

Result<void> ClientSession::announce(sdp::Session session, MonoTime now) {
  for (size_t i = 0; i < session.media.size(); ++i) {
    auto& attributes = session.media[i].attributes;
    std::erase_if(attributes, [](const auto& a) { return a.name == "control"; });
    attributes.push_back({"control", fmt::format("streamid={}", i)});
  }
  TRY(sdp::print(session));
  goal_ = Goal::publish;
  sdp_ = std::move(session);
  begin(now);
  return {};
}

void ClientSession::begin(MonoTime now) {
  last_sign_of_life_ = now;
  play_asked_ = false;
  base_ = aggregate_ = options_.url.request_uri();
  Outgoing hello;
  hello.uri = aggregate_;
  enqueue(std::move(hello), now);
  Outgoing request;
  request.uri = aggregate_;
  if (goal_ == Goal::pull) {
    request.method = Method::describe;
    request.headers.add("Accept", "application/sdp");
  } else {
    request.method = Method::announce;
    request.headers.add("Content-Type", "application/sdp");
    request.body = sdp::print(sdp_).value_or("");  // Checked by announce().
  }
  enqueue(std::move(request), now);
}

void ClientSession::setup(const TrackSetup& track, MonoTime now) {
  ASSERT(track.media < sdp_.media.size());
  ASSERT(track.delivery != Delivery::udp || track.client_port);
  Outgoing request;
  request.method = Method::setup;
  request.uri = control_url(options_.url, aggregate_, sdp_.media[track.media].control());
  request.track = track;
  enqueue(std::move(request), now);
}

void ClientSession::play(std::optional<Range> range, MonoTime now) {
  Outgoing request;
  request.method = Method::play;
  request.uri = aggregate_;
  // Some servers want a Range to begin with; without one, PLAY goes on after PAUSE (RFC 2326 10.5).
  if (!range && !play_asked_) range = NptRange{.start = 0.0, .end = {}};
  if (range) request.headers.add("Range", to_string(*range));
  play_asked_ = true;
  enqueue(std::move(request), now);
}

void ClientSession::pause(MonoTime now) {
  Outgoing request;
  request.method = Method::pause;
  request.uri = aggregate_;
  enqueue(std::move(request), now);
}

void ClientSession::record(MonoTime now) {
  Outgoing request;
  request.method = Method::record;
  request.uri = aggregate_;
  request.headers.add("Range", "npt=0.000-");
  enqueue(std::move(request), now);
}

void ClientSession::teardown(MonoTime now) {
  if (over_ || closing_) return;
  waiting_.clear();
  if (!session_) return close(false);
  closing_ = true;
  under_way_.reset();  // Whatever it was, its answer is of no interest.
  Outgoing request;
  request.method = Method::teardown;
  request.uri = aggregate_;
  enqueue(std::move(request), now);
}

void ClientSession::reconnected(MonoTime now) {
  reader_ = MessageReader();
  begin(now);
}

void ClientSession::enqueue(Outgoing request, MonoTime now) {
  if (over_) return;
  waiting_.push_back(std::move(request));
  send_next(now);
}

void ClientSession::send_next(MonoTime now) {
  if (under_way_ || waiting_.empty() || over_) return;
  under_way_ = std::move(waiting_.front());
  waiting_.pop_front();
  send(now);
}

// Writes the request under way, for the first time or again with credentials.
void ClientSession::send(MonoTime now) {
  Outgoing& outgoing = *under_way_;
  Request request;
  request.method = outgoing.method;
  request.uri = outgoing.uri;
  request.headers.add("CSeq", std::to_string(++cseq_));
  outgoing.cseq = cseq_;
  request.headers.add("User-Agent", options_.user_agent);
  if (session_) request.headers.add("Session", session_->id);
  const auto authorization = auth_.authorization(to_string(outgoing.method), outgoing.uri);
  outgoing.authorized = authorization.has_value();
  if (authorization) request.headers.add("Authorization", *authorization);
  if (outgoing.method == Method::setup) {
    Transport transport;
    transport.delivery = outgoing.track.delivery;
    transport.record = goal_ == Goal::publish;
    if (transport.delivery == Delivery::udp) transport.client_port = outgoing.track.client_port;
    if (transport.delivery == Delivery::tcp)
      transport.interleaved = outgoing.channels = free_channels();
    request.headers.add("Transport", to_string(transport));
  }
  for (const auto& [name, value] : outgoing.headers.fields()) request.headers.add(name, value);
  request.body = outgoing.body;
  output_.push_back(to_bytes(print(request)));
  sent_ = now;
  // Every request keeps the session alive (RFC 2326 A.2); half the timeout leaves room for one
  // that is lost.
  if (session_) keep_alive_at_ = now + session_->timeout / 2;
}

std::optional<Pair<uint8_t>> ClientSession::free_channels() const {
  for (unsigned first = 0; first < channels_.size(); first += 2)
    if (!channels_[first] && !channels_[first + 1])
      return Pair<uint8_t>{static_cast<uint8_t>(first), static_cast<uint8_t>(first + 1)};
  return std::nullopt;
}

Result<void> ClientSession::receive(ByteView bytes, MonoTime now) {
  ASSERT(events_.empty());
  TRY(check_open());
  reader_.feed(bytes);
  while (!over_) {
    auto message = reader_.next();
    if (!message) {
      over_ = true;
      return tl::unexpected<Error>(std::move(message).error());
    }
    if (!*message) return {};
    const auto taken = take_message(std::move(**message), now);
    if (!taken) {
      over_ = true;
      return taken;
    }
  }
  return {};
}

std::optional<client::Event> ClientSession::next_event() { return events_.pop(); }

wire::Output ClientSession::take_output() { return std::exchange(output_, {}); }

std::optional<MonoTime> ClientSession::deadline() const {
  if (over_) return std::nullopt;
  if (under_way_) {
    if (closing_) return sent_ + kTeardownTimeout;
    return sent_ + options_.answer_timeout;
  }
  if (session_) return keep_alive_at_;
  return std::nullopt;
}

Result<void> ClientSession::on_time(MonoTime now) {
  const auto due = deadline();
  if (!due || now < *due) return {};
  if (closing_) {
    close(false);
    return {};
  }
  if (!under_way_) {
    Outgoing ping;
    ping.method = keep_alive_method();
    ping.uri = aggregate_;
    ping.keep_alive = true;
    enqueue(std::move(ping), now);
    return {};
  }
  // Cameras that send media but never answer a keep-alive are alive.
  if (under_way_->keep_alive && last_sign_of_life_ > sent_) {
    under_way_.reset();
    next_keep_alive_dialect();
    send_next(now);
    return {};
  }
  over_ = true;
  return fail(Errc::timeout, "rtsp: {} {}: no answer in {} ms", to_string(under_way_->method),
              under_way_->uri, options_.answer_timeout.count());
}

Result<void> ClientSession::take_message(Message message, MonoTime now) {
  if (const auto* frame = std::get_if<InterleavedFrame>(&message)) {
    take_frame(*frame, now);
    return {};
  }
  if (const auto* request = std::get_if<Request>(&message)) return take_request(*request, now);
  return take_response(std::move(std::get<Response>(message)), now);
}

void ClientSession::take_frame(const InterleavedFrame& frame, MonoTime now) {
  const auto& channel = channels_[frame.channel];
  if (!channel || closing_) {
    ++dropped_messages_;
    return;
  }
  last_sign_of_life_ = now;
  events_.push(client::Frame{channel->media, channel->rtcp, frame.payload});
}

// RFC 2326 10: some requests may also come from the server.
Result<void> ClientSession::take_request(const Request& request, MonoTime now) {
  last_sign_of_life_ = now;
  constexpr std::string_view kAnswered =
      "OPTIONS, GET_PARAMETER, SET_PARAMETER, TEARDOWN, REDIRECT";
  const auto location = request.headers.find("Location");
  Response response;
  if (const auto number = request.headers.find("CSeq")) response.headers.add("CSeq", *number);
  switch (request.method) {
    case Method::options:
      response.headers.add("Public", kAnswered);
      break;
    case Method::get_parameter:
    case Method::set_parameter:
    case Method::teardown:
      break;
    case Method::redirect:
      if (!location) response.status = 400;
      break;
    case Method::unknown:
      response.status = 501;
      break;
    default:
      response.status = 405;
      response.headers.add("Allow", kAnswered);
  }
  output_.push_back(to_bytes(print(response)));
  if (request.method == Method::teardown) close(true);
  if (request.method == Method::redirect && location) return redirect(*location);
  return {};
}

Result<void> ClientSession::take_response(Response response, MonoTime now) {
  last_sign_of_life_ = now;
  const auto number = cseq(response.headers);
  // Some cameras leave CSeq out; with one request under way there is no doubt what they mean.
  if (!under_way_ || (number && *number != under_way_->cseq)) {
    ++dropped_messages_;
    return {};
  }
  if (response.status < 200) return {};
  if (response.version != "1.0")
    return fail(Errc::unsupported, "rtsp: the server answers in RTSP/{}", response.version);
  if (response.status == 401 && !closing_) return retry_with_credentials(response, now);
  const Outgoing request = std::move(*under_way_);
  under_way_.reset();
  TRY(take_answer(request, response, now));
  send_next(now);
  return {};
}

// At most two rounds for one request: without credentials, then with a nonce that proved old. A
// refusal of credentials made from a fresh nonce means that they are wrong.
Result<void> ClientSession::retry_with_credentials(const Response& response, MonoTime now) {
  Outgoing& request = *under_way_;
  if (!auth_.has_user())
    return fail(Errc::invalid_argument,
                "rtsp: {} {}: 401 {}; the server wants a user and password: put them into the URL",
                to_string(request.method), request.uri, response.reason);
  if (!auth_.take_challenge(response.headers))
    return fail(Errc::unsupported,
                "rtsp: {} {}: the server asks for neither Basic nor Digest (MD5, SHA-256)",
                to_string(request.method), request.uri);
  const bool fresh_nonce = request.authorized && request.challenges > 0;
  if (request.challenges >= 2 || (fresh_nonce && !auth_.stale())) return refused(request, response);
  ++request.challenges;
  send(now);
  return {};
}

Result<void> ClientSession::take_keep_alive(const Response& response) {
  if (response.status == 454) {
    return fail(Errc::unavailable, "rtsp: keep-alive: 454 {}; the server forgot the session",
                response.reason);
  }
  if (response.status >= 300) next_keep_alive_dialect();
  return {};
}

void ClientSession::next_keep_alive_dialect() {
  switch (keep_alive_) {
    case KeepAlive::get_parameter:
      keep_alive_ = KeepAlive::options;
      break;
    case KeepAlive::options:
      keep_alive_ = KeepAlive::set_parameter;
      break;
    case KeepAlive::set_parameter:
    case KeepAlive::any:
      keep_alive_ = KeepAlive::any;
      break;
  }
}

Method ClientSession::keep_alive_method() const {
  switch (keep_alive_) {
    case KeepAlive::get_parameter:
      return Method::get_parameter;
    case KeepAlive::set_parameter:
      return Method::set_parameter;
    default:
      return Method::options;
  }
}

Result<void> ClientSession::check_open() const {
  if (over_) return fail(Errc::cancelled, "rtsp: the session is over");
  return {};
}

void ClientSession::close(bool by_server) {
  over_ = true;
  waiting_.clear();
  under_way_.reset();
  events_.push(client::Closed{by_server});
}

}  // namespace pasu::rtsp
