// What `pasu detect` was asked to look at, and where each result goes.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace pasu::job {

struct Task {
  enum class Kind { video, picture };
  std::string input;   ///< A file's path or a stream's URL.
  std::string output;  ///< The boxed video or picture; empty = none wanted.
  Kind kind = Kind::video;
};

struct PlanOptions {
  std::vector<std::string> inputs;  ///< Files, folders and URLs.
  std::string output;               ///< A file for one input, else a folder; empty = none.
  std::string json;                 ///< Only checked against the others here; "-" is stdout.
};

/// One task a video, picture or stream, in the order given; a folder stands for the videos and
/// pictures right in it, by name. Outputs of several inputs get names of their own in the folder
/// `output`, which is made. Errors: not_found, invalid_argument (an output that is an input, one
/// file for several inputs, a picture that is not to be a JPEG), io (no folder could be made).
[[nodiscard]] Result<std::vector<Task>> plan(const PlanOptions& options);

[[nodiscard]] bool is_url(const std::string& input);

}  // namespace pasu::job
