#include "net/rtsp_server.h"

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

struct RtspServer::State {
  std::shared_ptr<RtspContext> context;
  std::unique_ptr<TcpListener> listener, tls_listener;
};

Result<std::unique_ptr<RtspServer>> RtspServer::start(IoThreads& threads, hub::Registry& registry,
                                                      RtspServerOptions options) {
  auto state = std::make_unique<State>();
  state->context = std::make_shared<RtspContext>(registry, options);
  if (options.udp) {
    state->context->udp = TRY(with_context(
        detail::RtspUdp::open(threads, options.listen.address, options.udp_port), "rtsp"));
  }
  state->listener =
      TRY(with_context(listen(threads, options.listen, state->context, nullptr), "rtsp"));
  if (options.listen_tls) {
    if (!options.tls) return fail(Errc::invalid_argument, "rtsps: no TLS is set up");
    state->tls_listener = TRY(
        with_context(listen(threads, *options.listen_tls, state->context, options.tls), "rtsps"));
  }
  return std::unique_ptr<RtspServer>(new RtspServer(std::move(state)));
}

RtspServer::RtspServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

RtspServer::~RtspServer() {
  state_->listener.reset();
  state_->tls_listener.reset();
  state_->context->stop();
}

uint16_t RtspServer::port() const { return state_->listener->port(); }
uint16_t RtspServer::tls_port() const {
  return state_->tls_listener ? state_->tls_listener->port() : 0;
}

RtspServerStats RtspServer::stats() const {
  const RtspContext& context = *state_->context;
  return {context.connections(), context.readers_tcp, context.readers_udp, context.publishers,
          context.udp ? context.udp->dropped() : 0};
}

}  // namespace pasu::net
