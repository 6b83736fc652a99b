// RTCP: reports about RTP streams (RFC 3550 6).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace pasu::rtp {

/// 6.4.1: what a receiver found out about one source.
struct ReportBlock {
  uint32_t ssrc = 0;              ///< Of the source.
  uint8_t fraction_lost = 0;      ///< Of 256, since the report before.
  int32_t lost = 0;               ///< In all; 24 bits on the wire, negative with duplicates.
  uint32_t highest_sequence = 0;  ///< Wraps in the upper half.
  uint32_t jitter = 0;            ///< Ticks.
  uint32_t last_sr = 0;           ///< Middle 32 bits of the SR's NTP time; 0: none has come.
  uint32_t since_last_sr = 0;     ///< In 1/65536 s.
};

struct SenderReport {
  uint32_t ssrc = 0;
  uint64_t ntp = 0;  ///< 32.32 seconds since 1900.
  uint32_t timestamp = 0;
  uint32_t packets = 0;
  uint32_t octets = 0;
  std::vector<ReportBlock> blocks = {};
};

struct ReceiverReport {
  uint32_t ssrc = 0;
  std::vector<ReportBlock> blocks = {};
};

/// 6.5, of one source; of its items, the canonical name alone.
struct SourceDescription {
  uint32_t ssrc = 0;
  std::string cname;
};

struct Bye {
  std::vector<uint32_t> ssrcs;
  std::string reason;
};

struct AppPacket {
  uint8_t subtype = 0;
  uint32_t ssrc = 0;
  std::string name;  ///< 4 characters.
  ByteView data;     ///< Borrowed.
};

using RtcpPacket = std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, AppPacket>;

/// The packets of a compound, in order; of types not named above (feedback, extended reports)
/// nothing. Lenient: what cannot be read ends the compound, and what came before it counts; a
/// compound need not begin with a report (RFC 5506). Errors, where nothing could be read:
/// truncated, malformed.
[[nodiscard]] Result<std::vector<RtcpPacket>> parse_rtcp(ByteView compound);

/// An SR or RR with the sender's canonical name behind it, as one compound (6.1).
[[nodiscard]] std::vector<uint8_t> write_report(const SenderReport& report, std::string_view cname);
[[nodiscard]] std::vector<uint8_t> write_report(const ReceiverReport& report,
                                                std::string_view cname);
/// An empty RR, then BYE of `ssrc` (6.6).
[[nodiscard]] std::vector<uint8_t> write_bye(uint32_t ssrc, std::string_view reason = {});
[[nodiscard]] std::vector<uint8_t> write_app(const AppPacket& app);

/// NTP time (seconds since 1900, 32.32) and UTC; right from 1968 to 2104 (RFC 4330 3).
[[nodiscard]] uint64_t to_ntp(UtcTime time);
[[nodiscard]] UtcTime from_ntp(uint64_t ntp);

}  // namespace pasu::rtp
