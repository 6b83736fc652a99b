#include "wire/rtmp/client_session.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/rtmp/adobe_auth.h"
#include "wire/rtmp/detail/big_endian.h"
#include "wire/rtmp/detail/enhanced.h"

namespace pasu::rtmp {
namespace {

// Transactions are numbered by what they are for.
constexpr double kConnect = 1, kReleaseStream = 2, kFcPublish = 3, kCreateStream = 4, kStart = 5,
                 kFcUnpublish = 6, kDeleteStream = 7;
constexpr uint32_t kWindowBytes = 2'500'000;
constexpr uint32_t kBufferMs = 3000;

// The stream's name without its query, as releaseStream and the like have it too.
Errc code_of(const Status& status) {
  if (status.code == "NetStream.Play.StreamNotFound") return Errc::not_found;
  if (status.code == "NetStream.Publish.BadName") return Errc::exists;
  // There is no code for players; servers have words of their own.
  if (status.code == "NetStream.Publish.Denied" ||
      status.description.find("auth") != std::string::npos) {
    return Errc::invalid_argument;
  }
  return Errc::unavailable;
}

tl::unexpected<Error> refused(const Status& status) {
  return fail(code_of(status), "refused by the server: {}{}{}", status.code,
              status.description.empty() ? "" : ": ", status.description);
}

}  // namespace

ClientSession::ClientSession(Url url, Options options, MonoTime now)
    : link_(Handshake::Role::client),
      url_(std::move(url)),
      options_(std::move(options)),
      step_at_(now),
      media_at_(now) {}

void ClientSession::step(State state, MonoTime now) {
  state_ = state;
  step_at_ = now;
}

Result<void> ClientSession::receive(ByteView bytes, MonoTime now) {
  if (state_ == State::ended) return {};
  TRY(with_context(link_.receive(bytes, now), "RTMP server"));
  if (state_ == State::handshake && link_.established()) {
    step(State::connecting, now);
    send_connect();
  }
  while (const auto message = link_.next_message()) {
    TRY(with_context(handle(*message, now), "RTMP server"));
  }
  return {};
}

std::optional<ClientSession::Event> ClientSession::next_event() {
  if (events_.empty()) return {};
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<MonoTime> ClientSession::deadline() const {
  if (state_ == State::ended) return {};
  if (state_ != State::started) return step_at_ + options_.setup;
  if (options_.mode == Mode::publish) return {};
  return media_at_ + options_.media;
}

Result<void> ClientSession::on_time(MonoTime now) {
  const auto at = deadline();
  if (!at || now < *at) return {};
  if (state_ == State::started) {
    return fail(Errc::timeout, "RTMP server: no audio or video for {} s", options_.media.count());
  }
  constexpr const char* kSteps[] = {"handshake", "connect", "createStream", "play or publish"};
  return fail(Errc::timeout, "RTMP server: no answer to {} within {} s",
              kSteps[static_cast<size_t>(state_)], options_.setup.count());
}

Result<void> ClientSession::handle(const Message& message, MonoTime now) {
  switch (message.type) {
    case MessageType::command_amf0:
    case MessageType::command_amf3: {
      const auto command = parse_command(message.type, message.payload);
      if (command) return handle_command(*command, now);
      link_.count_ignored();
      return {};
    }
    case MessageType::audio:
    case MessageType::video:
    case MessageType::data_amf0:
    case MessageType::data_amf3:
    case MessageType::aggregate:
      handle_media(message, now);
      return {};
    default:
      link_.count_ignored();
      return {};
  }
}

void ClientSession::handle_media(const Message& message, MonoTime now) {
  const bool data =
      message.type == MessageType::data_amf0 || message.type == MessageType::data_amf3;
  const bool ready = state_ == State::started || state_ == State::starting;
  if (options_.mode != Mode::play || !ready) return link_.count_ignored();
  // Some servers send no NetStream.Play.Start.
  if (!data && state_ == State::starting) start(now);
  if (!data) media_at_ = now;
  if (!reader_.push(message)) ++media_dropped_;
  while (auto event = reader_.next()) {
    std::visit([&](auto&& e) { events_.emplace_back(std::forward<decltype(e)>(e)); },
               std::move(*event));
  }
}

Result<void> ClientSession::handle_command(const Command& command, MonoTime now) {
  if (command.name == "_result") return on_result(command, now);
  if (command.name == "_error") return on_error(command);
  if (command.name == "onStatus") return on_status(command.arg(0), now);
  if (command.name == "close") {
    events_.emplace_back(Stopped{"closed by the server"});
    state_ = State::ended;
    return {};
  }
  link_.count_ignored();
  return {};
}

Result<void> ClientSession::on_result(const Command& command, MonoTime now) {
  if (command.transaction == kConnect && state_ == State::connecting) {
    step(State::creating, now);
    send_create_stream();
  } else if (command.transaction == kCreateStream && state_ == State::creating) {
    const double id = command.arg(0).number(-1);
    if (!(id >= 0 && id <= UINT32_MAX)) {
      return fail(Errc::malformed, "createStream answered without a stream id");
    }
    stream_id_ = static_cast<uint32_t>(id);
    step(State::starting, now);
    send_start();
  } else {
    link_.count_ignored();
  }
  return {};
}

Result<void> ClientSession::on_error(const Command& command) {
  if (command.transaction == kConnect && state_ == State::connecting) {
    return on_connect_refused(command.arg(0));
  }
  // Servers that do not know releaseStream and its like say so.
  if (command.transaction != kCreateStream && command.transaction != kStart) {
    link_.count_ignored();
    return {};
  }
  return refused(parse_status(command.arg(0)));
}

Result<void> ClientSession::on_connect_refused(const Value& info) {
  const Status status = parse_status(info);
  const Value* extra = info.find("ex");
  const Value* redirect = extra != nullptr ? extra->find("redirect") : nullptr;
  if (redirect != nullptr && !redirect->text().empty()) {
    events_.emplace_back(Reconnect{std::string(redirect->text()), status.description});
    state_ = State::ended;
    return {};
  }
  const auto query = answer_adobe_auth(status.description, url_.credentials, options_.auth_query);
  if (!query) return refused(status);
  events_.emplace_back(Authenticate{*query});
  state_ = State::ended;
  return {};
}

Result<void> ClientSession::on_status(const Value& info, MonoTime now) {
  const Status status = parse_status(info);
  const std::string& code = status.code;
  if (code == "NetConnection.Connect.ReconnectRequest") {
    const Value* tc_url = info.find("tcUrl");
    events_.emplace_back(
        Reconnect{std::string(tc_url != nullptr ? tc_url->text() : ""), status.description});
  } else if (status.level == "error") {
    return refused(status);
  } else if (code == "NetStream.Play.Start" || code == "NetStream.Publish.Start") {
    if (state_ == State::starting) start(now);
  } else if (code == "NetStream.Play.Stop" || code == "NetStream.Play.Complete" ||
             code == "NetStream.Play.UnpublishNotify" || code == "NetStream.Unpublish.Success") {
    if (state_ != State::started) return {};
    reader_.flush();
    while (auto event = reader_.next()) {
      std::visit([&](auto&& e) { events_.emplace_back(std::forward<decltype(e)>(e)); },
                 std::move(*event));
    }
    events_.emplace_back(Stopped{status.description.empty() ? code : status.description});
    state_ = State::ended;
  }
  return {};
}

void ClientSession::start(MonoTime now) {
  step(State::started, now);
  media_at_ = now;
  events_.emplace_back(Started{});
}

void ClientSession::send_connect() {
  const bool publish = options_.mode == Mode::publish;
  link_.send(chunk_control(MessageType::set_chunk_size, kChunkBytesOut));
  Object object;
  const auto put = [&](const char* name, Value value) {
    object.members.push_back({name, std::move(value)});
  };
  put("app", url_.app + options_.auth_query);
  if (publish) put("type", "nonprivate");
  put("flashVer", publish ? "FMLE/3.0 (compatible; pasu)" : "LNX 9,0,124,2");
  put("tcUrl", url_.tc_url() + options_.auth_query);
  put("fpad", false);
  put("capabilities", 15);
  put("audioCodecs", 4071);  // SUPPORT_SND_*, RTMP 1.0 7.2.1.1: all but what is unused.
  put("videoCodecs", 252);   // SUPPORT_VID_*: likewise.
  put("videoFunction", 1);
  if (options_.enhanced) put_enhanced(object);
  link_.send_command({"connect", kConnect, std::move(object), {}});
}

void ClientSession::send_create_stream() {
  link_.send(chunk_control(MessageType::window_acknowledgement_size, kWindowBytes));
  if (options_.mode == Mode::publish) {
    link_.send_command({"releaseStream", kReleaseStream, Null{}, {url_.stream}});
    link_.send_command({"FCPublish", kFcPublish, Null{}, {url_.stream}});
  }
  link_.send_command({"createStream", kCreateStream, Null{}, {}});
}

void ClientSession::send_start() {
  if (options_.mode == Mode::publish) {
    link_.send_command({"publish", kStart, Null{}, {url_.stream, "live"}}, stream_id_);
    return;
  }
  constexpr double kLiveElseRecorded = -2000;  // 7.2.2.1: -2, in the milliseconds of practice.
  link_.send_command({"play", kStart, Null{}, {url_.stream, kLiveElseRecorded}}, stream_id_);
  std::vector<uint8_t> buffer;
  put_u16(buffer, static_cast<uint16_t>(ControlEvent::set_buffer_length));
  put_u32(buffer, stream_id_);
  put_u32(buffer, kBufferMs);
  link_.send(chunk_message({ChunkStream::control, MessageType::user_control, 0, 0}, buffer));
}

Result<void> ClientSession::set_streams(std::span<const media::StreamInfo> streams, media::Pts at) {
  ASSERT(state_ == State::started && options_.mode == Mode::publish);
  writer_ = TRY(StreamWriter::create(streams, stream_id_));
  link_.send(writer_->header(at));
  return {};
}

Result<void> ClientSession::write(const media::AccessUnit& unit) {
  ASSERT(writer_);
  if (state_ != State::started) return {};
  link_.send(TRY(writer_->write(unit)));
  last_dts_ = std::max(last_dts_, unit.dts);
  return {};
}

void ClientSession::stop() {
  if (state_ != State::started) return;
  if (writer_) link_.send(writer_->end(last_dts_));
  if (options_.mode == Mode::publish) {
    link_.send_command({"FCUnpublish", kFcUnpublish, Null{}, {url_.stream}});
  }
  link_.send_command({"deleteStream", kDeleteStream, Null{}, {static_cast<double>(stream_id_)}});
  state_ = State::ended;
}

}  // namespace pasu::rtmp
