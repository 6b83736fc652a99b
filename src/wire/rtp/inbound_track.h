// One track of a session on its way in: packets to access units, with all that lies between.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "bits/decode_times.h"
#include "bits/gop.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtp/depacketizer.h"
#include "wire/rtp/payload_format.h"
#include "wire/rtp/receiver.h"

namespace pasu::rtp {

struct InboundOptions {
  int stream_index = 0;
  bool reorder = false;  ///< Over UDP.
  /// RTP-Info's rtptime of this track (RFC 2326 12.33).
  std::optional<uint32_t> zero_timestamp = {};
  /// Packets of a payload type that the SDP does not name are dropped. False: taken all the same.
  bool check_payload_type = true;
};

/// push() what comes, RTP or RTCP, then take() until it returns nothing. Sans-IO.
///
/// Units have pts and dts: dts grows strictly and is not after pts. Key units are those that
/// decoding can start at: IDR, IRAP, or an I picture with a recovery point.
class InboundTrack {
 public:
  /// A packet this soon after BYE was on its way before it: over UDP each has its own port.
  static constexpr std::chrono::milliseconds kStragglerMax{500};

  /// Errors: those of make_depacketizer().
  [[nodiscard]] static Result<InboundTrack> create(const PayloadFormat& format,
                                                   const InboundOptions& options);

  /// An RTP or RTCP packet, told apart by its second byte (RFC 5761 4). An error concerns this
  /// packet and the unit it belongs to; the track goes on with the next.
  [[nodiscard]] Result<void> push(ByteView bytes, MonoTime now);
  /// What a deadline() is for: goes on behind a gap that was not filled.
  [[nodiscard]] Result<void> on_time(MonoTime now);
  [[nodiscard]] std::optional<MonoTime> deadline() const { return receiver_.deadline(); }

  [[nodiscard]] std::optional<media::AccessUnit> take();
  /// As Depacketizer's, as of the unit taken last.
  [[nodiscard]] const media::StreamInfo& stream_info() const {
    return depacketizer_->stream_info();
  }
  [[nodiscard]] bool ready() const { return depacketizer_->ready(); }
  [[nodiscard]] uint64_t changes() const { return depacketizer_->changes(); }

  /// The source said BYE and has sent nothing since; stragglers do not count.
  [[nodiscard]] bool ended() const { return ended_at_.has_value(); }
  /// Pts 0 in UTC, by the source's clock (Receiver::wall_clock_zero()).
  [[nodiscard]] std::optional<UtcTime> wall_clock_zero() const {
    return receiver_.wall_clock_zero();
  }
  /// RR and SDES as one compound, from `ssrc`; an empty RR before the first packet.
  [[nodiscard]] std::vector<uint8_t> receiver_report(MonoTime now, uint32_t ssrc,
                                                     std::string_view cname);

  [[nodiscard]] const ReceiverCounters& counters() const { return receiver_.counters(); }
  [[nodiscard]] double jitter() const { return receiver_.jitter(); }  ///< Ticks.
  [[nodiscard]] uint64_t units_dropped() const { return depacketizer_->units_dropped(); }
  /// Units whose time had gone back and was moved.
  [[nodiscard]] uint64_t times_moved() const { return decode_times_.moved(); }

 private:
  InboundTrack(std::unique_ptr<Depacketizer> depacketizer, const ReceiverOptions& options);
  Result<void> push_rtcp(ByteView bytes, MonoTime now);
  void renew_reader();

  std::unique_ptr<Depacketizer> depacketizer_;
  Receiver receiver_;
  bits::DecodeTimes decode_times_;
  std::optional<bits::PictureReader> pictures_;  // H.264 and H.265.
  uint64_t pictures_of_ = 0;                     // changes() that it was made for.
  std::optional<MonoTime> ended_at_;
};

}  // namespace pasu::rtp
