#include "wire/rtmp/server_session.h"

#include <algorithm>

#include "base/assert.h"
#include "wire/rtmp/detail/enhanced.h"

namespace pasu::rtmp {
namespace {

constexpr uint32_t kWindowBytes = 5'000'000;

std::string text_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member != nullptr ? std::string(member->text()) : std::string();
}

}  // namespace

ServerSession::ServerSession(MonoTime now, const Timeouts& timeouts)
    : link_(Handshake::Role::server), timeouts_(timeouts), waiting_since_(now), commands_at_(now) {}

bool ServerSession::asking() const {
  return state_ == State::connect_asked || state_ == State::publish_asked ||
         state_ == State::play_asked;
}

Result<void> ServerSession::receive(ByteView bytes, MonoTime now) {
  if (state_ == State::ended) return {};
  TRY(with_context(link_.receive(bytes, now), "RTMP client"));
  TRY(with_context(process(now), "RTMP client"));
  if (asking() && link_.waiting_bytes() > kWaitingBytesMax) {
    return fail(Errc::too_large, "RTMP client: over {} bytes sent before it was accepted",
                kWaitingBytesMax);
  }
  return {};
}

std::optional<ServerSession::Event> ServerSession::next_event() {
  if (events_.empty()) return {};
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<MonoTime> ServerSession::deadline() const {
  switch (state_) {
    case State::publishing:
      return media_at_ + timeouts_.media;
    case State::playing:
      return std::min(pinged_ + timeouts_.ping,
                      link_.heard().value_or(pinged_) + timeouts_.silence);
    case State::ended:
      return {};
    default:
      return waiting_since_ + timeouts_.setup;
  }
}

Result<void> ServerSession::on_time(MonoTime now) {
  const auto at = deadline();
  if (!at || now < *at) return {};
  switch (state_) {
    case State::publishing:
      return fail(Errc::timeout, "RTMP client: no audio or video for {} s",
                  timeouts_.media.count());
    case State::playing:
      if (now >= link_.heard().value_or(pinged_) + timeouts_.silence) {
        return fail(Errc::timeout, "RTMP client: silent for {} s", timeouts_.silence.count());
      }
      pinged_ = now;
      link_.ping(now);
      return {};
    default:
      return fail(Errc::timeout, "RTMP client: neither published nor played within {} s",
                  timeouts_.setup.count());
  }
}

Result<void> ServerSession::process(MonoTime now) {
  while (!asking() && state_ != State::ended) {
    const auto message = link_.next_message();
    if (!message) break;
    TRY(handle(*message, now));
  }
  return {};
}

Result<void> ServerSession::handle(const Message& message, MonoTime now) {
  switch (message.type) {
    case MessageType::command_amf0:
    case MessageType::command_amf3:
      return handle_command(message, now);
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

void ServerSession::handle_media(const Message& message, MonoTime now) {
  // Players send data too; and publishers some before publish (SRS#681).
  if (state_ != State::publishing) return link_.count_ignored();
  const bool data =
      message.type == MessageType::data_amf0 || message.type == MessageType::data_amf3;
  if (!data) media_at_ = now;
  if (!reader_->push(message)) ++media_dropped_;
  take_media_events();
}

void ServerSession::take_media_events() {
  while (auto event = reader_->next()) {
    std::visit([&](auto&& e) { events_.emplace_back(std::forward<decltype(e)>(e)); },
               std::move(*event));
  }
}

Result<void> ServerSession::spend_command(MonoTime now) {
  const std::chrono::duration<double> passed = now - commands_at_;
  commands_at_ = now;
  commands_left_ =
      std::min<double>(kCommandsMax, commands_left_ + passed.count() * kCommandsPerSecond);
  commands_left_ -= 1;
  if (commands_left_ >= 0) return {};
  return fail(Errc::too_large, "over {} commands in a row", kCommandsMax);
}

Result<void> ServerSession::handle_command(const Message& message, MonoTime now) {
  TRY(spend_command(now));
  auto parsed = parse_command(message.type, message.payload);
  if (state_ == State::start) {
    const Command command = TRY(std::move(parsed));
    if (command.name != "connect") {
      return fail(Errc::malformed, "command {:.32} before connect", command.name);
    }
    on_connect(command);
    return {};
  }
  // Of a value that cannot be read the rest of the connection is none the worse (SRS#3803).
  if (!parsed) {
    link_.count_ignored();
    return {};
  }
  const Command& command = *parsed;
  if (command.name == "createStream") {
    on_create_stream(command);
  } else if (command.name == "publish") {
    on_publish(command, message.stream_id);
  } else if (command.name == "play" || command.name == "play2") {
    if (command.arg(0).get<bool>() != nullptr) {  // play(false) ends a play list (7.2.2.1).
      stop_stream(message.stream_id, now);
    } else {
      on_play(command, message.stream_id);
    }
  } else if (command.name == "deleteStream") {
    const double id = command.arg(0).number();
    if (id >= 1 && id <= static_cast<double>(kStreamsMax)) {
      streams_[static_cast<size_t>(id)] = false;
      stop_stream(static_cast<uint32_t>(id), now);
    }
  } else if (command.name == "closeStream") {
    stop_stream(message.stream_id, now);
  } else if (command.name == "pause" || command.name == "pauseRaw") {
    on_pause(command);
  } else if (command.name == "seek") {
    send_status(message.stream_id, {"error", "NetStream.Seek.Failed", "the stream is live"});
  } else if (command.name == "FCPublish") {
    on_fc_publish(command, "NetStream.Publish.Start");
  } else if (command.name == "FCUnpublish") {
    on_fc_publish(command, "NetStream.Unpublish.Success");
  } else if (command.name == "FCSubscribe") {
    link_.send_command(
        {"onFCSubscribe",
         0,
         Null{},
         {to_object({"status", "NetStream.Play.Start", std::string(command.arg(0).text())})}});
  } else if (command.name == "getStreamLength") {
    reply(command, 0.0);  // Live: no length.
  } else if (command.name == "releaseStream" || command.name == "_checkbw" ||
             command.name == "FCUnsubscribe") {
    reply(command, Undefined{});
  } else {
    link_.count_ignored();
  }
  return {};
}

void ServerSession::on_connect(const Command& command) {
  Connect connect;
  connect.app = text_of(command.object, "app");
  connect.tc_url = text_of(command.object, "tcUrl");
  connect.client = text_of(command.object, "flashVer");
  if (connect.app.empty()) {
    if (const auto url = Url::parse(connect.tc_url)) connect.app = url->app;
  }
  connect.credentials = query_credentials(connect.app, {});
  connect.enhanced = has_enhanced(command.object);
  connect.fourccs = read_fourccs(command.object);
  app_ = connect.app;
  enhanced_ = connect.enhanced;
  connect_transaction_ = command.transaction;
  const Value* encoding = command.object.find("objectEncoding");
  object_encoding_ = encoding != nullptr ? encoding->number() : 0;
  state_ = State::connect_asked;
  events_.emplace_back(std::move(connect));
}

Result<void> ServerSession::accept_connect(MonoTime now) {
  ASSERT(state_ == State::connect_asked);
  state_ = State::connected;
  link_.send(chunk_control(MessageType::window_acknowledgement_size, kWindowBytes));
  link_.send(chunk_peer_bandwidth(kWindowBytes));
  link_.send(chunk_control(MessageType::set_chunk_size, kChunkBytesOut));
  Object info = to_object({"status", "NetConnection.Connect.Success", "the connection succeeded"});
  info.members.push_back({"objectEncoding", object_encoding_});
  if (enhanced_) put_enhanced(info);
  // Clients look for the words of Flash Media Server.
  const Object properties({{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31}, {"mode", 1}});
  link_.send_command({"_result", connect_transaction_, properties, {std::move(info)}});
  return with_context(process(now), "RTMP client");
}

void ServerSession::reject_connect(std::string_view description) {
  ASSERT(state_ == State::connect_asked);
  state_ = State::ended;
  link_.send(chunk_control(MessageType::set_chunk_size, kChunkBytesOut));
  link_.send_command(
      {"_error",
       connect_transaction_,
       Null{},
       {to_object({"error", "NetConnection.Connect.Rejected", std::string(description)})}});
  link_.send_command({"close", 0, Null{}, {}});
}

void ServerSession::on_create_stream(const Command& command) {
  for (uint32_t id = 1; id <= kStreamsMax; ++id) {
    if (streams_[id]) continue;
    streams_[id] = true;
    return reply(command, static_cast<double>(id));
  }
  refuse(command, fmt::format("over {} streams on one connection", kStreamsMax));
}

void ServerSession::on_publish(const Command& command, uint32_t stream_id) {
  if (state_ != State::connected) {
    return send_status(
        stream_id, {"error", "NetStream.Publish.BadName", "this connection has a stream already"});
  }
  Publish publish;
  publish.key = command.arg(0).text();
  publish.path = stream_path(app_, publish.key);
  publish.credentials = query_credentials(app_, publish.key);
  stream_id_ = stream_id;
  key_ = publish.key;
  state_ = State::publish_asked;
  events_.emplace_back(std::move(publish));
}

Result<void> ServerSession::accept_publish(MonoTime now) {
  ASSERT(state_ == State::publish_asked);
  state_ = State::publishing;
  media_at_ = now;
  reader_.emplace();
  link_.send(chunk_user_control({ControlEvent::stream_begin, stream_id_}));
  send_status(stream_id_,
              {"status", "NetStream.Publish.Start", fmt::format("{} is now published", key_)});
  return with_context(process(now), "RTMP client");
}

void ServerSession::reject_publish(Refusal why, std::string_view description) {
  ASSERT(state_ == State::publish_asked);
  state_ = State::ended;
  const char* code =
      why == Refusal::denied ? "NetStream.Publish.Denied" : "NetStream.Publish.BadName";
  send_status(stream_id_, {"error", code, std::string(description)});
}

void ServerSession::on_play(const Command& command, uint32_t stream_id) {
  // What StreamWriter makes is for message stream 1, which is the first that we give.
  if (state_ != State::connected || stream_id != 1) {
    return send_status(stream_id,
                       {"error", "NetStream.Play.Failed", "this connection has a stream already"});
  }
  Play play;
  play.key = command.name == "play2" ? text_of(command.arg(0), "streamName")
                                     : std::string(command.arg(0).text());
  play.path = stream_path(app_, play.key);
  play.credentials = query_credentials(app_, play.key);
  stream_id_ = stream_id;
  key_ = play.key;
  state_ = State::play_asked;
  events_.emplace_back(std::move(play));
}

Result<void> ServerSession::accept_play(MonoTime now) {
  ASSERT(state_ == State::play_asked);
  state_ = State::playing;
  pinged_ = now;
  link_.send(chunk_user_control({ControlEvent::stream_begin, stream_id_}));
  send_status(stream_id_, {"status", "NetStream.Play.Reset", fmt::format("playing {}", key_)});
  send_status(stream_id_, {"status", "NetStream.Play.Start", fmt::format("started {}", key_)});
  return with_context(process(now), "RTMP client");
}

void ServerSession::reject_play(Refusal why, std::string_view description) {
  ASSERT(state_ == State::play_asked);
  state_ = State::ended;
  const char* code =
      why == Refusal::not_found ? "NetStream.Play.StreamNotFound" : "NetStream.Play.Failed";
  send_status(stream_id_, {"error", code, std::string(description)});
}

void ServerSession::end_play(std::string_view description) {
  ASSERT(state_ == State::playing);
  link_.send(chunk_user_control({ControlEvent::stream_eof, stream_id_}));
  send_status(stream_id_, {"status", "NetStream.Play.UnpublishNotify", std::string(description)});
  send_status(stream_id_, {"status", "NetStream.Play.Stop", std::string(description)});
  state_ = State::ended;
}

void ServerSession::request_reconnect(std::string_view tc_url, std::string_view description) {
  if (!enhanced_) return;
  Object info =
      to_object({"status", "NetConnection.Connect.ReconnectRequest", std::string(description)});
  if (!tc_url.empty()) info.members.push_back({"tcUrl", tc_url});
  link_.send_command({"onStatus", 0, Null{}, {std::move(info)}});
}

void ServerSession::on_pause(const Command& command) {
  if (state_ != State::playing) return link_.count_ignored();
  const bool* flag = command.arg(0).get<bool>();
  const bool paused = flag == nullptr || *flag;
  send_status(stream_id_, {"status", paused ? "NetStream.Pause.Notify" : "NetStream.Unpause.Notify",
                           paused ? "paused" : "resumed"});
  events_.emplace_back(Pause{paused});
}

// Encoders of Flash Media Live Encoder's kind wait for the first.
void ServerSession::on_fc_publish(const Command& command, std::string_view status) {
  const char* name = command.name == "FCPublish" ? "onFCPublish" : "onFCUnpublish";
  reply(command, Undefined{});
  link_.send_command(
      {name,
       0,
       Null{},
       {to_object({"status", std::string(status), std::string(command.arg(0).text())})}});
}

void ServerSession::stop_stream(uint32_t stream_id, MonoTime now) {
  if (stream_id != stream_id_) return;
  if (state_ == State::publishing) {
    reader_->flush();
    take_media_events();
    reader_.reset();
    send_status(stream_id, {"status", "NetStream.Unpublish.Success",
                            fmt::format("{} is no longer published", key_)});
  } else if (state_ == State::playing) {
    send_status(stream_id, {"status", "NetStream.Play.Stop", fmt::format("stopped {}", key_)});
  } else {
    return;
  }
  state_ = State::connected;
  waiting_since_ = now;
  events_.emplace_back(Stopped{});
}

void ServerSession::refuse(const Command& command, std::string_view description) {
  link_.send_command(
      {"_error",
       command.transaction,
       Null{},
       {to_object({"error", "NetConnection.Call.Failed", std::string(description)})}});
}

void ServerSession::reply(const Command& command, Value value) {
  if (command.transaction == 0) return;  // 7.2.1.2: no answer is wanted.
  link_.send_command({"_result", command.transaction, Null{}, {std::move(value)}});
}

void ServerSession::send_status(uint32_t stream_id, Status status) {
  Object info = to_object(status);
  if (!key_.empty()) info.members.push_back({"details", key_});
  link_.send_command({"onStatus", 0, Null{}, {std::move(info)}}, stream_id);
}

}  // namespace pasu::rtmp
