// Which parts of a large picture deserve a closer look.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "geom/box.h"
#include "geom/detection.h"
#include "media/frame.h"
#include "media/pts.h"

namespace pasu::gate {

struct CloserLookOptions {
  geom::Size input;  ///< What the detector sees.
  int a_frame = 1;   ///< Regions at most for each analysed frame; 0: none.
};

/// A detector sees a 1080p picture at a sixth of its size, and nobody far away. Regions are parts
/// of it that the detector sees two and a half times larger, or as they are: around what moved and
/// around people who are small, the one that was not looked at longest first. One thread at a time.
class CloserLook {
 public:
  explicit CloserLook(const CloserLookOptions& options) : options_(options) {}

  /// For a frame of `frame` pixels. `moved`: boxes of what moved, the picture being 1 wide and 1
  /// high; `people`: boxes of who was seen of late, in pixels. Pictures less than three times as
  /// large as `input` have no regions. Valid until the next call.
  std::span<const geom::Box> choose(geom::Size frame, std::span<const geom::Box> moved,
                                    std::span<const geom::Box> people, media::Pts pts);

 private:
  static constexpr int kColumns = 8, kRows = 6;
  struct Wish {
    geom::Box box;
    media::Pts looked{0};
  };
  [[nodiscard]] media::Pts& looked_at(const geom::Box& box, geom::Size frame);

  const CloserLookOptions options_;
  std::array<media::Pts, kColumns * kRows> looked_{};  // When, by the place of a box's centre.
  std::vector<Wish> wishes_;
  std::vector<geom::Box> chosen_;
};

/// A handle to a part of `frame`, which is cut to the picture and to whole chroma samples.
[[nodiscard]] media::Frame part_of(const media::Frame& frame, const geom::Box& region);

/// Adds what was found in a part of a frame of `size` pixels to `all`, in the frame's pixels. Who
/// is cut by the part's edge is left out, as is what lies inside somebody found in the whole.
void add_part(std::vector<geom::Detection>& all, std::span<const geom::Detection> found,
              const geom::Box& region, geom::Size size);

}  // namespace pasu::gate
