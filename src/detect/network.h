// What a network's file holds, before any manifest speaks of it.
#pragma once

#include <string>
#include <vector>

#include "artifact/manifest.h"
#include "base/result.h"
#include "detect/backend.h"

namespace pasu::detect {

struct NetworkInput {
  std::string name;
  std::vector<int64_t> shape;  ///< -1: free.
  artifact::ElementType type = artifact::ElementType::f32;
};

struct NetworkInfo {
  std::string file;
  std::vector<NetworkInput> inputs;
  std::vector<TensorInfo> outputs;
  std::string precision;  ///< "int8", "f16" or "f32": what the file holds.

  /// Of an SSD's DetectionOutput layer, 0 and -1 where there is none.
  int ssd_classes = 0;  ///< The background counted.
  int ssd_background = -1;
};

/// Reads a .xml, .onnx or .pb without compiling it. Errors: as open_openvino().
[[nodiscard]] Result<NetworkInfo> read_network(const std::string& file);

/// "[1, 5, ?, ?]"
[[nodiscard]] std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace pasu::detect
