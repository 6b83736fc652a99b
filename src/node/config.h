// pasu.toml as plain structs: what the server is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace pasu::node {

/// One [[camera]].
struct CameraConfig {
  std::string name;
  std::string url;                  ///< A file's path (looped, paced in real time) or a stream URL.
  double fps = 5;                   ///< Frames analysed a second.
  std::optional<double> threshold;  ///< Nothing: the model's own.
  bool enabled = true;
  bool operator==(const CameraConfig&) const = default;
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
  std::vector<CameraConfig> cameras;
};

/// Errors name file, line, key and the nearest right key.
[[nodiscard]] Result<ServerConfig> load_config(const std::string& path);
[[nodiscard]] Result<ServerConfig> parse_config(std::string_view text, std::string name);

/// The commented manual that `pasu config example` prints; it parses to the defaults.
[[nodiscard]] std::string example_config();

}  // namespace pasu::node
