// What several of this room's tests need: a folder that vanishes, small networks, a real picture.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "media/frame.h"

namespace pasu::detect::test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& file, const std::string& text);
[[nodiscard]] std::string read_file(const std::filesystem::path& file);

struct TinyNetwork {
  int width = 64, height = 32, stride = 16;
  int batch = 1;
  bool free_size = false;    ///< Batch, height and width free.
  bool fixed_batch = false;  ///< A 1 written into a Reshape, as exports often have.
  bool two_inputs = false;
};

/// Writes an .xml and .bin whose output "s16" [N, 5, H/16, W/16] is, for each cell, the means of
/// channels 0, 1, 2, 0 and of the sum of all three; of what the network is given.
void write_network(const std::filesystem::path& xml, const TinyNetwork& options = {});

/// A manifest for it, labels ["person"].
[[nodiscard]] std::string tiny_manifest(const std::string& more = "");

/// One colour all over.
[[nodiscard]] media::Frame plain_frame(int width, int height, uint8_t r, uint8_t g, uint8_t b);

/// A picture of the demo clip, RGB, 30 s in: six people on a street. Nothing where demo/vtest.avi
/// or ffmpeg is absent.
[[nodiscard]] std::optional<media::Frame> street_picture();

/// PASU_SHARED or ../shared; nothing where that has no data.
[[nodiscard]] std::optional<std::filesystem::path> shared_data();

}  // namespace pasu::detect::test
