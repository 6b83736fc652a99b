// What was changed on the page since the configuration file was written: kept in the data folder.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "node/config.h"

namespace pasu::node {

/// The cameras of pasu.toml with the page's changes laid over them. The file itself is never
/// rewritten.
///
/// changes.json in the data folder holds, by name, each camera that was added or changed, or null
/// for one that was removed. It is replaced whole, by rename; only its owner may read it, as it has
/// passwords. One thread at a time.
class CameraStore {
 public:
  /// Makes the folder. Errors: io, malformed (names the file and the remedy).
  [[nodiscard]] static Result<CameraStore> open(const std::string& folder,
                                                std::vector<CameraConfig> configured);

  [[nodiscard]] const std::vector<CameraConfig>& cameras() const { return cameras_; }
  /// Adds `camera`, or replaces the one of its name. Errors: io, no_space; then nothing has
  /// changed.
  [[nodiscard]] Result<void> put(const CameraConfig& camera);
  /// Puts `camera` where `name` was, which may be its own name.
  [[nodiscard]] Result<void> replace(const std::string& name, const CameraConfig& camera);
  [[nodiscard]] Result<void> remove(const std::string& name);

 private:
  using Changes = std::map<std::string, std::optional<CameraConfig>>;

  void apply();
  void take_out(Changes& changes, const std::string& name) const;
  [[nodiscard]] Result<void> save(const Changes& changes);

  std::string path_;
  std::vector<CameraConfig> configured_;
  Changes changes_;
  std::vector<CameraConfig> cameras_;
};

/// The text of changes.json. Errors: malformed, naming the camera and field.
[[nodiscard]] Result<std::map<std::string, std::optional<CameraConfig>>> parse_changes(
    std::string_view text);

}  // namespace pasu::node
