#include "wire/rtsp/server_session.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/detail/text.h"
#include "wire/rtsp/detail/crypto.h"
#include "wire/rtsp/detail/target.h"

namespace pasu::rtsp {
namespace {

using detail::parse_target;
using wire::detail::cut;
using wire::detail::trim;

constexpr size_t kSessionIdBytes = 16;
constexpr std::string_view kPublic =
    "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, "
    "SET_PARAMETER";

}  // namespace

ServerSession::ServerSession(ServerOptions options, MonoTime now)
    : options_(std::move(options)),
      auth_(options_.auth),
      now_(now),
      last_request_(now),
      last_activity_(now) {}

std::string ServerSession::control_of(size_t track) { return fmt::format("trackID={}", track); }

Result<void> ServerSession::receive(ByteView bytes, MonoTime now) {
  ASSERT(events_.empty());
  if (over_) return fail(Errc::cancelled, "rtsp: the connection is over");
  if (failure_) {
    over_ = true;
    return tl::unexpected<Error>(*failure_);
  }
  now_ = now;
  reader_.feed(bytes);
  while (true) {
    auto message = reader_.next();
    if (!message) {
      over_ = true;
      Response response;
      response.status = message.error().code() == Errc::too_large ? 413 : 400;
      response.headers.add("Connection", "close");
      write(response);
      return tl::unexpected<Error>(std::move(message).error());
    }
    if (!*message) break;
    const auto taken = take_message(std::move(**message));
    if (!taken) {
      over_ = true;
      return taken;
    }
  }
  if (!reader_.message_unfinished()) {
    unfinished_since_.reset();
  } else if (!unfinished_since_) {
    unfinished_since_ = now;
  }
  return {};
}

std::optional<server::Event> ServerSession::next_event() { return events_.pop(); }

wire::Output ServerSession::take_output() { return std::exchange(output_, {}); }

std::optional<MonoTime> ServerSession::deadline() const {
  if (over_) return std::nullopt;
  if (failure_) return now_;
  std::optional<MonoTime> due;
  if (session_id_.empty()) {
    if (!awaited_) due = last_request_ + options_.idle_timeout;
  } else if (state_ != State::playing || tracks_.front().delivery != Delivery::tcp) {
    // A player over tcp need not say anything: the connection itself shows that it is there.
    due = last_activity_ + options_.session_timeout + kTimeoutGrace;
  }
  if (unfinished_since_) {
    const MonoTime whole = *unfinished_since_ + options_.request_timeout;
    due = due ? std::min(*due, whole) : whole;
  }
  return due;
}

Result<void> ServerSession::on_time(MonoTime now) {
  const auto due = deadline();
  if (!due || now < *due) return {};
  over_ = true;
  if (failure_) return tl::unexpected<Error>(*failure_);
  if (unfinished_since_ && now >= *unfinished_since_ + options_.request_timeout)
    return fail(Errc::timeout, "rtsp: byte {}: half a request in {} s", reader_.offset(),
                options_.request_timeout.count());
  if (session_id_.empty())
    return fail(Errc::timeout, "rtsp: no request in {} s", options_.idle_timeout.count());
  return fail(Errc::timeout, "rtsp: session {}: no sign of life in {} s", session_id_,
              options_.session_timeout.count());
}

Result<void> ServerSession::take_message(Message message) {
  if (const auto* frame = std::get_if<InterleavedFrame>(&message)) {
    take_frame(*frame);
    return {};
  }
  last_activity_ = last_request_ = now_;
  unfinished_since_.reset();
  // This side asks nothing, so responses answer nothing.
  if (std::holds_alternative<Response>(message)) return {};
  return enqueue(std::move(std::get<Request>(message)));
}

void ServerSession::take_frame(const InterleavedFrame& frame) {
  const auto& channel = channels_[frame.channel];
  if (!channel || (state_ != State::playing && state_ != State::recording)) {
    ++dropped_frames_;
    return;
  }
  last_activity_ = now_;
  events_.push(server::Frame{channel->track, channel->rtcp, frame.payload});
}

Result<void> ServerSession::enqueue(Request request) {
  if (waiting_.size() >= kPipelineMax)
    return fail(Errc::too_large, "rtsp: over {} requests at once", kPipelineMax);
  waiting_.push_back(std::move(request));
  return handle_waiting();
}

Result<void> ServerSession::handle_waiting() {
  while (!awaited_ && !waiting_.empty()) {
    const Request request = std::move(waiting_.front());
    waiting_.pop_front();
    TRY(handle(request));
  }
  return {};
}

// What every request must pass, whatever its method. Answers and returns false where it does not.
bool ServerSession::acceptable(const Request& request) {
  if (!cseq(request.headers)) {
    respond(request, 400);
  } else if (request.version != "1.0") {
    respond(request, 505);
  } else if (request.method == Method::unknown) {
    respond(request, 501);
  } else if (const auto require = request.headers.find("Require")) {
    Response response = response_to(request, 551);
    response.headers.add("Unsupported", *require);
    write(response);
  } else if (const auto session = request.headers.find("Session");
             session && (session_id_.empty() ||
                         !detail::equal_in_constant_time(
                             trim(session->substr(0, session->find(';'))), session_id_))) {
    respond(request, 454);
  } else {
    return true;
  }
  return false;
}

Result<void> ServerSession::handle(const Request& request) {
  if (!acceptable(request)) return {};
  switch (request.method) {
    case Method::options: {
      Response response = response_to(request);
      response.headers.add("Public", kPublic);
      write(response);
      break;
    }
    case Method::describe:
      return handle_describe(request);
    case Method::announce:
      return handle_announce(request);
    case Method::setup:
      return handle_setup(request);
    case Method::play:
      handle_play(request);
      break;
    case Method::record:
      handle_record(request);
      break;
    case Method::pause:
      handle_pause(request);
      break;
    case Method::teardown:
      handle_teardown(request);
      break;
    case Method::get_parameter:
    case Method::set_parameter:
      handle_parameters(request);
      break;
    case Method::redirect:
    case Method::unknown: {
      Response response = response_to(request, 405);
      response.headers.add("Allow", kPublic);
      write(response);
      break;
    }
  }
  return {};
}

// False where the request has been answered. An error ends the connection: too many guesses.
Result<bool> ServerSession::authorized(const Request& request, const std::string& path,
                                       Access access) {
  if (grant_ == Grant{path, access}) return true;
  switch (auth_.check(request, path, access, now_, user_)) {
    case ServerAuth::Verdict::granted:
      grant_ = Grant{path, access};
      return true;
    case ServerAuth::Verdict::forbidden:
      ++denied_;
      respond(request, 403);
      return false;
    case ServerAuth::Verdict::contradicted:
      respond(request, 400);
      return false;
    case ServerAuth::Verdict::wrong:
      ++denied_;
      ++wrong_passwords_;
      break;
    case ServerAuth::Verdict::challenge:
      break;
  }
  Response response = response_to(request, 401);
  auth_.add_challenges(response.headers, now_);
  write(response);
  if (wrong_passwords_ >= kWrongPasswordsMax)
    return fail(Errc::invalid_argument, "rtsp: {} wrong passwords", wrong_passwords_);
  return false;
}

void ServerSession::await(const Request& request, server::Event event) {
  awaited_ = request;
  events_.push(std::move(event));
}

void ServerSession::answered() {
  awaited_.reset();
  last_request_ = last_activity_ = now_;
  // Too many guesses may come to light here; on_time() says so, at once.
  auto handled = handle_waiting();
  if (!handled) failure_ = std::move(handled).error();
}

void ServerSession::answer_describe(std::string_view sdp) {
  ASSERT(awaited_ && awaited_->method == Method::describe);
  Response response = response_to(*awaited_);
  // A slash behind the URI, query or not, so that players append controls as they should.
  if (auto target = parse_target(awaited_->uri);
      target && awaited_->uri.find("://") != std::string::npos)
    response.headers.add("Content-Base", target->base + "/");
  response.headers.add("Content-Type", "application/sdp");
  response.body = sdp;
  described_media_ = 0;
  for (std::string_view rest = sdp; !rest.empty();)
    if (cut(rest, '\n').starts_with("m=")) ++described_media_;
  write(response);
  answered();
}

void ServerSession::answer_announce() {
  ASSERT(awaited_ && awaited_->method == Method::announce);
  state_ = State::announced;
  respond(*awaited_, 200);
  answered();
}

void ServerSession::answer_setup(const SetupAnswer& answer) {
  ASSERT(awaited_ && awaited_->method == Method::setup && awaited_track_);
  if (session_id_.empty()) session_id_ = detail::random_hex(kSessionIdBytes);
  Transport& transport = awaited_track_->transport;
  transport.server_port = answer.server_port;
  transport.port = answer.port;
  transport.ttl = answer.ttl;
  transport.destination = answer.destination;
  transport.source = answer.source;
  transport.ssrc = answer.ssrc;
  Response response = response_to(*awaited_);
  response.headers.add("Transport", to_string(transport));
  tracks_.push_back(std::move(*awaited_track_));
  awaited_track_.reset();
  update_channels();
  if (state_ == State::init) state_ = State::ready;
  write(response);
  answered();
}

void ServerSession::answer_play(const std::vector<PlayStart>& starts,
                                const std::optional<Range>& range) {
  ASSERT(awaited_ && awaited_->method == Method::play);
  Response response = response_to(*awaited_);
  response.headers.add("Range",
                       to_string(range.value_or(NptRange{.start = {}, .now = true, .end = {}})));
  std::vector<RtpInfo> infos;
  for (const auto& start : starts)
    for (const auto& track : tracks_)
      if (track.index == start.track) infos.push_back({track.url, start.sequence, start.rtp_time});
  if (!infos.empty()) response.headers.add("RTP-Info", to_string(infos));
  state_ = State::playing;
  write(response);
  answered();
}

void ServerSession::answer_record() {
  ASSERT(awaited_ && awaited_->method == Method::record);
  state_ = State::recording;
  respond(*awaited_, 200);
  answered();
}

void ServerSession::answer_pause() {
  ASSERT(awaited_ && awaited_->method == Method::pause);
  state_ = state_ == State::recording ? State::announced : State::ready;
  respond(*awaited_, 200);
  answered();
}

void ServerSession::refuse(int status, std::string_view reason) {
  ASSERT(awaited_ && status >= 400);
  Response response = response_to(*awaited_, status);
  response.reason = reason;
  if (awaited_->method == Method::announce) announced_ = {};
  awaited_track_.reset();
  write(response);
  answered();
}

Response ServerSession::response_to(const Request& request, int status) const {
  Response response;
  response.status = status;
  if (const auto number = cseq(request.headers))
    response.headers.add("CSeq", std::to_string(*number));
  response.headers.add("Server", options_.name);
  if (!session_id_.empty())
    response.headers.add("Session", to_string(SessionId{session_id_, options_.session_timeout}));
  return response;
}

void ServerSession::respond(const Request& request, int status) {
  write(response_to(request, status));
}

void ServerSession::write(const Response& response) {
  output_.push_back(Bytes::copy(as_bytes(print(response))));
}

void ServerSession::end_session() {
  state_ = State::init;
  session_id_.clear();
  tracks_.clear();
  announced_ = {};
  channels_.fill(std::nullopt);
  update_channels();
}

void ServerSession::update_channels() {
  std::bitset<256> known;
  for (const auto& track : tracks_) {
    if (track.delivery != Delivery::tcp) continue;
    const auto& pair = *track.transport.interleaved;
    const auto index = static_cast<uint16_t>(track.index);  // parse_target() reads no more.
    channels_[pair.rtp] = Channel{index, false};
    channels_[pair.rtcp] = Channel{index, true};
    known.set(pair.rtp);
    known.set(pair.rtcp);
  }
  reader_.set_channels(known);
}

}  // namespace pasu::rtsp
