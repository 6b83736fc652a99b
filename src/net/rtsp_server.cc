#include "net/rtsp_server.h"

#include "net/address.h"
#include "net/detail/rtsp_connection.h"

namespace pasu::net {
namespace {

using detail::RtspConnection;
using detail::RtspContext;

// A reader has little to say, so what it is sent is what counts.
Result<std::unique_ptr<TcpListener>> listen(IoThreads& threads, const ListenOptions& where,
                                            std::shared_ptr<RtspContext> context,
                                            std::shared_ptr<TlsContext> tls) {
  return TcpListener::start(threads, where, [context, tls](TcpSocket socket) {
    Connection::start(std::move(socket), std::make_unique<RtspConnection>(context), {.tls = tls});
  });
}

}  // namespace

Result<void> check(const RtspMulticastOptions& options) {
  using Options = RtspMulticastOptions;
  const auto first = Address::parse(options.first_group, 0);
  // 224.0.0.x never leaves a network's wire (RFC 5771 4), and is the routers'.
  const bool group =
      first && first->is_v4() && first->is_multicast() &&
      !(first->ip[12] == 224 && first->ip[13] == 0 && first->ip[14] == 0) &&
      !(first->ip[12] == 239 && first->ip[13] == 255 && first->ip[14] == 255 && first->ip[15] != 0);
  if (!group) {
    return fail(Errc::invalid_argument,
                "'{}' is not the first of {} IPv4 multicast groups; 239.255.42.0 is one",
                options.first_group, Options::kGroups);
  }
  if (options.first_port % 2 != 0 || options.first_port == 0 ||
      options.first_port > Options::kFirstPortMax) {
    return fail(Errc::invalid_argument, "the first port must be even and from 2 to {}, {} is not",
                Options::kFirstPortMax, options.first_port);
  }
  if (options.ttl == 0) return fail(Errc::invalid_argument, "a TTL of 0 reaches nobody");
  return {};
}

struct RtspServer::State {
  std::shared_ptr<RtspContext> context;
  std::unique_ptr<TcpListener> listener, tls_listener;
};

Result<std::unique_ptr<RtspServer>> RtspServer::start(IoThreads& threads, hub::Registry& registry,
                                                      RtspServerOptions options) {
  auto state = std::make_unique<State>();
  state->context = std::make_shared<RtspContext>(registry, options);
  if (options.udp && options.plain) {
    state->context->udp = TRY(with_context(
        detail::RtspUdp::open(threads, options.plain->address, options.udp_port), "rtsp"));
  }
  if (options.multicast) {
    state->context->multicast =
        TRY(with_context(detail::RtspMulticast::create(threads, *options.multicast), "multicast"));
  }
  if (options.plain) {
    state->listener =
        TRY(with_context(listen(threads, *options.plain, state->context, nullptr), "rtsp"));
  }
  if (options.encrypted) {
    if (!options.tls) return fail(Errc::invalid_argument, "rtsps: no TLS is set up");
    state->tls_listener = TRY(
        with_context(listen(threads, *options.encrypted, state->context, options.tls), "rtsps"));
  }
  return std::unique_ptr<RtspServer>(new RtspServer(std::move(state)));
}

RtspServer::RtspServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

RtspServer::~RtspServer() {
  state_->listener.reset();
  state_->tls_listener.reset();
  state_->context->stop();
}

uint16_t RtspServer::port() const { return state_->listener ? state_->listener->port() : 0; }
uint16_t RtspServer::tls_port() const {
  return state_->tls_listener ? state_->tls_listener->port() : 0;
}

RtspServerStats RtspServer::stats() const {
  const RtspContext& context = *state_->context;
  RtspServerStats out;
  out.connections = context.connections();
  out.readers_tcp = context.readers_tcp;
  out.readers_udp = context.readers_udp;
  out.readers_multicast = context.readers_multicast;
  out.publishers = context.publishers;
  if (context.udp) out.datagrams_dropped = context.udp->dropped();
  if (context.multicast) {
    out.groups = context.multicast->sending();
    out.datagrams_dropped += context.multicast->dropped();
  }
  return out;
}

}  // namespace pasu::net
