// The header fields with a structure of their own (RFC 2326 12): Session, Range, RTP-Info, Public.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "wire/rtsp/message.h"

namespace pasu::rtsp {

/// "12345678;timeout=60" (RFC 2326 12.37).
struct SessionId {
  static constexpr std::chrono::seconds kTimeoutDefault{60};
  std::string id;
  std::chrono::seconds timeout = kTimeoutDefault;
  bool operator==(const SessionId&) const = default;
};
/// Errors: malformed (no id). A timeout that is missing, 0 or no number is 60 s.
[[nodiscard]] Result<SessionId> parse_session(std::string_view text);
[[nodiscard]] std::string to_string(const SessionId& session);

/// Normal play time in seconds (RFC 2326 3.6): "npt=0-", "npt=now-", "npt=10.5-20", "npt=1:02:03-".
struct NptRange {
  std::optional<double> start;  ///< Absent: now, or "npt=-20".
  bool now = false;
  std::optional<double> end;
  bool operator==(const NptRange&) const = default;
};
/// Absolute time (RFC 2326 3.7): "clock=20261125T080000.25Z-".
struct ClockRange {
  UtcTime start;
  std::optional<UtcTime> end;
  bool operator==(const ClockRange&) const = default;
};
using Range = std::variant<NptRange, ClockRange>;
/// Parameters after ';' are ignored. Errors: malformed, unsupported (smpte and other units).
[[nodiscard]] Result<Range> parse_range(std::string_view text);
[[nodiscard]] std::string to_string(const Range& range);

/// Where a track begins (RFC 2326 12.33).
struct RtpInfo {
  std::string url;
  std::optional<uint16_t> sequence;
  std::optional<uint32_t> rtp_time;
  bool operator==(const RtpInfo&) const = default;
};
/// Never fails: what cannot be read is left out. At most 32 entries. Commas inside URLs are kept.
[[nodiscard]] std::vector<RtpInfo> parse_rtp_info(std::string_view text);
[[nodiscard]] std::string to_string(const std::vector<RtpInfo>& tracks);

/// Whether a comma-separated list (Public, Allow, Require) names `item`, without regard to case.
[[nodiscard]] bool list_has(std::string_view list, std::string_view item);

}  // namespace pasu::rtsp
