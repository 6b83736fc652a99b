// Pulling a stream from a server or camera and pushing one to a server, whatever the protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "hub/stream.h"
#include "media/access_unit.h"
#include "net/io_threads.h"
#include "net/tls.h"

namespace pasu::net {

/// How the media of an RTSP session travel. RTMP has one way and passes over this.
enum class ClientTransport {
  /// UDP first, then TCP where the server refuses UDP or nothing comes; TCP at once for rtsps.
  automatic,
  tcp,        ///< Interleaved in the RTSP connection.
  udp,        ///< A pair of ports each track.
  multicast,  ///< A group that the server names. Pulling only.
  http,       ///< As tcp, in a pair of HTTP connections, for what is behind web proxies.
};

/// "automatic", "tcp" ...
[[nodiscard]] const char* to_string(ClientTransport transport);

struct ClientOptions {
  ClientTransport transport = ClientTransport::automatic;
  /// For connecting, for each answer, and for silence of a stream that plays.
  std::chrono::milliseconds timeout{10'000};
  /// Automatic: how long UDP may bring nothing before TCP is tried.
  std::chrono::milliseconds udp_timeout{3'000};
  /// Pulling RTSP: how long packets may come without anything being made of them. Longer than the
  /// longest time between key frames, before which a stream without parameter sets gives nothing.
  std::chrono::milliseconds no_unit_timeout{40'000};
  TlsClientOptions tls{};
  std::string user_agent = "pasu";
};
using PullOptions = ClientOptions;
using PushOptions = ClientOptions;

/// All are called on the session's thread, one at a time, and may destroy the session.
struct PullEvents {
  /// What the stream is made of: before the first unit, and again when that changes. A track keeps
  /// its place; new ones are added behind.
  std::function<void(hub::Tracks)> on_tracks{};
  /// In decoding order within a track. dts is set and grows within a track; pts and dts start near
  /// 0 and belong to one time line. AccessUnit::stream is the place in Tracks.
  std::function<void(media::AccessUnit)> on_unit{};
  /// Last, once. Codes say what helps: invalid_argument (user or password, not allowed), not_found
  /// (no such host, no such stream), unsupported (another transport or stream), timeout, malformed
  /// (this is no such server), unavailable (refused, or the stream ended: try later).
  std::function<void(Error)> on_end{};
};

struct PullStats {
  /// In use now: never automatic once it plays.
  ClientTransport transport = ClientTransport::automatic;
  uint64_t units = 0;
  uint64_t packets = 0;                      ///< RTP packets, or RTMP messages.
  uint64_t bytes = 0;                        ///< Of media.
  uint64_t lost = 0;                         ///< Packets that never came.
  uint64_t units_dropped = 0;                ///< Damaged, or before they could be decoded.
  uint64_t bad_packets = 0;                  ///< Not understood, or of others.
  uint64_t fallbacks = 0;                    ///< Changes of transport.
  double jitter_ms = 0;                      ///< Of the first track.
  std::optional<UtcTime> wall_clock_zero{};  ///< Pts 0 by the source's clock, where it told.
};

/// A stream being received; destroying it takes leave of the server (TEARDOWN, deleteStream) in the
/// background, and no event comes afterwards. Thread-safe.
class PullSession {
 public:
  virtual ~PullSession() = default;
  [[nodiscard]] virtual PullStats stats() const = 0;
};

/// Is `url` one for pull() and push(), by its scheme in any case of letters?
[[nodiscard]] bool is_stream_url(std::string_view url);

/// Begins to pull `url` on `thread`: rtsp, rtsps, rtmp or rtmps, with user and password in it.
/// Returns at once; what becomes of it comes as events. Errors: malformed, unsupported (the URL).
[[nodiscard]] Result<std::unique_ptr<PullSession>> pull(IoThread& thread, const std::string& url,
                                                        const PullOptions& options,
                                                        PullEvents events);

struct PushEvents {
  std::function<void()> on_ready{};     ///< The server takes the stream.
  std::function<void(Error)> on_end{};  ///< As PullEvents::on_end.
};

struct PushStats {
  ClientTransport transport = ClientTransport::automatic;
  bool ready = false;
  uint64_t units = 0;    ///< Sent.
  uint64_t bytes = 0;    ///< Of media, sent.
  uint64_t dropped = 0;  ///< Units, because the connection is slower than the stream.
  uint64_t refused = 0;  ///< Units that could not be sent: broken, or of no track.
  size_t waiting_bytes = 0;
};

/// A stream being sent; destroying it takes leave of the server in the background. Thread-safe.
class PushSession {
 public:
  /// Waiting to be sent; over either, units are dropped up to the next key frame.
  static constexpr size_t kWaitingBytesMax = 16u << 20;
  static constexpr size_t kWaitingUnitsMax = 4096;

  virtual ~PushSession() = default;
  /// Sends now or as soon as the connection can. Before on_ready, units wait within the limits.
  virtual void push(media::AccessUnit unit) = 0;
  [[nodiscard]] virtual PushStats stats() const = 0;
};

/// Begins to publish `tracks` at `url` on `thread`. Returns at once. Errors: those of pull(), and
/// unsupported: a codec that the protocol does not carry.
[[nodiscard]] Result<std::unique_ptr<PushSession>> push(IoThread& thread, const std::string& url,
                                                        const hub::Tracks& tracks,
                                                        const PushOptions& options,
                                                        PushEvents events);

}  // namespace pasu::net
