// The Transport header (RFC 2326 12.39): how one track travels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasu::rtsp {

/// The ports (UDP) or channels (interleaved) of RTP and RTCP. Where only one is written, the
/// second is the next.
template <class T>
struct Pair {
  T rtp = 0;
  T rtcp = 0;
  bool operator==(const Pair&) const = default;
};

enum class Delivery {
  tcp,        ///< Interleaved in the RTSP connection (RFC 2326 10.12).
  udp,        ///< Unicast RTP and RTCP ports.
  multicast,  ///< A group, its ports and its TTL are the server's to say.
};

struct Transport {
  Delivery delivery = Delivery::tcp;
  std::optional<Pair<uint16_t>> client_port;
  std::optional<Pair<uint16_t>> server_port;
  std::optional<Pair<uint16_t>> port;        ///< multicast
  std::optional<Pair<uint8_t>> interleaved;  ///< tcp
  std::optional<uint32_t> ssrc;
  std::optional<uint8_t> ttl;
  std::string destination;  ///< The group's address in answers; servers ignore it in requests.
  std::string source;
  bool record = false;  ///< mode=record: the client sends.
  bool operator==(const Transport&) const = default;
};

/// The alternatives of a Transport header that this program can serve, in the order they are
/// preferred. Others (another profile, a port of 0 as in live555's forks, equal ports) are left
/// out, unknown parameters are ignored. Accepted although wrong: "RTP/AVP/UDP", "mode="PLAY"" in
/// any case and quotes, an SSRC with blanks or "0x".
/// Errors: unsupported, when nothing remains; too_large (over 16 alternatives).
[[nodiscard]] Result<std::vector<Transport>> parse_transport(std::string_view text);

/// "RTP/AVP/TCP;unicast;interleaved=0-1".
[[nodiscard]] std::string to_string(const Transport& transport);

}  // namespace pasu::rtsp
