// Recognise: a manifest for a network that comes without one, from its outputs' names and shapes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "artifact/manifest.h"
#include "base/result.h"
#include "detect/network.h"

namespace pasu::detect::detail {

/// What a person may say of a network; what is said wins over what is recognised.
struct Hints {
  std::optional<artifact::Family> family;
  std::vector<std::string> labels;
  geom::Size input;  ///< 0: the network's own.
  std::optional<artifact::ColorOrder> color;
  std::optional<artifact::Resize> resize;
  std::vector<double> mean, scale;  ///< Three numbers, or none.
};

/// A manifest with one variant and no checksums. `network.file` is how errors call it, and the
/// variant's file as given there.
///
/// Errors: unsupported, naming the outputs found and the way out: 'pasu model import --family'.
[[nodiscard]] Result<artifact::Manifest> recognise(const NetworkInfo& network, const Hints& hints);

/// The 80 classes of COCO's detection task, in the order networks use.
[[nodiscard]] std::vector<std::string> coco_labels();

}  // namespace pasu::detect::detail
