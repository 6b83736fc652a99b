// Which part of a picture is shown, how large, and where its boxes come to lie.
//
// Frame px: pixels of the decoded picture. Tile px: pixels of what is drawn, a sample or a part of
// a mosaic.
#pragma once

#include <optional>
#include <vector>

#include "geom/letterbox.h"
#include "train/load/detail/random.h"
#include "train/load/picture_set.h"

namespace pasu::train::detail {

/// [x, x + width) by [y, y + height), whole pixels; x and y even, as chroma planes of half size
/// demand.
struct Crop {
  int x = 0, y = 0, width = 0, height = 0;
};

struct View {
  Crop crop;            ///< Frame px.
  geom::Letterbox box;  ///< From the crop to the tile; its scales say where points come to lie.
  bool flip = false;    ///< Of the whole tile, after it is drawn.
};

/// A picture's object in frame px, corners.
struct FrameBox {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  const data::Object* object = nullptr;
};
/// Clipped to the frame; those of which nothing is inside are left out.
[[nodiscard]] std::vector<FrameBox> frame_boxes(const PictureSet::Decoded& decoded,
                                                const data::Picture& picture);

struct ViewOptions {
  const Augmentation& augmentation;
  geom::Size tile;
  float stretch = 1;  ///< Of the data set: widths are multiplied by it.
  bool fill = false;  ///< The picture fills the tile, each axis by its own scale.
  bool part = false;  ///< The tile is a part of a mosaic.
};

/// The whole picture, letterboxed.
[[nodiscard]] View plain_view(geom::Size frame, const ViewOptions& options);
/// Drawn at random, by a person's height where there is one.
[[nodiscard]] View random_view(geom::Size frame, const std::vector<FrameBox>& boxes,
                               const ViewOptions& options, Random& random);

/// A part without any of `boxes`, drawn at random; nothing where none was found.
[[nodiscard]] std::optional<View> empty_view(geom::Size frame, const std::vector<FrameBox>& boxes,
                                             const ViewOptions& options, Random& random);

/// What is seen of `boxes` in the tile, in tile px.
[[nodiscard]] std::vector<Truth> seen_boxes(const View& view, const std::vector<FrameBox>& boxes,
                                            const Augmentation& augmentation);

/// Draws the tile: RGB, rows of tile.width * 3.
void draw_view(const media::Frame& frame, const View& view, uint8_t* rgb);

}  // namespace pasu::train::detail
