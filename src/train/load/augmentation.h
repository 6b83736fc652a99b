// How training pictures are varied: every probability and range in one place, with its reason.
#pragma once

namespace pasu::train {

/// Drawn evenly (scales: evenly in their logarithm) from [min, max].
struct Range {
  float min = 0, max = 0;
  bool operator==(const Range&) const = default;
};

/// The defaults are for people seen by cameras. Probabilities are of a sample, independent of each
/// other unless one line says otherwise.
struct Augmentation {
  // Where the camera stands: which part of the picture at which scale.
  /// The letterbox that the server uses, whole picture: what the network will be asked. Else a view
  /// whose scale makes a random person of the picture as high as `person_height` says.
  float plain = 0.4f;
  /// In pixels of what the view is drawn for, at 192 lines; of inputs of more lines and tiles of
  /// fewer the maximum is in proportion, the minimum is not. Under 12 px a person is a dash that
  /// annotations mostly lack; 300 px is one at the counter, larger than the input.
  Range person_height = {12, 300};
  /// Enlarging further makes no detail, only blur.
  float enlarge_max = 2.5f;
  /// Camera lenses and stretched streams change a person's width by as much.
  float width_jitter = 0.5f;
  Range width_factor = {0.85f, 1.18f};
  float flip = 0.5f;

  /// A part of the picture without anybody, enlarged as far as it takes to fill the input, half of
  /// the time with little contrast and dark: bare walls, roads at night. Without such samples a
  /// network may see somebody as large as the picture there.
  float empty = 0;
  Range empty_side = {0.06f, 0.9f};      ///< Of the picture's sides.
  Range empty_contrast = {0.03f, 0.5f};  ///< What is left of it.
  Range empty_light = {10, 120};         ///< Its mean then, of 255.

  // Several pictures in one: small people, other backgrounds, more people a sample.
  float mosaic = 0.5f;
  float mosaic_of_two = 0.3f;    ///< Of mosaics, as is the next; the rest are of four.
  float mosaic_of_nine = 0.15f;  ///< Small people whose boxes were drawn when they were large.

  /// SSD's crops (Liu et al. 2016, 2.2), TF OD API's ssd_random_crop, in place of all of the above
  /// but the flip: not drawn from the size of people.
  float ssd_crop = 0;

  /// Of a person cut by the edge of a view, the part that is seen: below `drop` the box goes away,
  /// below `ignore` it is to be ignored. Half a person at the edge is one to count.
  float visible_drop = 0.15f;
  float visible_ignore = 0.4f;
  /// A box lower than this in the input is ignored: no detail is left to learn from.
  float ignore_below_height = 7;
  /// A box over more of the input than this is ignored: nobody stands so close to a camera, and who
  /// is taught such people sees one in a bare room.
  float ignore_above_area = 0.5f;

  // Light and colour.
  float photometric = 0.7f;  ///< Of all of the following five together.
  float brightness = 28;     ///< Up to so many of 255, up or down.
  Range contrast = {0.65f, 1.4f};
  Range saturation = {0.5f, 1.6f};
  float hue = 12;  ///< Degrees. Lamps and white balance; faces do not turn green.
  Range gamma = {0.65f, 1.5f};
  /// Grey, as infrared cameras are at night; half of these with lifted blacks and a bright centre.
  float grey = 0.2f;

  // What cheap cameras and long cables do.
  float noise = 0.25f;
  Range noise_sigma = {2, 14};  ///< Of 255.
  float blur = 0.15f;           ///< Out of focus, or moved.
  Range blur_sigma = {0.5f, 1.6f};
  float low_resolution = 0.12f;  ///< Scaled down and up again, as a 352x240 stream shown larger.
  Range low_resolution_factor = {0.4f, 0.8f};
  float blocks =
      0.3f;  ///< 8x8 blocks with coarse coefficients: JPEG, and near to H.264 at low rate.
  Range blocks_quality = {15, 75};  ///< On libjpeg's scale.

  /// Plain letterboxes, and boxes as they are.
  [[nodiscard]] static Augmentation none();
  bool operator==(const Augmentation&) const = default;
};

}  // namespace pasu::train
