// A stream's pictures drawn as text: a row a group, a sign a frame.
#pragma once

#include <string>
#include <vector>

#include "bits/gop_tally.h"
#include "cli/output.h"

namespace pasu::cli {

/// Draws groups as they end. With colour a frame is a block, as high as the frame is big, coloured
/// by its type; without, its letter (I for IDR, i for another intra picture, P, B).
class GopStrip {
 public:
  /// Frames held; a longer group is drawn in pieces.
  static constexpr size_t kFramesMax = 8192;

  explicit GopStrip(const Terminal& terminal) : terminal_(terminal) {}

  /// The next frame, which must be in `tally` already; `begins` a group. Gives the text to print.
  [[nodiscard]] std::string add(const bits::Picture& picture, const bits::GopTally& tally,
                                bool begins);
  /// The last group and, with colour, what the signs mean.
  [[nodiscard]] std::string finish();

 private:
  struct Sign {
    bits::PictureType type;
    bool needs_previous_gop;
    size_t bytes;
  };

  std::string draw(bool group_ends);
  [[nodiscard]] std::string sign_text(const Sign& sign, std::string& color) const;
  [[nodiscard]] std::string legend() const;

  Terminal terminal_;
  std::vector<Sign> signs_;
  bits::Gop gop_;
  size_t index_ = 0;
  bool continued_ = false;
  bool drew_ = false;
  size_t full_height_ = 0;  // Bytes from which a frame is drawn full; 0: not yet known.
};

}  // namespace pasu::cli
