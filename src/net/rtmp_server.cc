#include "net/rtmp_server.h"

#include "net/detail/rtmp_server_session.h"

namespace pasu::net {

using detail::RtmpServerSession;
using detail::RtmpServerShared;

struct RtmpServer::State {
  IoThreads& threads;
  std::shared_ptr<RtmpServerShared> shared;
  std::unique_ptr<TcpListener> plain, encrypted;
};

Result<std::unique_ptr<RtmpServer>> RtmpServer::start(IoThreads& threads, hub::Registry& registry,
                                                      RtmpServerOptions options,
                                                      RtmpAccess access) {
  if (options.encrypted && !options.tls) {
    return fail(Errc::invalid_argument, "RTMPS without a certificate");
  }
  auto shared = std::make_shared<RtmpServerShared>(registry, std::move(access), options.timeouts);
  const auto listen =
      [&](const std::optional<ListenOptions>& where,
          const std::shared_ptr<TlsContext>& tls) -> Result<std::unique_ptr<TcpListener>> {
    if (!where) return nullptr;
    return with_context(
        TcpListener::start(threads, *where,
                           [shared, tls](TcpSocket socket) {
                             auto session =
                                 std::make_unique<RtmpServerSession>(shared, system_clock().now());
                             Connection::start(std::move(socket), std::move(session), {.tls = tls});
                           }),
        "RTMP");
  };
  auto state = std::make_unique<State>(State{threads, shared, nullptr, nullptr});
  state->plain = TRY(listen(options.plain, nullptr));
  state->encrypted = TRY(listen(options.encrypted, options.tls));
  return std::unique_ptr<RtmpServer>(new RtmpServer(std::move(state)));
}

RtmpServer::RtmpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

RtmpServer::~RtmpServer() {
  state_->plain.reset();
  state_->encrypted.reset();
  std::vector<std::shared_ptr<Connection>> open;
  {
    std::lock_guard lock(state_->shared->mutex);
    state_->shared->stopping = true;
    for (const auto& [key, weak] : state_->shared->connections) {
      if (auto connection = weak.lock()) open.push_back(std::move(connection));
    }
  }
  for (const auto& connection : open) connection->stop();
  // The first round closes them, the second has ended them.
  for (int round = 0; round < 2; ++round) {
    for (size_t i = 0; i < state_->threads.size(); ++i) state_->threads[i].run([] {});
  }
}

uint16_t RtmpServer::port() const { return state_->plain ? state_->plain->port() : 0; }
uint16_t RtmpServer::tls_port() const { return state_->encrypted ? state_->encrypted->port() : 0; }

RtmpServerStats RtmpServer::stats() const {
  RtmpServerStats stats;
  if (state_->plain) stats.plain = state_->plain->stats();
  if (state_->encrypted) stats.encrypted = state_->encrypted->stats();
  const RtmpServerShared& shared = *state_->shared;
  stats.publishers = shared.publishers;
  stats.readers = shared.readers;
  stats.denied = shared.denied;
  stats.refused = shared.refused;
  stats.failed = shared.failed;
  return stats;
}

}  // namespace pasu::net
