// Named float arrays and the file they are kept in: what training saves, and resumes and export
// read.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::train {

struct Array {
  std::vector<int64_t> shape;
  std::vector<float> values;  ///< Row-major, as many as the shape says.
  bool operator==(const Array&) const = default;
};

using Weights = std::map<std::string, Array>;

/// A checkpoint: facts are short texts ("graph", "step", ...), arrays are weights and whatever else
/// is state.
struct Checkpoint {
  std::map<std::string, std::string> facts;
  Weights arrays;
  bool operator==(const Checkpoint&) const = default;

  static constexpr size_t kBytesMax = size_t{4} << 30;
  static constexpr size_t kNameMax = 512;
  static constexpr size_t kFactMax = 16u << 20;
  static constexpr size_t kEntriesMax = 1u << 16;
  static constexpr size_t kDimensionsMax = 8;
};

// What export looks for in a checkpoint beside the arrays by the parameters' names. Those are the
// ones to run: where training keeps moving averages, the averages.

/// write_graph()'s text. Without it a checkpoint cannot be exported.
inline constexpr const char* kGraphFact = "graph";
/// One label a line, in order of their numbers; without it "person".
inline constexpr const char* kLabelsFact = "labels";
/// "letterbox" (also without it) or "stretch": how pictures come to the input's size.
inline constexpr const char* kResizeFact = "resize";
/// "320x192,640x384": sizes it was trained for, the default first; without it 320x192.
inline constexpr const char* kSizesFact = "sizes";
/// Of an SSD: array [A, 4] centre y, centre x, height, width in 0..1, and the box coder's y, x,
/// height and width scales, "10,10,5,5"; scores by "sigmoid" (also without it) or "softmax".
inline constexpr const char* kAnchorsArray = "anchors";
inline constexpr const char* kBoxCoderFact = "box_coder";
inline constexpr const char* kScoresFact = "scores";
/// What is left of its boxes: "SCORE,IOU,EACH,ALL", from this score on, overlapping a better one of
/// the class by at most IOU, at most so many of each class and of all. "1e-08,0.6,100,100"
inline constexpr const char* kSuppressionFact = "suppression";

/// The file's bytes: an index and the arrays, each guarded by its CRC-32C (docs/ref/checkpoint.md).
[[nodiscard]] std::string write_checkpoint(const Checkpoint& checkpoint);
/// Errors: truncated, malformed (not such a file, a CRC that differs), unsupported (a later
/// format), too_large.
[[nodiscard]] Result<Checkpoint> parse_checkpoint(ByteView bytes);

/// Appears under its name only when whole, and then outlives a power cut. Errors: io, no_space.
[[nodiscard]] Result<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path);
/// Errors: as parse_checkpoint(), not_found, io; each names the file.
[[nodiscard]] Result<Checkpoint> load_checkpoint(const std::string& path);

}  // namespace pasu::train
