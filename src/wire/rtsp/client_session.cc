#include "wire/rtsp/client_session.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

std::string_view without_last_slash(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 305 || status == 307;
}

// What a status of RFC 2326 11 means to whoever decides what to do next.
Errc code_of(int status) {
  switch (status) {
    case 401:
    case 403:
    case 407:
      return Errc::invalid_argument;
    case 404:
    case 410:
      return Errc::not_found;
    case 453:
    case 454:
    case 455:
    case 500:
    case 502:
    case 503:
    case 504:
      return Errc::unavailable;
    default:
      return Errc::unsupported;
  }
}

std::string_view remedy(int status) {
  switch (status) {
    case 401:
      return "; check user and password";
    case 403:
      return "; the user may not do this";
    case 404:
      return "; check the path of the URL";
    case 453:
      return "; the server has as many sessions as it can carry: close another viewer or take a "
             "smaller stream";
    case 454:
      return "; the server forgot the session";
    case 461:
      return "; try another transport";
    case 503:
      return "; the server is overloaded or still starting";
    default:
      return "";
  }
}

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

std::optional<client::Event> ClientSession::next_event() {
  if (events_.empty()) return std::nullopt;
  std::optional<client::Event> event(std::move(events_.front()));
  events_.pop_front();
  return event;
}

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
  events_.push_back(client::Frame{channel->media, channel->rtcp, frame.payload});
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

Result<void> ClientSession::take_answer(const Outgoing& request, Response& response, MonoTime now) {
  const bool good = response.status < 300;
  if (closing_) {
    close(false);
    return {};
  }
  if (request.keep_alive) return take_keep_alive(response);
  if (is_redirect(response.status)) {
    const auto location = response.headers.find("Location");
    if (!location) return refused(request, response);
    return redirect(*location);
  }
  switch (request.method) {
    case Method::options:
      // Cameras that refuse OPTIONS still answer DESCRIBE, which then says what is wrong.
      if (good && list_has(response.headers.find("Public").value_or(""), "GET_PARAMETER"))
        keep_alive_ = KeepAlive::get_parameter;
      return {};
    case Method::setup:
      return take_setup(request, response, now);
    default:
      break;
  }
  if (!good) return refused(request, response);
  switch (request.method) {
    case Method::describe:
      return take_description(response);
    case Method::announce:
      events_.push_back(client::Announced{});
      break;
    case Method::play:
      take_play(response);
      break;
    case Method::pause:
      events_.push_back(client::Paused{});
      break;
    case Method::record:
      events_.push_back(client::Recording{});
      break;
    default:
      break;
  }
  return {};
}

Result<void> ClientSession::redirect(std::string_view location) {
  if (++redirects_ > kRedirectsMax)
    return fail(Errc::unavailable, "rtsp: {}: redirected over {} times", options_.url.display(),
                kRedirectsMax);
  const bool path_alone = location.starts_with('/');
  auto url = Url::parse(path_alone ? "rtsp://host" + std::string(location) : std::string(location));
  if (!url) return tl::unexpected<Error>(std::move(url).error().with("rtsp: Location"));
  if (path_alone) {
    url->tls = options_.url.tls;
    url->host = options_.url.host;
    url->port = options_.url.port;
  }
  // Another host, or one that is no longer encrypted, does not get this one's password.
  const bool same = url->host == options_.url.host && (url->tls || !options_.url.tls);
  if (!url->has_credentials() && same) {
    url->user = options_.url.user;
    url->password = options_.url.password;
  }
  options_.url = *url;
  auth_ = ClientAuth(url->user, url->password);
  waiting_.clear();
  under_way_.reset();
  session_.reset();
  tracks_.clear();
  channels_.fill(std::nullopt);
  keep_alive_ = KeepAlive::options;
  events_.push_back(client::Redirected{*url});
  return {};
}

Result<void> ClientSession::take_description(const Response& response) {
  auto content_base = response.headers.find("Content-Base");
  if (!content_base) content_base = response.headers.find("Content-Location");
  auto session = sdp::parse(response.body);
  if (!session)
    return tl::unexpected<Error>(std::move(session).error().with("rtsp: answer to DESCRIBE"));
  if (session->media.empty())
    return fail(Errc::not_found, "rtsp: {}: the description has no media", options_.url.display());
  sdp_ = std::move(*session);
  base_ = base_url(options_.url, content_base.value_or(""));
  aggregate_ = control_url(options_.url, base_, sdp_.control());
  events_.push_back(client::Described{sdp_});
  return {};
}

