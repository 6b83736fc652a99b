// Decoders: a family's output tensors into boxes, one file each (decode_*.cc).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "artifact/manifest.h"
#include "detect/backend.h"
#include "geom/detection.h"

namespace pasu::detect::detail {

/// Const and without scratch, so all inference threads share one.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Appends what picture `image` of the batch shows with a score of at least `score_min` > 0:
  /// boxes in input pixels, finite and not empty, in no order, before NMS; scores up to 1; labels
  /// indexing the manifest's list. Numbers that are no such thing (NaN, an unknown class) are
  /// passed over. `outputs` have the shapes that make_decoder() was shown, its unknowns filled in.
  void decode(std::span<const Tensor> outputs, int image, float score_min,
              std::vector<geom::Detection>& out) const;

 private:
  virtual void append(std::span<const Tensor> outputs, size_t image, float score_min,
                      std::vector<geom::Detection>& out) const = 0;
};

/// The decoder of `manifest`'s family, after checking that the network's outputs fit it.
///
/// `outputs` stand in the order of manifest.outputs. Errors: unsupported, naming the manifest, its
/// key, what the network has and what was expected.
[[nodiscard]] Result<std::unique_ptr<Decoder>> make_decoder(const artifact::Manifest& manifest,
                                                            geom::Size input,
                                                            std::span<const TensorInfo> outputs);

/// What each family's file provides to make_decoder().
struct DecoderParts {
  const artifact::Manifest& manifest;
  geom::Size input;
  std::span<const TensorInfo> outputs;

  /// Index in manifest.outputs of the first with `role`; -1 where there is none.
  [[nodiscard]] int index(std::string_view role) const;
  /// "m.toml: output 's8' (grid): WHAT; the network gives [1, 6, 24, 40]"
  [[nodiscard]] tl::unexpected<Error> misfit(int index, std::string_view what) const;
  /// The rank must be as given, and each dimension that is not -1 here known and equal.
  [[nodiscard]] Result<void> expect_shape(int index, std::vector<int64_t> shape,
                                          std::string_view meaning) const;
  [[nodiscard]] int labels() const { return static_cast<int>(manifest.labels.size()); }
};

using MadeDecoder = Result<std::unique_ptr<Decoder>>;
[[nodiscard]] MadeDecoder make_grid_decoder(const DecoderParts& parts);
[[nodiscard]] MadeDecoder make_ssd_decoder(const DecoderParts& parts);
[[nodiscard]] MadeDecoder make_tfod_raw_decoder(const DecoderParts& parts);
[[nodiscard]] MadeDecoder make_tfod_nms_decoder(const DecoderParts& parts);
[[nodiscard]] MadeDecoder make_yolox_decoder(const DecoderParts& parts);
[[nodiscard]] MadeDecoder make_fastestdet_decoder(const DecoderParts& parts);
[[nodiscard]] MadeDecoder make_boxes_labels_decoder(const DecoderParts& parts);

/// The smallest z with sigmoid(z) >= score, so that few cells need the exponential.
[[nodiscard]] float logit(float score);
[[nodiscard]] float sigmoid(float z);

/// Dimension `axis` of what came out, counted from the end where negative.
[[nodiscard]] size_t dimension(const Tensor& tensor, int axis);
/// A class number that a network wrote as a float, as an index of the labels; -1 for none of them.
[[nodiscard]] int label_index(float number, int label_first, int labels);

}  // namespace pasu::detect::detail
