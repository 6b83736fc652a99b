#include "net/detail/rtmp_server_session.h"

#include <algorithm>

#include <openssl/rand.h>

#include "base/log.h"
#include "wire/rtmp/fourcc.h"

namespace pasu::net::detail {
namespace {

using rtmp::Refusal;
using rtmp::ServerSession;
using Right = RtmpAccess::Right;

std::string random_secret() {
  std::string secret(32, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secret.size()));
  return secret;
}

metrics::Counter counter(const char* name, const char* help) {
  return metrics::registry().counter(name, help);
}

// Encoders say so (Adobe's was the first of them), players do not.
bool is_encoder(const ServerSession::Connect& connect) {
  return connect.client.starts_with("FMLE");
}

}  // namespace

RtmpServerShared::RtmpServerShared(hub::Registry& streams, RtmpAccess rights,
                                   const ServerSession::Timeouts& limits)
    : registry(streams),
      access(std::move(rights)),
      timeouts(limits),
      adobe(random_secret()),
      denied_total(counter("pasu_net_rtmp_denied_total",
                           "RTMP publishers and readers turned away for want of a right.")),
      refused_total(counter("pasu_net_rtmp_refused_total",
                            "RTMP publishers of a taken name, and readers of nothing to show.")),
      failed_total(counter("pasu_net_rtmp_failed_total", "RTMP connections ended by an error.")),
      media_dropped_total(counter("pasu_net_rtmp_media_dropped_total",
                                  "Messages of RTMP publishers that could not be read.")),
      lost_total(
          counter("pasu_net_rtmp_lost_total", "Units that RTMP readers were too slow to get.")) {}

RtmpServerSession::RtmpServerSession(std::shared_ptr<RtmpServerShared> shared, MonoTime now)
    : shared_(std::move(shared)), machine_(now, shared_->timeouts) {}

RtmpServerSession::~RtmpServerSession() { stop_stream(); }

Result<void> RtmpServerSession::on_start(Connection& connection, MonoTime) {
  connection_ = &connection;
  peer_ = connection.peer().text();
  std::lock_guard lock(shared_->mutex);
  if (shared_->stopping) return fail(Errc::cancelled, "the server stops");
  shared_->connections[&connection] = connection.weak_from_this();
  return {};
}

Result<void> RtmpServerSession::on_bytes(ByteView bytes, MonoTime now) {
  const Result<void> received = machine_.receive(bytes, now);
  // What was whole before the error counts.
  const Result<void> handled = handle_events(now);
  send_output();
  return received ? handled : received;
}

Result<void> RtmpServerSession::on_time(MonoTime now) {
  TRY(machine_.on_time(now));
  send_output();
  return {};
}

Result<void> RtmpServerSession::on_drained(MonoTime) {
  feed();
  return {};
}

void RtmpServerSession::on_news() { feed(); }

void RtmpServerSession::on_end(const Error* why) {
  // Players leave by closing with bytes unread, which the kernel calls a reset; and who has been
  // told all may leave in any way.
  const bool left = why == nullptr || why->code() == Errc::io || why->code() == Errc::cancelled;
  if (!left && !good_bye_) {
    ++shared_->failed;
    shared_->failed_total.add();
    log::info("rtmp: {}: {}", peer_, why->message());
  }
  stop_stream();
  shared_->media_dropped_total.add(static_cast<double>(machine_.media_dropped()));
  std::lock_guard lock(shared_->mutex);
  shared_->connections.erase(connection_);
}

void RtmpServerSession::send_output() {
  for (Bytes& bytes : machine_.take_output()) connection_->send(std::move(bytes));
}

void RtmpServerSession::say_good_bye() {
  send_output();
  good_bye_ = true;
  connection_->close_when_sent();
}

Result<void> RtmpServerSession::handle_events(MonoTime now) {
  while (auto event = machine_.next_event()) {
    TRY(std::visit([&](auto&& e) { return handle(std::forward<decltype(e)>(e), now); },
                   std::move(*event)));
  }
  return {};
}

// Rights.

