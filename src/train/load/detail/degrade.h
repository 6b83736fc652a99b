// What lenses, sensors, scalers and encoders do to a sample. Pixels: RGB u8, rows of width * 3.
#pragma once

#include <cstdint>
#include <span>

#include "geom/box.h"
#include "train/load/detail/random.h"

namespace pasu::train::detail {

/// Draws what `augmentation` says, in the order in which light passes a camera: lens, sensor,
/// scaler, encoder.
void degrade(std::span<uint8_t> rgb, geom::Size size, const Augmentation& augmentation,
             Random& random);

/// Gaussian, of `sigma` pixels.
void blur(std::span<uint8_t> rgb, geom::Size size, float sigma);
/// Moved by `length` pixels to the right during exposure.
void blur_moved(std::span<uint8_t> rgb, geom::Size size, int length);
/// Gaussian; `grey`: the same in all channels.
void add_noise(std::span<uint8_t> rgb, geom::Size size, float sigma, bool grey, Random& random);
/// Down to `factor` of the size and up again.
void lower_resolution(std::span<uint8_t> rgb, geom::Size size, float factor);
/// As a baseline JPEG of `quality` (libjpeg's scale, 1 to 100) with chroma of half size.
void make_blocks(std::span<uint8_t> rgb, geom::Size size, int quality);

}  // namespace pasu::train::detail
