// Import: a bare network into a model package, tried out before it gets its name. Inspect: what a
// model is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "artifact/package.h"
#include "detect/network.h"

namespace pasu::detect {

/// Beyond `file` and `folder`, what is left empty is recognised from the network.
struct ImportOptions {
  std::string file;              ///< .xml (its .bin beside it), .onnx or .pb
  std::filesystem::path folder;  ///< Of the package; must not exist.
  std::string name;              ///< Empty: the folder's.
  std::optional<artifact::Family> family;
  std::string labels_file;  ///< One label a line.
  geom::Size input;
  std::optional<float> threshold;
  std::optional<artifact::ColorOrder> color;
  std::optional<artifact::Resize> resize;
  std::vector<double> mean, scale;
  std::string source, license, note;
};

/// Copies the network into a package, compiles it and runs a grey picture through. The folder
/// appears under its name only when all that went well.
///
/// Errors: exists (the folder), not_found, malformed, unsupported, invalid_argument, io, no_space.
[[nodiscard]] Result<artifact::Package> import_model(const ImportOptions& options);

struct ModelReport {
  std::filesystem::path path;  ///< Folder or file; empty for HOG.
  bool is_package = false;
  artifact::Manifest manifest;  ///< A package's own, or as recognised.
  struct Network {
    std::string variant;
    NetworkInfo info;
    std::string problem;  ///< Why it does not run; empty where it does.
    std::string precision, device;
  };
  std::vector<Network> networks;  ///< One a variant.
};

/// Reads a model (any that Detector::open() takes), checks its files' checksums and compiles every
/// variant. A bare network that is of no known family is reported with that as its problem.
///
/// Errors: not_found, malformed, unsupported.
[[nodiscard]] Result<ModelReport> inspect_model(const std::string& model);

}  // namespace pasu::detect
