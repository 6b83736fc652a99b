// Decoding times for pictures that come with presentation times alone, as RTP carries them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "bits/gop.h"
#include "media/pts.h"

namespace pasu::bits {

/// Takes the pictures of one stream in decoding order and gives each a decoding time: growing, not
/// after its presentation, and no more behind than the reordering asks. Holds no picture back.
///
/// How deep pictures are reordered is what the parameter set says (H.264 E.2.1, H.265
/// sps_max_num_reorder_pics). Where it does not say, or says less than is true, it is learned from
/// the picture order count, again in each group of pictures: first from the gaps that later
/// pictures leave, then from how many a picture overtakes.
class DecodeTimes {
 public:
  /// H.264 A.3.1, H.265 A.4.2: MaxDpbFrames.
  static constexpr int kReorderMax = 16;
  /// Between decoding times where nothing better is known.
  static constexpr std::chrono::milliseconds kStep{1};

  struct Times {
    media::Pts pts{0}, dts{0};
  };
  /// `picture` and `sequence` are what PictureReader read of it, nullptr where it could not. A pts
  /// that is not after the decoding time before (time went back) is moved there, and counted.
  Times next(media::Pts pts, const Picture* picture, const SequenceInfo* sequence);

  /// Pictures that precede one in decoding and follow it in showing, as believed now.
  [[nodiscard]] int reorder() const { return reorder_; }
  [[nodiscard]] uint64_t moved() const { return moved_; }

 private:
  void learn(const Picture& picture, const SequenceInfo* sequence);

  int reorder_ = 0;
  int overtaken_ = 0;              // The most in this group of pictures.
  std::vector<int64_t> orders_;    // Of the last pictures of the group.
  std::vector<media::Pts> shown_;  // Those not yet given out as decoding times, growing.
  std::optional<media::Pts> last_;
  uint64_t moved_ = 0;
};

}  // namespace pasu::bits
