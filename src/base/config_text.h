// The configuration file: TOML read into plain structs, every error with file, line, key and
// remedy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasu {

/// One table of a TOML document while it is being read.
///
/// read() leaves `out` (the default) alone where the key is absent. finish() refuses keys nobody
/// asked for, naming the nearest that was. Errors read "pasu.toml:12: camera.fps: expected a
/// number, found a string". Not thread-safe.
class ConfigTable {
 public:
  static constexpr size_t kFileBytesMax = 1u << 20;
  /// `name` is how errors call the document, usually its path.
  [[nodiscard]] static Result<ConfigTable> parse(std::string_view text, std::string name);
  /// The file at `path`, parsed. Errors also: not_found, io, too_large.
  [[nodiscard]] static Result<ConfigTable> load(const std::string& path);

  ConfigTable(ConfigTable&&) noexcept;
  ConfigTable& operator=(ConfigTable&&) noexcept;
  ~ConfigTable();

  [[nodiscard]] Result<void> read(const std::string& key, std::string& out);
  [[nodiscard]] Result<void> read(const std::string& key, bool& out);
  /// An integer also serves where a number with a fraction is expected, not the other way round.
  [[nodiscard]] Result<void> read(const std::string& key, double& out);
  [[nodiscard]] Result<void> read(const std::string& key, int64_t& out);
  [[nodiscard]] Result<void> read(const std::string& key, std::vector<std::string>& out);
  [[nodiscard]] Result<void> read(const std::string& key, std::vector<double>& out);
  /// As read(), and the value must lie in [low, high].
  [[nodiscard]] Result<void> read(const std::string& key, double& out, double low, double high);
  [[nodiscard]] Result<void> read(const std::string& key, int64_t& out, int64_t low, int64_t high);

  [[nodiscard]] bool has(const std::string& key) const;
  /// The table [key]; an empty one where it is absent.
  [[nodiscard]] Result<ConfigTable> table(const std::string& key);
  /// The tables [[key]], in order.
  [[nodiscard]] Result<std::vector<ConfigTable>> tables(const std::string& key);

  /// An error at `key`, for checks this class does not know: `return config.error("url", "is
  /// empty")`.
  [[nodiscard]] tl::unexpected<Error> error(const std::string& key,
                                            std::string_view sentence) const;

  /// Call after the last read().
  [[nodiscard]] Result<void> finish() const;

 private:
  struct Impl;
  explicit ConfigTable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu
