#include "node/streaming.h"

#include <algorithm>
#include <thread>

#include "base/log.h"

namespace pasu::node {
namespace {

// Sockets cost little beside pictures; two threads keep one slow handshake from holding up all.
size_t io_thread_count() { return std::clamp(std::thread::hardware_concurrency(), 2u, 4u); }

BoxesOptions boxes_options(const StreamingConfig& config) {
  BoxesOptions out;
  out.height = static_cast<int>(config.boxes_height);
  out.fps = config.boxes_fps;
  out.bit_rate = config.boxes_kbits * 1000;
  return out;
}

net::ListenOptions listen_at(const ServerConfig& config, int64_t port) {
  net::ListenOptions out;
  // The page's "every network" is every network of both families here, too.
  out.address = config.listen == "0.0.0.0" ? "::" : config.listen;
  out.port = static_cast<uint16_t>(port);
  return out;
}

// A constant-time comparison would be of little use where the address carries the password.
bool proves(const StreamAccess& access, const rtmp::Credentials& shown) {
  const auto password = access.password_of(shown.user);
  return password && *password == shown.password;
}

}  // namespace

std::optional<net::RtspMulticastOptions> multicast_options(const StreamingConfig& config) {
  if (config.multicast_group.empty()) return std::nullopt;
  net::RtspMulticastOptions out;
  out.first_group = config.multicast_group;
  out.first_port = static_cast<uint16_t>(config.multicast_port);
  out.ttl = static_cast<uint8_t>(config.multicast_ttl);
  return out;
}

Streaming::Streaming(std::vector<UserConfig> users, const StreamingConfig& config)
    : boxes_(boxes_options(config)), access_(std::move(users)), threads_(io_thread_count()) {}

Result<std::unique_ptr<Streaming>> Streaming::start(const ServerConfig& config) {
  const StreamingConfig& streaming = config.streaming;
  const bool any = streaming.rtsp_port > 0 || streaming.rtsps_port > 0 || streaming.rtmp_port > 0 ||
                   streaming.rtmps_port > 0;
  std::vector<UserConfig> users = config.users;
  if (any && users.empty()) {
    users.push_back(TRY(first_user(config.data)));
    log::info("RTSP and RTMP: user '{}' reads everything; the password is in {}/stream_password",
              users.front().name, config.data);
  }
  std::shared_ptr<net::TlsContext> tls;
  if (streaming.rtsps_port > 0 || streaming.rtmps_port > 0) {
    net::TlsServerOptions options;
    options.certificate_file = streaming.certificate;
    options.key_file = streaming.key;
    options.own_directory = config.data;
    tls = TRY(with_context(net::TlsContext::server(options), "streaming.certificate"));
  }
  std::unique_ptr<Streaming> out(new Streaming(std::move(users), streaming));
  TRY(with_context(out->start_rtsp(config, tls), "streaming.rtsp_port"));
  TRY(with_context(out->start_rtmp(config, tls), "streaming.rtmp_port"));
  return out;
}

Result<void> Streaming::start_rtsp(const ServerConfig& config,
                                   const std::shared_ptr<net::TlsContext>& tls) {
  const StreamingConfig& streaming = config.streaming;
  if (streaming.rtsp_port == 0 && streaming.rtsps_port == 0) return {};
  net::RtspServerOptions options;
  options.plain.reset();
  if (streaming.rtsp_port > 0) options.plain = listen_at(config, streaming.rtsp_port);
  if (streaming.rtsps_port > 0) options.encrypted = listen_at(config, streaming.rtsps_port);
  options.tls = tls;
  options.multicast = multicast_options(streaming);
  options.auth.password_of = [this](std::string_view user) { return access_.password_of(user); };
  options.auth.may = [this](std::string_view user, std::string_view path, rtsp::Access access) {
    return access == rtsp::Access::publish ? access_.may_publish(user, path)
                                           : access_.may_read(user, path);
  };
  rtsp_ = TRY(net::RtspServer::start(threads_, registry_, std::move(options)));
  return {};
}

Result<void> Streaming::start_rtmp(const ServerConfig& config,
                                   const std::shared_ptr<net::TlsContext>& tls) {
  const StreamingConfig& streaming = config.streaming;
  if (streaming.rtmp_port == 0 && streaming.rtmps_port == 0) return {};
  net::RtmpServerOptions options;
  if (streaming.rtmp_port > 0) options.plain = listen_at(config, streaming.rtmp_port);
  if (streaming.rtmps_port > 0) options.encrypted = listen_at(config, streaming.rtmps_port);
  options.tls = tls;
  net::RtmpAccess access;
  access.allows = [this](const net::RtmpAccess::Request& request) {
    // A wrong password is not the same as none.
    const bool shown = !request.credentials.user.empty();
    if (shown && !proves(access_, request.credentials)) return false;
    return request.right == net::RtmpAccess::Right::publish
               ? access_.may_publish(request.credentials.user, request.path)
               : access_.may_read(request.credentials.user, request.path);
  };
  access.password_of = [this](const std::string& user) { return access_.password_of(user); };
  rtmp_ = TRY(net::RtmpServer::start(threads_, registry_, std::move(options), std::move(access)));
  return {};
}

}  // namespace pasu::node
