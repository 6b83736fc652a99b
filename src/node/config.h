// pasu.toml as plain structs: what the server is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pasu::node {

/// The `url` of a camera that waits for an encoder to push to its name.
inline constexpr std::string_view kPublish = "publish";

/// One [[camera]].
struct CameraConfig {
  std::string name;
  /// A file's path (looped, paced in real time), a stream URL, or kPublish.
  std::string url;
  /// A smaller stream of the same camera, analysed in place of `url`; empty: there is none.
  std::string sub;
  /// Frames analysed a second; 0: none, the camera is only passed on.
  double fps = 5;
  std::optional<double> threshold;  ///< Nothing: the model's own.
  /// While nobody is there and nothing moves, only key frames are decoded (gate::Gate).
  bool sleeps = true;
  /// Parts of a large picture that are looked at closer, for each analysed frame
  /// (gate::CloserLook).
  int64_t closer_looks = 1;
  bool enabled = true;
  bool operator==(const CameraConfig&) const = default;
};

/// One [[user]] of the streaming side.
struct UserConfig {
  std::string name;  ///< "anyone": whoever shows no password.
  std::string password;
  /// Cameras: "*" is all; "gate" is that camera with all its streams, "gate/boxes" one of them.
  std::vector<std::string> read{"*"}, publish;
};

/// [streaming]: RTSP and RTMP to players and from encoders.
struct StreamingConfig {
  int64_t rtsp_port = 8554, rtsps_port = 8322;  ///< 0: off.
  int64_t rtmp_port = 1935, rtmps_port = 1936;  ///< 0: off.
  /// Reading by multicast: the first group, IPv4 (empty: off); the first port.
  std::string multicast_group;
  int64_t multicast_port = 15000, multicast_ttl = 1;
  /// PEM files for the encrypted ports; empty: a certificate of our own, kept in the data folder.
  std::string certificate, key;
  /// NAME/boxes. 0: as the camera has it.
  int64_t boxes_height = 0;
  double boxes_fps = 0;
  int64_t boxes_kbits = 4000;  ///< kbit/s at most.
};

/// The whole file.
struct ServerConfig {
  std::string listen = "127.0.0.1";
  int64_t port = 8080;
  /// Origins the page may be opened under besides the listening address
  /// ("https://cctv.example.org").
  std::vector<std::string> origins;
  std::string model = "person";
  int64_t model_width = 0, model_height = 0;  ///< 0: the package's default size.
  int64_t workers = 0;                        ///< Decoding threads; 0: one a core.
  std::string data = "data";  ///< Folder for what the page changed; made when needed.
  StreamingConfig streaming;
  std::vector<UserConfig> users;  ///< None: one with a random password is made.
  std::vector<CameraConfig> cameras;
};

/// Errors name file, line, key and the nearest right key.
[[nodiscard]] Result<ServerConfig> load_config(const std::string& path);
[[nodiscard]] Result<ServerConfig> parse_config(std::string_view text, std::string name);

/// The commented manual that `pasu config example` prints; it parses to the defaults.
[[nodiscard]] std::string example_config();

}  // namespace pasu::node