std::optional<std::string> RtmpServerSession::check_login(const ServerSession::Connect& connect,
                                                          MonoTime now) {
  if (!shared_->access.password_of) return {};
  if (const auto attempt = rtmp::AdobeAuth::attempt(connect.app)) {
    shared_->login_requests.forget(connection_->peer(), connect.app);
    if (!attempt->has_proof) return shared_->adobe.challenge(connect.app);
    const auto password = shared_->access.password_of(attempt->user);
    if (!password || !shared_->adobe.verify(connect.app, *password)) {
      ++shared_->denied;
      shared_->denied_total.add();
      log::warn("rtmp: {}: wrong user or password", peer_);
      return rtmp::AdobeAuth::failure();
    }
    login_ = rtmp::Credentials{attempt->user, *password};
    return {};
  }
  const bool open =
      shared_->access.allows && shared_->access.allows({Right::publish,
                                                        rtmp::stream_path(connect.app, {}),
                                                        {},
                                                        connection_->peer(),
                                                        connection_->encrypted()});
  if (!connect.credentials.empty() || !is_encoder(connect) || open) return {};
  if (shared_->login_requests.ask(connection_->peer(), connect.app, now))
    return shared_->adobe.challenge(connect.app);
  log::info("rtmp: {}: asked for a login it comes again without one; its stream's name may hold it",
            peer_);
  return {};
}

bool RtmpServerSession::allowed(Right right, const std::string& path,
                                const rtmp::Credentials& credentials) {
  const auto& shown = login_ ? *login_ : credentials;
  if (shared_->access.allows &&
      shared_->access.allows({right, path, shown, connection_->peer(), connection_->encrypted()})) {
    return true;
  }
  ++shared_->denied;
  shared_->denied_total.add();
  log::warn("rtmp: {} may not {} {}", peer_, right == Right::read ? "read" : "publish", path);
  return false;
}

Result<void> RtmpServerSession::handle(ServerSession::Connect connect, MonoTime now) {
  fourccs_ = std::move(connect.fourccs);
  app_ = connect.app;
  if (const auto refusal = check_login(connect, now)) {
    machine_.reject_connect(*refusal);
    say_good_bye();
    return {};
  }
  return machine_.accept_connect(now);
}

// Publishers.

Result<void> RtmpServerSession::handle(ServerSession::Publish publish, MonoTime now) {
  const auto refuse = [&](Refusal why, std::string_view description) -> Result<void> {
    machine_.reject_publish(why, description);
    say_good_bye();
    return {};
  };
  if (!allowed(Right::publish, publish.path, publish.credentials)) {
    if (!login_ && publish.credentials.empty())
      shared_->login_requests.forget(connection_->peer(), app_);
    return refuse(Refusal::denied, "not authorized to publish here: wrong user or password?");
  }
  auto publication = shared_->registry.publish(publish.path);
  if (!publication) {
    ++shared_->refused;
    shared_->refused_total.add();
    log::warn("rtmp: {}: {}", peer_, publication.error().message());
    return refuse(Refusal::busy, publication.error().message());
  }
  publication_ = std::move(*publication);
  ++shared_->publishers;
  log::info("rtmp: {} publishes {}", peer_, publish.path);
  connection_->read_in_rounds();
  return machine_.accept_publish(now);
}

Result<void> RtmpServerSession::handle(rtmp::StreamsChanged changed, MonoTime) {
  if (!publication_) return {};
  return publication_->set_tracks(std::move(changed.streams));
}

Result<void> RtmpServerSession::handle(media::AccessUnit unit, MonoTime) {
  if (publication_) publication_->publish(std::move(unit));
  return {};
}

Result<void> RtmpServerSession::handle(rtmp::Data, MonoTime) { return {}; }

Result<void> RtmpServerSession::handle(ServerSession::Stopped, MonoTime) {
  stop_stream();
  return {};
}

void RtmpServerSession::stop_stream() {
  if (publication_) {
    log::info("rtmp: {} no longer publishes {}", peer_, publication_->stream().name());
    publication_.reset();
    --shared_->publishers;
  }
  if (stream_) {
    connection_->thread().fan_out().unfollow(*stream_, *this);
    shared_->lost_total.add(static_cast<double>(reader_->lost()));
    reader_.reset();
    stream_.reset();
    --shared_->readers;
  }
}

// Readers.

Result<void> RtmpServerSession::handle(ServerSession::Play play, MonoTime now) {
  const auto refuse = [&](Refusal why, std::string_view description) -> Result<void> {
    machine_.reject_play(why, description);
    say_good_bye();
    return {};
  };
  if (!allowed(Right::read, play.path, play.credentials)) {
    return refuse(Refusal::denied, "not authorized to read here: wrong user or password?");
  }
  auto stream = shared_->registry.find(play.path);
  state_seen_ = stream ? stream->state_version() : 0;
  const auto state = stream ? stream->state() : hub::StreamState();
  const auto fits = stream ? check_codecs(state) : fail(Errc::not_found, "no such stream");
  if (!fits) {
    ++shared_->refused;
    shared_->refused_total.add();
    return refuse(stream ? Refusal::denied : Refusal::not_found, fits.error().message());
  }
  TRY(machine_.accept_play(now));
  send_output();
  header_sent_ = 0;
  ending_ = paused_ = false;
  stream_ = std::move(stream);
  reader_ = stream_->read_rtmp();
  ++shared_->readers;
  connection_->thread().fan_out().follow(stream_, *this);
  connection_->flush();
  feed();
  return {};
}

Result<void> RtmpServerSession::handle(ServerSession::Pause pause, MonoTime) {
  if (paused_ == pause.paused || !reader_) return {};
  paused_ = pause.paused;
  // It goes on with what is live then.
  if (!paused_) {
    reader_ = stream_->read_rtmp();
    send_output();
    connection_->flush();
    feed();
  }
  return {};
}

// Sound that a reader does not know it passes over; of pictures it does not know it would show
// nothing.
Result<void> RtmpServerSession::check_codecs(const hub::StreamState& state) const {
  if (state.generation == 0) return {};
  const auto carried = hub::rtmp_tracks(*state.tracks);
  if (carried.empty()) {
    return fail(Errc::unsupported, "RTMP can carry none of this stream's codecs: use RTSP");
  }
  const auto& first = (*state.tracks)[carried.front()];
  const rtmp::WireCodec& codec = *rtmp::find_codec(first);
  const bool known =
      codec.flv_id >= 0 || std::ranges::find(fourccs_, codec.fourcc) != fourccs_.end();
  if (known) return {};
  return fail(Errc::unsupported,
              "this stream is {}: it needs a player with Enhanced RTMP for {}, or RTSP",
              first.codec_name, rtmp::to_text(codec.fourcc));
}

// What is new goes to the kernel while that takes all of it. What it does not take at once waits,
// and the reader's place in the stream with it.
void RtmpServerSession::feed() {
  if (!reader_) return;
  if (!ending_ && stream_->state_version() != state_seen_ && !look_at_state()) return;
  if (!paused_) send_items();
  if (ending_ && (paused_ || connection_->unsent_bytes() == 0 || !reader_->has_news())) {
    end_play(stream_->state().end_reason);
  }
}

// False where the reader had to leave.
bool RtmpServerSession::look_at_state() {
  state_seen_ = stream_->state_version();
  const auto state = stream_->state();
  ending_ = state.ended;
  const auto fits = check_codecs(state);
  if (fits) return true;
  ++shared_->refused;
  shared_->refused_total.add();
  end_play(fits.error().message());
  return false;
}

void RtmpServerSession::send_items() {
  static thread_local std::vector<hub::RtmpItem> items;
  while (connection_->unsent_bytes() == 0 && reader_->has_news()) {
    items.clear();
    if (reader_->take({}, items) == 0) return;
    for (hub::RtmpItem& item : items) {
      if (header_sent_ != item.generation && !item.header.empty()) {
        header_sent_ = item.generation;
        connection_->send(std::move(item.header));
      }
      connection_->send(std::move(item.data));
    }
    items.clear();
    connection_->flush();
  }
}

void RtmpServerSession::end_play(std::string_view reason) {
  machine_.end_play(reason);
  stop_stream();
  say_good_bye();
  connection_->flush();
}

}  // namespace pasu::net::detail
