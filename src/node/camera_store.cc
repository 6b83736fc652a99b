#include "node/camera_store.h"

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/guard.h"
#include "base/part_file.h"
#include "base/read_file.h"
#include "node/camera_check.h"

namespace pasu::node {
namespace {

using nlohmann::json;

constexpr size_t kFileBytesMax = 8u << 20;  // A thousand cameras with the longest addresses.

json to_json(const CameraConfig& camera) {
  json out{{"url", camera.url},
           {"fps", camera.fps},
           {"sleeps", camera.sleeps},
           {"closer_looks", camera.closer_looks},
           {"enabled", camera.enabled}};
  if (!camera.sub.empty()) out["sub"] = camera.sub;
  if (camera.threshold) out["threshold"] = *camera.threshold;
  return out;
}

Result<CameraConfig> from_json(const std::string& name, const json& value) {
  CameraConfig out;
  out.name = name;
  out.url = value.at("url").get<std::string>();
  out.sub = value.value("sub", "");
  out.fps = value.at("fps").get<double>();
  if (value.contains("sleeps")) out.sleeps = value.at("sleeps").get<bool>();
  out.closer_looks = value.value("closer_looks", out.closer_looks);
  out.enabled = value.at("enabled").get<bool>();
  if (value.contains("threshold")) out.threshold = value.at("threshold").get<double>();
  TRY(with_context(check_camera(out), fmt::format("camera '{}'", name)));
  return out;
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
    const std::string text = TRY(read_file(store.path_, kFileBytesMax));
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
  // Only its owner may read it: it has passwords.
  const auto written = write_file(path_, as_bytes(text), {.mode = 0600, .sync = true});
  if (!written)
    return fail(written.error().code(),
                "{}; set server.data to a folder that may be written to and has space left",
                written.error().message());
  changes_ = changes;
  apply();
  return {};
}

// Only a camera of the configuration file needs to be remembered as gone.
void CameraStore::take_out(Changes& changes, const std::string& name) const {
  if (std::ranges::find(configured_, name, &CameraConfig::name) != configured_.end())
    changes[name] = std::nullopt;
  else
    changes.erase(name);
}

Result<void> CameraStore::put(const CameraConfig& camera) { return replace(camera.name, camera); }

Result<void> CameraStore::replace(const std::string& name, const CameraConfig& camera) {
  Changes changes = changes_;
  if (name != camera.name) take_out(changes, name);
  changes[camera.name] = camera;
  return save(changes);
}

Result<void> CameraStore::remove(const std::string& name) {
  Changes changes = changes_;
  take_out(changes, name);
  return save(changes);
}

}  // namespace pasu::node
