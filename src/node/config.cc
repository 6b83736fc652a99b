#include "node/config.h"

#include <cstdio>

#include "base/config_text.h"
#include "base/read_file.h"
#include "node/camera_check.h"

namespace pasu::node {
namespace {

// RFC 6454 6.2: scheme, host and perhaps port.
bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (text.starts_with(scheme))
      return text.size() > scheme.size() &&
             text.find_first_of("/?#@ ", scheme.size()) == std::string_view::npos;
  return false;
}

Result<void> read_server(ConfigTable& table, ServerConfig& out) {
  TRY(table.read("listen", out.listen));
  TRY(table.read("port", out.port, 1, 65535));
  TRY(table.read("origins", out.origins));
  TRY(table.read("data", out.data));
  TRY(table.read("workers", out.workers, 0, 1024));
  if (out.listen.empty())
    return table.error("listen", "is empty; write 127.0.0.1, or 0.0.0.0 for every network");
  if (out.data.empty()) return table.error("data", "is empty; name a folder");
  for (const std::string& origin : out.origins)
    if (!is_origin(origin))
      return table.error("origins",
                         fmt::format("'{}' is no origin; write https://host or http://host:port, "
                                     "without a path",
                                     origin));
  return table.finish();
}

Result<void> read_detector(ConfigTable& table, ServerConfig& out) {
  TRY(table.read("model", out.model));
  std::string size;
  TRY(table.read("size", size));
  TRY(table.finish());
  if (size.empty()) return {};
  int width = 0, height = 0, used = 0;
  if (std::sscanf(size.c_str(), "%4dx%4d%n", &width, &height, &used) != 2 ||
      static_cast<size_t>(used) != size.size() || width < 32 || height < 32)
    return table.error("size", fmt::format("'{}' is not a size such as 320x192", size));
  out.model_width = width;
  out.model_height = height;
  return {};
}

Result<CameraConfig> read_camera(ConfigTable& table) {
  CameraConfig out;
  TRY(table.read("name", out.name));
  TRY(table.read("url", out.url));
  TRY(table.read("fps", out.fps));
  double threshold = 0;
  TRY(table.read("threshold", threshold));
  if (table.has("threshold")) out.threshold = threshold;
  TRY(table.read("enabled", out.enabled));
  TRY(table.finish());
  for (const char* key : {"name", "url"})
    if (!table.has(key)) return table.error(key, "is missing; every [[camera]] needs name and url");
  if (const auto problem = find_problem(out)) return table.error(problem->field, problem->sentence);
  return out;
}

}  // namespace

Result<ServerConfig> parse_config(std::string_view text, std::string name) {
  ConfigTable root = TRY(ConfigTable::parse(text, std::move(name)));
  ServerConfig out;
  ConfigTable server = TRY(root.table("server"));
  TRY(read_server(server, out));
  ConfigTable detector = TRY(root.table("detector"));
  TRY(read_detector(detector, out));
  std::vector<ConfigTable> cameras = TRY(root.tables("camera"));
  TRY(root.finish());
  for (ConfigTable& table : cameras) {
    CameraConfig camera = TRY(read_camera(table));
    for (const CameraConfig& other : out.cameras)
      if (other.name == camera.name)
        return table.error(
            "name", fmt::format("there are two cameras named '{}'; rename one", camera.name));
    out.cameras.push_back(std::move(camera));
  }
  return out;
}

Result<ServerConfig> load_config(const std::string& path) {
  return parse_config(TRY(read_file(path, ConfigTable::kFileBytesMax)), path);
}

}  // namespace pasu::node
