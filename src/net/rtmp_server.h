// The RTMP server: publishers into the hub, readers out of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "hub/registry.h"
#include "net/address.h"
#include "net/io_threads.h"
#include "net/tcp_listener.h"
#include "net/tls.h"
#include "wire/rtmp/server_session.h"
#include "wire/rtmp/url.h"

namespace pasu::net {

/// Who may do what. Both are called on io threads, several at once, and must be brief.
struct RtmpAccess {
  enum class Right { read, publish };
  struct Request {
    Right right = Right::read;
    std::string path;               ///< "gate", "gate/boxes"
    rtmp::Credentials credentials;  ///< Empty where none were shown.
    Address peer;
    bool encrypted = false;
  };
  /// Empty: nobody may anything.
  std::function<bool(const Request&)> allows;
  /// A user's password, for logins by authmod=adobe (ffmpeg's rtmp://user:password@..., OBS's "use
  /// authentication"). Publishers who show no credentials when they connect are then asked to log
  /// in; who comes again without is let in, and judged by the stream's name. Empty: credentials are
  /// taken from addresses alone (?user=...&pass=...).
  std::function<std::optional<std::string>(const std::string& user)> password_of;
};

struct RtmpServerOptions {
  std::optional<ListenOptions> plain{};
  std::optional<ListenOptions> encrypted{};  ///< RTMPS, by `tls`.
  std::shared_ptr<TlsContext> tls{};
  rtmp::ServerSession::Timeouts timeouts{};
};

struct RtmpServerStats {
  ListenerStats plain, encrypted;
  int publishers = 0, readers = 0;
  uint64_t denied = 0;   ///< Publishers and readers without the right.
  uint64_t refused = 0;  ///< With it, but: no such stream, taken, not to be shown over RTMP.
  uint64_t failed = 0;   ///< Connections ended by us: nonsense, silence, over a limit.
};

/// Serves the registry's streams. Thread-safe.
///
/// A publisher that leaves or vanishes ends its publication. A reader has onMetaData, the
/// configurations and the GOP from the last key frame at once; one that is slow goes on at the
/// next key frame, alone. Readers of a declared stream without a publisher wait for one.
class RtmpServer {
 public:
  /// `threads` and `registry` outlive the server. Errors: those of TcpListener, invalid_argument.
  [[nodiscard]] static Result<std::unique_ptr<RtmpServer>> start(IoThreads& threads,
                                                                 hub::Registry& registry,
                                                                 RtmpServerOptions options,
                                                                 RtmpAccess access);
  /// Ends all its connections and waits for that.
  ~RtmpServer();

  [[nodiscard]] uint16_t port() const;      ///< 0 where it does not listen.
  [[nodiscard]] uint16_t tls_port() const;  ///< Likewise.
  [[nodiscard]] RtmpServerStats stats() const;

 private:
  struct State;
  explicit RtmpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pasu::net
