// Boxes as JSON lines: one object an analysed frame.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/part_file.h"
#include "base/result.h"
#include "geom/box.h"
#include "media/pts.h"

namespace pasu::job {

struct FrameBoxes {
  struct One {
    std::string label;
    float score = 0;
    geom::Box box;       ///< Pixels of the frame as it is shown, from the top left.
    uint32_t track = 0;  ///< 0: none (yet), written as null.
  };
  std::string source;
  uint64_t frame = 0;  ///< From 0, counting all frames of the source.
  media::Pts pts{0};
  geom::Size size;
  std::vector<One> boxes;
};

/// {"source":"a.mp4","frame":0,"pts":0.04,"width":768,"height":432,"detections":[{"label":"person",
/// "score":0.91,"box":[x,y,w,h],"track":3}]}, without a line end.
[[nodiscard]] std::string to_json(const FrameBoxes& frame);

/// Writes lines into a PartFile, which gets its name in finish(). "-" is stdout, where each line is
/// flushed.
class JsonLines {
 public:
  /// Errors: io, no_space.
  [[nodiscard]] static Result<std::unique_ptr<JsonLines>> create(const std::string& path);

  /// Errors: no_space, io.
  [[nodiscard]] Result<void> write(const FrameBoxes& frame);
  [[nodiscard]] Result<void> finish();
  [[nodiscard]] uint64_t lines() const { return lines_; }

 private:
  explicit JsonLines(std::optional<PartFile> file) : file_(std::move(file)) {}
  [[nodiscard]] Result<void> flush();

  static constexpr size_t kWaitingBytesMax = 64 << 10;

  std::optional<PartFile> file_;  // Nothing: stdout.
  std::string waiting_;
  uint64_t lines_ = 0;
};

}  // namespace pasu::job
