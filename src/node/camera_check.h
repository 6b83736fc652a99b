// Is this camera's configuration one we can work with, whoever wrote it: file, page or API client.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "node/config.h"

namespace pasu::node {

struct CameraProblem {
  std::string field;     ///< "url"
  std::string code;      ///< "empty": part of the API (Error.detail), add, never change.
  std::string sentence;  ///< "is empty; ..."
};

/// The first thing wrong with `camera`; nothing when it is fine. Does not look at the network or
/// disk.
[[nodiscard]] std::optional<CameraProblem> find_problem(const CameraConfig& camera);

/// find_problem() as an invalid_argument error, "url: is empty; ...".
[[nodiscard]] Result<void> check_camera(const CameraConfig& camera);

/// Valid UTF-8 without control or direction-changing characters.
[[nodiscard]] bool is_plain_text(std::string_view text);

/// `url` with the credentials of `before` where its own are hidden (***) and scheme, host and port
/// are the same: what a client read, perhaps with another path, and sent back.
[[nodiscard]] std::string restore_credentials(const std::string& url, const std::string& before);

}  // namespace pasu::node
