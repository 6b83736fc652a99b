// What a ClientSession makes of the answers to its requests.
#include <algorithm>

#include "wire/rtsp/client_session.h"
#include "wire/rtsp/detail/target.h"

namespace pasu::rtsp {
namespace {

using detail::without_last_slash;

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

}  // namespace

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
      events_.push(client::Announced{});
      break;
    case Method::play:
      take_play(response);
      break;
    case Method::pause:
      events_.push(client::Paused{});
      break;
    case Method::record:
      events_.push(client::Recording{});
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
  events_.push(client::Redirected{*url});
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
  events_.push(client::Described{sdp_});
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
  // Known before the transport is judged, so that teardown() ends what the server has begun.
  if (!session_) {
    auto session = parse_session(response.headers.find("Session").value_or(""));
    if (!session)
      return tl::unexpected<Error>(std::move(session).error().with("rtsp: answer to SETUP"));
    session_ = std::move(*session);
    keep_alive_at_ = now + session_->timeout / 2;
  }
  std::string problem;
  const auto transport = agreed_transport(request, response, problem);
  if (!transport) {
    refuse_track(request, 461, std::move(problem));
    return {};
  }
  if (transport->delivery == Delivery::tcp) {
    const auto media = static_cast<uint16_t>(request.track.media);  // Under Session::kMediaMax.
    channels_[transport->interleaved->rtp] = Channel{media, false};
    channels_[transport->interleaved->rtcp] = Channel{media, true};
    std::bitset<256> known;
    for (size_t i = 0; i < channels_.size(); ++i) known[i] = channels_[i].has_value();
    reader_.set_channels(known);
  }
  tracks_.push_back({request.track.media, request.uri});
  events_.push(client::TrackReady{request.track.media, *transport});
  return {};
}

void ClientSession::refuse_track(const Outgoing& request, int status, std::string reason) {
  if (request.track.required) waiting_.clear();
  events_.push(
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
  events_.push(std::move(playing));
}

tl::unexpected<Error> ClientSession::refused(const Outgoing& request,
                                             const Response& response) const {
  return fail(code_of(response.status), "rtsp: {} {}: {} {}{}", to_string(request.method),
              request.uri, response.status,
              response.reason.empty() ? reason_phrase(response.status) : response.reason,
              remedy(response.status));
}

}  // namespace pasu::rtsp
