// What the files that use OpenVINO share. The only header that includes it.
#pragma once

#include <string>

#include <openvino/openvino.hpp>

#include "base/result.h"
#include "detect/network.h"

namespace pasu::detect::detail {

/// The process's one ov::Core. Never destroyed: its plugins' threads may outlive main().
[[nodiscard]] ov::Core& ov_core();

/// By the one front end its extension names: .xml, .onnx or .pb.
/// Errors: unsupported (another extension), not_found, malformed.
[[nodiscard]] Result<std::shared_ptr<ov::Model>> read_model(const std::string& file);

[[nodiscard]] NetworkInfo describe(const std::string& file, const ov::Model& model);

/// A name of an output of `output`'s node: without TensorFlow's ":0".
[[nodiscard]] std::string tensor_name(const ov::Output<const ov::Node>& output);
/// -1 for what is free; empty where even the rank is.
[[nodiscard]] std::vector<int64_t> shape_of(const ov::PartialShape& shape);

/// OpenVINO's exceptions carry file names and line numbers of its own; people get the last line.
[[nodiscard]] Error trimmed(const Error& error);

}  // namespace pasu::detect::detail
