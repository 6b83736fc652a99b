#include "node/config.h"

#include <cstdio>

#include "base/config_text.h"
#include "base/read_file.h"
#include "node/camera_check.h"
#include "node/stream_access.h"
#include "node/streaming.h"

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

Result<void> read_streaming(ConfigTable& table, StreamingConfig& out) {
  TRY(table.read("rtsp_port", out.rtsp_port, 0, 65535));
  TRY(table.read("rtsps_port", out.rtsps_port, 0, 65535));
  TRY(table.read("rtmp_port", out.rtmp_port, 0, 65535));
  TRY(table.read("rtmps_port", out.rtmps_port, 0, 65535));
  TRY(table.read("multicast_group", out.multicast_group));
  TRY(table.read("multicast_port", out.multicast_port, 2,
                 net::RtspMulticastOptions::kFirstPortMax));
  TRY(table.read("multicast_ttl", out.multicast_ttl, 1, 255));
  TRY(table.read("certificate", out.certificate));
  TRY(table.read("key", out.key));
  TRY(table.read("boxes_height", out.boxes_height, 0, 4320));
  TRY(table.read("boxes_fps", out.boxes_fps, 0, 60));
  TRY(table.read("boxes_kbits", out.boxes_kbits, 50, 100'000));
  if (out.multicast_port % 2 != 0)
    return table.error("multicast_port", "is odd; RTP's ports are even, RTCP's are between");
  if (const auto multicast = multicast_options(out))
    if (const auto right = net::check(*multicast); !right)
      return table.error("multicast_group", right.error().message());
  if (out.certificate.empty() != out.key.empty())
    return table.error(out.key.empty() ? "certificate" : "key",
                       "stands alone; certificate and key go together");
  return table.finish();
}

Result<UserConfig> read_user(ConfigTable& table) {
  UserConfig out;
  TRY(table.read("name", out.name));
  TRY(table.read("password", out.password));
  TRY(table.read("read", out.read));
  TRY(table.read("publish", out.publish));
  TRY(table.finish());
  if (out.name.empty()) return table.error("name", "is missing; every [[user]] needs one");
  if (out.name.find_first_of(":@/\"") != std::string::npos || !is_plain_text(out.name))
    return table.error("name", "may not have : @ / or \" in it");
  if (out.name == kAnyone && !out.password.empty())
    return table.error("password", "'anyone' is who shows no password; name the user otherwise");
  if (out.name != kAnyone && out.password.empty())
    return table.error("password", "is missing; only the user 'anyone' has none");
  return out;
}

Result<CameraConfig> read_camera(ConfigTable& table) {
  CameraConfig out;
  TRY(table.read("name", out.name));
  TRY(table.read("url", out.url));
  TRY(table.read("sub", out.sub));
  TRY(table.read("fps", out.fps));
  double threshold = 0;
  TRY(table.read("threshold", threshold));
  if (table.has("threshold")) out.threshold = threshold;
  TRY(table.read("sleeps", out.sleeps));
  TRY(table.read("closer_looks", out.closer_looks));
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
  ConfigTable streaming = TRY(root.table("streaming"));
  TRY(read_streaming(streaming, out.streaming));
  std::vector<ConfigTable> users = TRY(root.tables("user"));
  std::vector<ConfigTable> cameras = TRY(root.tables("camera"));
  TRY(root.finish());
  for (ConfigTable& table : users) {
    UserConfig user = TRY(read_user(table));
    for (const UserConfig& other : out.users)
      if (other.name == user.name)
        return table.error("name",
                           fmt::format("there are two users named '{}'; rename one", user.name));
    out.users.push_back(std::move(user));
  }
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
