#include "node/camera_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/config_text.h"
#include "base/guard.h"
#include "node/camera_check.h"

namespace pasu::node {
namespace {

using nlohmann::json;

json to_json(const CameraConfig& camera) {
  json out{{"url", camera.url}, {"fps", camera.fps}, {"enabled", camera.enabled}};
  if (camera.threshold) out["threshold"] = *camera.threshold;
  return out;
}

Result<CameraConfig> from_json(const std::string& name, const json& value) {
  CameraConfig out;
  out.name = name;
  out.url = value.at("url").get<std::string>();
  out.fps = value.at("fps").get<double>();
  out.enabled = value.at("enabled").get<bool>();
  if (value.contains("threshold")) out.threshold = value.at("threshold").get<double>();
  TRY(with_context(check_camera(out), fmt::format("camera '{}'", name)));
  return out;
}

Result<void> write_whole(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t n = ::write(file, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return fail(errno == ENOSPC ? Errc::no_space : Errc::io, "{}: {}", path,
                  std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(n));
  }
  if (::fsync(file) != 0) return fail(Errc::io, "{}: {}", path, std::strerror(errno));
  return {};
}

// All of `text` under `path`, or what was there before.
Result<void> replace_file(const std::string& path, std::string_view text) {
  const std::string part = path + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(Errc::io, "{}: {}; set server.data to a folder that may be written to", part,
                std::strerror(errno));
  auto written = write_whole(file, text, part);
  ::close(file);
  if (written && ::rename(part.c_str(), path.c_str()) != 0)
    written = fail(Errc::io, "{}: {}", path, std::strerror(errno));
  if (!written) ::unlink(part.c_str());
  return written;
}

}  // namespace

Result<std::map<std::string, std::optional<CameraConfig>>> parse_changes(std::string_view text) {
  return guard(
      [&]() -> Result<std::map<std::string, std::optional<CameraConfig>>> {
        std::map<std::string, std::optional<CameraConfig>> out;
        const json root = json::parse(text);
        if (!root.is_object()) return fail(Errc::malformed, "is no JSON object");
        for (const auto& [name, value] : root.items()) {
          if (value.is_null()) {
            out[name] = std::nullopt;
          } else {
            out[name] = TRY(from_json(name, value));
          }
        }
        return out;
      },
      Errc::malformed);
}

Result<CameraStore> CameraStore::open(const std::string& folder,
                                      std::vector<CameraConfig> configured) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail(Errc::io, "the data folder {} cannot be made: {}; set server.data to another",
                folder, error.message());
  CameraStore store;
  store.path_ = folder + "/changes.json";
  store.configured_ = std::move(configured);
  if (std::filesystem::exists(store.path_)) {
    const std::string text = TRY(read_config_file(store.path_));
    auto changes = parse_changes(text);
    if (!changes)
      return fail(Errc::malformed,
                  "{}: {}; mend it, or move it away to go back to the cameras of "
                  "the configuration file",
                  store.path_, changes.error().message());
    store.changes_ = std::move(*changes);
  }
  store.apply();
  return store;
}

void CameraStore::apply() {
  cameras_.clear();
  for (const auto& camera : configured_) {
    const auto change = changes_.find(camera.name);
    if (change == changes_.end())
      cameras_.push_back(camera);
    else if (change->second)
      cameras_.push_back(*change->second);
  }
  for (const auto& [name, camera] : changes_) {
    const bool placed = std::any_of(cameras_.begin(), cameras_.end(),
                                    [&](const auto& c) { return c.name == name; });
    if (camera && !placed) cameras_.push_back(*camera);
  }
}

Result<void> CameraStore::save(const Changes& changes) {
  json root = json::object();
  for (const auto& [name, camera] : changes) root[name] = camera ? to_json(*camera) : json(nullptr);
  const std::string text = TRY(guard([&] { return root.dump(2) + "\n"; }));
  TRY(replace_file(path_, text));
  changes_ = changes;
  apply();
  return {};
}

Result<void> CameraStore::put(const CameraConfig& camera) { return replace(camera.name, camera); }

Result<void> CameraStore::replace(const std::string& name, const CameraConfig& camera) {
  Changes changes = changes_;
  if (name != camera.name) changes[name] = std::nullopt;
  changes[camera.name] = camera;
  return save(changes);
}

Result<void> CameraStore::remove(const std::string& name) {
  Changes changes = changes_;
  changes[name] = std::nullopt;
  return save(changes);
}

}  // namespace pasu::node
