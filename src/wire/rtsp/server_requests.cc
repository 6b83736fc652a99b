// What a ServerSession makes of each method.
#include <algorithm>

#include "wire/detail/text.h"
#include "wire/rtsp/detail/target.h"
#include "wire/rtsp/server_session.h"
#include "wire/rtsp/url.h"

namespace pasu::rtsp {

using detail::parse_target;
using detail::without_host;
using detail::without_last_slash;
using wire::detail::starts_ignoring_case;
using wire::detail::trim;

Result<void> ServerSession::handle_describe(const Request& request) {
  const auto target = parse_target(request.uri);
  if (!target) {
    respond(request, 400);
    return {};
  }
  if (!TRY(authorized(request, target->path, Access::read))) return {};
  await(request, server::Describe{target->path, target->query, user_});
  return {};
}

Result<void> ServerSession::handle_announce(const Request& request) {
  const auto target = parse_target(request.uri);
  const auto type = request.headers.find("Content-Type");
  if (!target) {
    respond(request, 400);
  } else if (state_ != State::init) {
    respond(request, 455);
  } else if (type && !starts_ignoring_case(*type, "application/sdp")) {
    respond(request, 415);
  } else if (TRY(authorized(request, target->path, Access::publish))) {
    auto session = sdp::parse(request.body);
    if (!session || session->media.empty() || session->media.size() > kTracksMax) {
      respond(request, 400);
      return {};
    }
    announced_ = std::move(*session);
    announced_uri_ = request.uri;
    path_ = target->path;
    await(request, server::Announce{target->path, target->query, user_, announced_});
  }
  return {};
}

// The track a SETUP names. A publisher's controls are its own; a reader's are control_of(), or
// nothing where the description has one track only.
std::optional<size_t> ServerSession::track_of(const Request& request,
                                              const detail::Target& target) const {
  if (state_ != State::announced) {
    if (target.track) return target.track;
    return described_media_ == 1 ? std::optional<size_t>(0) : std::nullopt;
  }
  const auto url = Url::parse(announced_uri_);
  if (!url) return std::nullopt;
  const std::string base = url->request_uri();
  const std::string_view wanted = without_last_slash(without_host(request.uri));
  for (size_t i = 0; i < announced_.media.size(); ++i) {
    const std::string control = control_url(*url, base, announced_.media[i].control());
    if (without_last_slash(without_host(control)) == wanted) return i;
  }
  return std::nullopt;
}

std::optional<Transport> ServerSession::choose_transport(
    const std::vector<Transport>& wanted) const {
  for (Transport transport : wanted) {
    // One session travels one way (net/ has one kind of sender for each).
    if (!tracks_.empty() && tracks_.front().delivery != transport.delivery) continue;
    transport.record = state_ == State::announced;
    transport.destination.clear();
    transport.source.clear();
    transport.server_port.reset();
    transport.ssrc.reset();
    switch (transport.delivery) {
      case Delivery::tcp:
        transport.client_port.reset();
        transport.interleaved = channels_for(transport.interleaved);
        if (!transport.interleaved) continue;
        break;
      case Delivery::udp:
        transport.interleaved.reset();
        if (!options_.udp || !transport.client_port) continue;
        break;
      case Delivery::multicast:
        transport.interleaved.reset();
        transport.port.reset();
        transport.ttl.reset();
        if (!options_.multicast || transport.record) continue;
        break;
    }
    return transport;
  }
  return std::nullopt;
}

std::optional<Pair<uint8_t>> ServerSession::channels_for(
    const std::optional<Pair<uint8_t>>& wanted) const {
  if (wanted && !channels_[wanted->rtp] && !channels_[wanted->rtcp]) return wanted;
  for (unsigned first = 0; first < channels_.size(); first += 2)
    if (!channels_[first] && !channels_[first + 1])
      return Pair<uint8_t>{static_cast<uint8_t>(first), static_cast<uint8_t>(first + 1)};
  return std::nullopt;
}

Result<void> ServerSession::handle_setup(const Request& request) {
  const auto target = parse_target(request.uri);
  if (!target) {
    respond(request, 400);
    return {};
  }
  if (state_ == State::playing || state_ == State::recording) {
    respond(request, 455);
    return {};
  }
  const bool publish = state_ == State::announced;
  const std::string& path = publish ? path_ : target->path;
  if (!TRY(authorized(request, path, publish ? Access::publish : Access::read))) return {};
  const auto track = track_of(request, *target);
  const bool taken = std::any_of(tracks_.begin(), tracks_.end(),
                                 [&](const Track& other) { return other.index == track; });
  const auto wanted = parse_transport(request.headers.find("Transport").value_or(""));
  const auto transport = wanted ? choose_transport(*wanted) : std::nullopt;
  if (!track) {
    respond(request, publish ? 404 : 459);
  } else if (!tracks_.empty() && path != path_) {
    respond(request, 459);
  } else if (taken || tracks_.size() >= kTracksMax) {
    // CVE-2021-38381: a second SETUP of a track never touches the first.
    respond(request, 455);
  } else if (!transport) {
    respond(request, 461);
  } else {
    awaited_track_ = Track{*track, transport->delivery, request.uri, *transport};
    path_ = path;
    base_ = publish ? announced_uri_ : target->base;
    await(request, server::Setup{path, target->query, user_, *track, publish, *transport});
  }
  return {};
}

// False, and answered, where there is no session or the URI names only a part of it.
bool ServerSession::names_session(const Request& request) {
  if (session_id_.empty()) {
    respond(request, 454);
    return false;
  }
  const auto target = parse_target(request.uri);
  if (!target) {
    respond(request, 400);
  } else if (target->track && tracks_.size() > 1) {
    respond(request, 460);
  } else if (!target->path.empty() && target->path != path_ &&
             without_last_slash(without_host(request.uri)) !=
                 without_last_slash(without_host(base_))) {
    respond(request, 404);
  } else {
    return true;
  }
  return false;
}

void ServerSession::handle_play(const Request& request) {
  if (!names_session(request)) return;
  const bool reader = announced_.media.empty();
  if (!reader || (state_ != State::ready && state_ != State::playing)) return respond(request, 455);
  server::Play play;
  if (const auto text = request.headers.find("Range")) {
    auto range = parse_range(*text);
    // Units that are unknown are ignored (RFC 2326 12.29 would have 501; live streams play anyway).
    if (!range && range.error().code() != Errc::unsupported) return respond(request, 457);
    if (range) play.range = std::move(*range);
  }
  await(request, std::move(play));
}

void ServerSession::handle_record(const Request& request) {
  if (!names_session(request)) return;
  if (announced_.media.empty() || state_ != State::announced || tracks_.empty())
    return respond(request, 455);
  await(request, server::Record{});
}

void ServerSession::handle_pause(const Request& request) {
  if (!names_session(request)) return;
  if (state_ != State::playing && state_ != State::recording) return respond(request, 455);
  await(request, server::Pause{});
}

void ServerSession::handle_teardown(const Request& request) {
  if (!names_session(request)) return;
  respond(request, 200);
  end_session();
  events_.push(server::Teardown{});
}

// Without a body they are a ping (RFC 2326 10.8); parameters there are none.
void ServerSession::handle_parameters(const Request& request) {
  respond(request, trim(request.body).empty() ? 200 : 451);
}

}  // namespace pasu::rtsp
