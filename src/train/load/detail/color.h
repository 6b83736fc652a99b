// Light and colour of a sample. Pixels: RGB u8, rows of width * 3.
#pragma once

#include <cstdint>
#include <span>

#include "geom/box.h"
#include "train/load/detail/random.h"

namespace pasu::train::detail {

/// Draws what `augmentation` says of light and colour, and applies it.
void vary_color(std::span<uint8_t> rgb, geom::Size size, const Augmentation& augmentation,
                Random& random);

/// Takes contrast to a part of itself, around a mean that becomes `light`, of 255.
void make_dull(std::span<uint8_t> rgb, float contrast, float light);

}  // namespace pasu::train::detail
