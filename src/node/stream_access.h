// Who may read and who may publish which stream.
#pragma once

#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "node/config.h"

namespace pasu::node {

/// The user who shows no password.
inline constexpr std::string_view kAnyone = "anyone";

/// `right` is "*", a camera's name (and all its streams), or one stream's path.
[[nodiscard]] bool covers(std::string_view right, std::string_view path);

/// Thread-safe.
class StreamAccess {
 public:
  explicit StreamAccess(std::vector<UserConfig> users) : users_(std::move(users)) {}

  [[nodiscard]] std::optional<std::string> password_of(std::string_view user) const;
  /// `user` is "" for whoever showed no password.
  [[nodiscard]] bool may_read(std::string_view user, std::string_view path) const;
  /// Only paths that were opened take publishers.
  [[nodiscard]] bool may_publish(std::string_view user, std::string_view path) const;

  /// A camera waits for its publisher, or no longer does.
  void open_path(const std::string& path);
  void close_path(const std::string& path);

 private:
  [[nodiscard]] const UserConfig* find(std::string_view user) const;

  const std::vector<UserConfig> users_;
  mutable std::shared_mutex mutex_;
  std::set<std::string, std::less<>> open_paths_;
};

/// The user to begin with, where the configuration has none: 'pasu', may read everything, with a
/// random password kept in `folder`/stream_password, readable by its owner only. Errors: io.
[[nodiscard]] Result<UserConfig> first_user(const std::string& folder);

}  // namespace pasu::node
