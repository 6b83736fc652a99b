// Where a checkpoint is, however it was named.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pasu::pipeline {

struct CheckpointPath {
  enum class Kind {
    pasu,        ///< `path` is the file.
    tensorflow,  ///< `path` is what the names of its files begin with: PATH.index, PATH.data-...
  };
  Kind kind = Kind::pasu;
  std::string path;
};

/// `given` names a file of pasu's, what a TensorFlow checkpoint's files begin with, any of those
/// files, or a folder where TensorFlow's `checkpoint` says which is the latest.
/// Errors: not_found, malformed (a `checkpoint` that cannot be read), each with the path and what
/// to give instead.
[[nodiscard]] Result<CheckpointPath> find_checkpoint(const std::string& given);

/// model_checkpoint_path of TensorFlow's `checkpoint` (CheckpointState in protobuf's text format).
/// `path` names it in errors: malformed.
[[nodiscard]] Result<std::string> latest_checkpoint(std::string_view text, const std::string& path);

}  // namespace pasu::pipeline
