// A stream as RTP: packetised once for all its readers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "hub/broadcast.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtp/packetizer.h"
#include "wire/rtp/payload_format.h"

namespace pasu::hub {

/// One stream track as RTP carries it.
struct RtpTrack {
  size_t track = 0;           ///< Of the stream.
  rtp::PayloadFormat format;  ///< For the description.
};

/// The tracks that RTP can carry, in the stream's order; a track's place here is its number among
/// the media of the description, and its packets are interleaved on channel 2 * place (their RTCP
/// one above). Always the same for the same tracks.
[[nodiscard]] std::vector<RtpTrack> rtp_tracks(const std::vector<media::StreamInfo>& tracks);

/// One access unit's packets, or one sender report.
struct RtpUnit {
  size_t media = 0;  ///< Place in rtp_tracks().
  bool rtcp = false;
  rtp::PacketBatch batch;
  uint64_t generation = 0;
};
using RtpItem = std::shared_ptr<const RtpUnit>;

/// Makes the items. SSRCs, and where sequence and timestamps begin, are random; they go on over a
/// change of the tracks. Not thread-safe.
class RtpForm {
 public:
  static constexpr std::chrono::seconds kReportEvery{5};
  /// After a key frame reports come this early, so that who begins there has one.
  static constexpr std::chrono::seconds kReportAtStartEvery{1};

  void set_tracks(const std::vector<media::StreamInfo>& tracks, uint64_t generation);
  /// `zero`: the wall clock at pts 0.
  void push(const media::AccessUnit& unit, bool start, UtcTime zero, UtcTime now);
  [[nodiscard]] const std::shared_ptr<Broadcast<RtpItem>>& log() const { return log_; }
  /// Units that could not be packetised.
  [[nodiscard]] uint64_t failed() const { return failed_; }

 private:
  struct Media {
    size_t track = 0;
    std::unique_ptr<rtp::Packetizer> packetizer;
  };
  void report(UtcTime zero, UtcTime now);

  std::vector<Media> media_;
  uint64_t generation_ = 0;
  std::optional<UtcTime> last_report_;
  uint64_t failed_ = 0;
  std::shared_ptr<Broadcast<RtpItem>> log_ = std::make_shared<Broadcast<RtpItem>>();
};

}  // namespace pasu::hub
