// What training is fed: pictures at the network's input size with the boxes that are in them.
//
// Legend: N samples of a batch, H W the network's input size. Pixels u8 RGB, NHWC, as the server
// gives them to the network. Boxes xyxy in network-input pixels, x to the right, y down, edges (a
// box of one pixel is 1 wide), clipped to the input.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "geom/box.h"

namespace pasu::train {

/// One box that the network should find, or must not be judged by.
struct Truth {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  int label = 0;  ///< Index in PictureSet::classes().
  /// How sure the annotation is, in (0, 1]: 1 by a person's word, less by a teacher's.
  float score = 1;
  /// Crowds, boxes that annotators or teachers were in doubt about, people mostly cut away: neither
  /// object nor background here.
  bool ignore = false;

  [[nodiscard]] float width() const { return x2 - x1; }
  [[nodiscard]] float height() const { return y2 - y1; }
  bool operator==(const Truth&) const = default;
};

struct Sample {
  geom::Size size;
  std::vector<uint8_t> rgb;  ///< H W 3.
  std::vector<Truth> truths;
  std::string name;    ///< Of the (first) picture, "set/file": to name it where a loss is NaN.
  size_t picture = 0;  ///< In its PictureSet; the first one of a mosaic.
};

struct Batch {
  geom::Size size;
  uint64_t number = 0;  ///< From 0 over the whole run.
  uint64_t epoch = 0;   ///< That its first sample is of.
  /// N H W 3, contiguous: as a torch tensor {N, H, W, 3} permuted to N C H W it is channels_last
  /// without a copy.
  std::vector<uint8_t> rgb;
  struct Entry {
    std::vector<Truth> truths;
    std::string name;
    size_t picture = 0;
  };
  std::vector<Entry> samples;  ///< N.

  [[nodiscard]] size_t count() const { return samples.size(); }
};

}  // namespace pasu::train