// What the server agreed to; nothing, and why, where that is not what was asked.
std::optional<Transport> ClientSession::agreed_transport(const Outgoing& request,
                                                         const Response& response,
                                                         std::string& problem) const {
  Transport agreed;
  agreed.delivery = request.track.delivery;
  if (const auto text = response.headers.find("Transport")) {
    const auto transports = parse_transport(*text);
    if (!transports) {
      problem = transports.error().message();
      return std::nullopt;
    }
    agreed = transports->front();
  }
  if (agreed.delivery != request.track.delivery) {
    problem = fmt::format("the server answered with another transport, {}", to_string(agreed));
    return std::nullopt;
  }
  switch (agreed.delivery) {
    case Delivery::tcp: {
      if (!agreed.interleaved) agreed.interleaved = request.channels;
      if (!agreed.interleaved || channels_[agreed.interleaved->rtp] ||
          channels_[agreed.interleaved->rtcp]) {
        problem = "the server put two tracks on one channel";
        return std::nullopt;
      }
      break;
    }
    case Delivery::udp:
      agreed.client_port = request.track.client_port;
      break;
    case Delivery::multicast:
      if (!agreed.port || agreed.destination.empty()) {
        problem = "the server named no multicast group and port";
        return std::nullopt;
      }
      break;
  }
  return agreed;
}

Result<void> ClientSession::take_setup(const Outgoing& request, const Response& response,
                                       MonoTime now) {
  if (response.status >= 300) {
    if (request.track.required && response.status != 461) return refused(request, response);
    refuse_track(
        request, response.status,
        response.reason.empty() ? std::string(reason_phrase(response.status)) : response.reason);
    return {};
  }
  std::string problem;
  const auto transport = agreed_transport(request, response, problem);
  if (!transport) {
    refuse_track(request, 461, std::move(problem));
    return {};
  }
  if (!session_) {
    auto session = parse_session(response.headers.find("Session").value_or(""));
    if (!session)
      return tl::unexpected<Error>(std::move(session).error().with("rtsp: answer to SETUP"));
    session_ = std::move(*session);
    keep_alive_at_ = now + session_->timeout / 2;
  }
  if (transport->delivery == Delivery::tcp) {
    channels_[transport->interleaved->rtp] = Channel{request.track.media, false};
    channels_[transport->interleaved->rtcp] = Channel{request.track.media, true};
    std::bitset<256> known;
    for (size_t i = 0; i < channels_.size(); ++i) known[i] = channels_[i].has_value();
    reader_.set_channels(known);
  }
  tracks_.push_back({request.track.media, request.uri});
  events_.push_back(client::TrackReady{request.track.media, *transport});
  return {};
}

void ClientSession::refuse_track(const Outgoing& request, int status, std::string reason) {
  if (request.track.required) waiting_.clear();
  events_.push_back(
      client::TrackRefused{request.track.media, status, std::move(reason), request.track.required});
}

void ClientSession::take_play(const Response& response) {
  client::Playing playing;
  if (const auto text = response.headers.find("Range")) {
    auto range = parse_range(*text);
    if (range) playing.range = std::move(*range);
  }
  const auto infos = parse_rtp_info(response.headers.find("RTP-Info").value_or(""));
  for (size_t i = 0; i < infos.size(); ++i) {
    const std::string url = control_url(options_.url, base_, infos[i].url);
    const auto named = std::find_if(tracks_.begin(), tracks_.end(), [&](const Track& track) {
      return without_last_slash(track.url) == without_last_slash(url);
    });
    // URLs that name no track stand for the tracks in the order they were set up.
    const Track* track = named != tracks_.end()           ? &*named
                         : infos.size() == tracks_.size() ? &tracks_[i]
                                                          : nullptr;
    if (track) playing.starts.push_back({track->media, infos[i].sequence, infos[i].rtp_time});
  }
  events_.push_back(std::move(playing));
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

tl::unexpected<Error> ClientSession::refused(const Outgoing& request,
                                             const Response& response) const {
  return fail(code_of(response.status), "rtsp: {} {}: {} {}{}", to_string(request.method),
              request.uri, response.status,
              response.reason.empty() ? reason_phrase(response.status) : response.reason,
              remedy(response.status));
}

Result<void> ClientSession::check_open() const {
  if (over_) return fail(Errc::cancelled, "rtsp: the session is over");
  return {};
}

void ClientSession::close(bool by_server) {
  over_ = true;
  waiting_.clear();
  under_way_.reset();
  events_.push_back(client::Closed{by_server});
}

}  // namespace pasu::rtsp
