// One camera's video through its gate: what is worth decoding is decoded, and the frames the
// detector should see come out.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "av/decoder.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "gate/held_units.h"
#include "media/codec.h"
#include "node/meter.h"

namespace pasu::node {

/// Follows gate::Gate as docs/design/gate.md says, a few units at a time: after a wake up to two
/// GOPs are to be decoded again while the camera goes on sending. One thread at a time.
class GatedVideo {
 public:
  /// A frame for the detector.
  struct Look {
    media::Frame frame;
    MonoTime arrival{};
    bool replayed = false;  ///< Of the time before the camera woke.
  };
  /// Waiting to be decoded; over any of these it goes on at the newest key frame.
  static constexpr size_t kWaitingUnitsMax = 90;
  static constexpr size_t kWaitingBytesMax = 8u << 20;
  static constexpr std::chrono::seconds kWaitingMax{2};
  using OnFrame = std::function<void(const media::Frame&)>;

  /// `on_frame` has every decoded frame, in next(); those of a replay for the second time.
  GatedVideo(const gate::GateOptions& options, Meter& meter, OnFrame on_frame);

  /// A new session, or units were left out: the decoder begins anew, the camera is awake.
  void begin(const media::StreamInfo& stream, MonoTime now);
  /// What waits is not decoded any more.
  void end();
  void push(media::AccessUnit unit, MonoTime arrival);
  /// What the server allows; gate::Gate::limit().
  void limit(double fps, gate::Thrift thrift) { gate_.limit(fps, thrift); }
  void be_wary(bool wary) { gate_.be_wary(wary); }
  /// Decodes `units` at most (counted down) until there is a frame to look at.
  [[nodiscard]] std::optional<Look> next(int& units, MonoTime now);
  /// The detector's answer for such a frame.
  void answer(media::Pts pts, const gate::Sighting& sighting, MonoTime now);

  /// Something waits to be decoded.
  [[nodiscard]] bool has_work() const { return !todo_.empty(); }
  /// How long the oldest unit that came in, and was not looked at yet, has waited.
  [[nodiscard]] MonoTime::duration waited(MonoTime now) const;
  [[nodiscard]] const gate::Gate& gate() const { return gate_; }

 private:
  struct Unit {
    media::AccessUnit unit;
    MonoTime arrival{};
    bool replayed = false;
  };
  void skip_what_is_late(MonoTime now);
  void decode(const Unit& next, MonoTime now);
  void feed(const media::AccessUnit& unit);
  void replay(gate::Replay what);
  [[nodiscard]] std::optional<Look> take(MonoTime now);

  Meter& meter_;
  const OnFrame on_frame_;
  gate::Gate gate_;
  gate::HeldUnits held_;
  std::unique_ptr<av::VideoDecoder> decoder_;
  std::deque<Unit> todo_;  // First what is decoded again, then what came in meanwhile.
  size_t waiting_units_ = 0, waiting_bytes_ = 0;  // Of todo_, without what is decoded again.
  bool skips_to_key_ = false;
  bool decoded_ = false;    // The decoder may have a frame.
  bool replaying_ = false;  // What the decoder had last was decoded again.
  media::Pts newest_pts_{0};
  MonoTime newest_arrival_{};
};

}  // namespace pasu::node
