// Session descriptions (SDP, RFC 8866): what a camera says it sends, what a publisher announces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pasu::sdp {

/// a=name:value, or a=name where the value is empty (RFC 8866 5.13).
struct Attribute {
  std::string name;
  std::string value;
  bool operator==(const Attribute&) const = default;
};

/// From the point of view of whoever wrote the description (RFC 8866 6.7).
enum class Direction { sendrecv, sendonly, recvonly, inactive };

/// How a payload type is encoded (RFC 8866 6.6): "H264/90000", "MPEG4-GENERIC/48000/2".
struct RtpMap {
  std::string encoding;  ///< As written; compare without regard to case.
  uint32_t clock_rate = 0;
  int channels = 1;
  bool operator==(const RtpMap&) const = default;
};

/// The parameters of a format (RFC 8866 6.15): "packetization-mode=1; sprop-parameter-sets=...".
class FormatParameters {
 public:
  FormatParameters() = default;
  /// Splits at ';', each piece at its first '='. Never fails: what has no name is skipped.
  [[nodiscard]] static FormatParameters parse(std::string_view text);
  /// The value of `name`, without regard to case. A parameter without '=' has an empty value.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// find() as a decimal number; nothing where it is absent or no number.
  [[nodiscard]] std::optional<uint32_t> number(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const {
    return pairs_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// One m= section (RFC 8866 5.14).
struct Media {
  std::string type;  ///< "video", "audio", "application"; cameras also write "application/X".
  uint16_t port = 0;
  uint16_t port_count = 1;
  std::string protocol = "RTP/AVP";
  std::vector<std::string> formats;  ///< Payload types, as text.
  std::string title;
  std::string connection;              ///< "IN IP4 239.1.2.3/127"; empty: the session's.
  std::vector<std::string> bandwidth;  ///< "AS:2000"
  std::vector<Attribute> attributes;

  /// The value of the first a=`name`; empty for a flag.
  [[nodiscard]] std::optional<std::string_view> attribute(std::string_view name) const;
  /// The first format that is a payload type (0-127).
  [[nodiscard]] std::optional<uint8_t> payload_type() const;
  /// a=rtpmap of `payload_type`, else the static assignment of RFC 3551 section 6. A clock rate
  /// that is missing or no number is taken to be 90000 for video and 8000 otherwise.
  [[nodiscard]] std::optional<RtpMap> rtpmap(uint8_t payload_type) const;
  /// a=fmtp of `payload_type`; empty where there is none.
  [[nodiscard]] FormatParameters parameters(uint8_t payload_type) const;
  /// a=control (RFC 2326 C.1.1); empty where there is none.
  [[nodiscard]] std::string_view control() const;
  bool operator==(const Media&) const = default;
};

/// o= (RFC 8866 5.2). Numbers are text, because cameras write what is none.
struct Origin {
  std::string username = "-";
  std::string session_id = "0";
  std::string session_version = "0";
  std::string net_type = "IN";
  std::string address_type = "IP4";
  std::string address = "0.0.0.0";
  bool operator==(const Origin&) const = default;
};

struct Session {
  static constexpr size_t kBytesMax = 64u << 10;
  static constexpr size_t kMediaMax = 32;
  static constexpr size_t kAttributesMax = 256;  ///< Of the session, and of each media.
  static constexpr size_t kFormatsMax = 128;

  Origin origin;
  std::string name;  ///< s=
  std::string info;  ///< i=
  std::string connection;
  std::vector<std::string> bandwidth;
  std::vector<std::string> times;  ///< t= "0 0"
  std::vector<Attribute> attributes;
  std::vector<Media> media;

  [[nodiscard]] std::optional<std::string_view> attribute(std::string_view wanted) const;
  [[nodiscard]] std::string_view control() const;
  /// The media's own direction, else the session's, else sendrecv (RFC 8866 6.7).
  [[nodiscard]] Direction direction(const Media& media) const;
  bool operator==(const Session&) const = default;
};

/// Reads a description, lenient in what cameras send: lines end with LF or CRLF, or with the text;
/// order does not matter; all but m= and a= lines may be missing; unknown lines and those that are
/// no "x=..." are skipped; an o= line that breaks its form is kept in Origin::username.
/// Errors, with the line: malformed (no line of SDP at all, an empty m=), too_large (a limit of
/// Session).
[[nodiscard]] Result<Session> parse(std::string_view text);

/// Writes a description strictly by RFC 8866: every required line, CRLF, fixed order.
/// Errors: invalid_argument where a field would not survive (a line break or NUL in it, an empty
/// token, no format).
[[nodiscard]] Result<std::string> print(const Session& session);

}  // namespace pasu::sdp
