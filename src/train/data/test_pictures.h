// Pictures for tests: a PNG's first bytes, which is all that sizes are read from.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace pasu::data {

inline std::string png_header(int width, int height) {
  std::string out("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", 16);
  for (const int side : {width, height})
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(side >> shift);
  return out;
}

inline void put_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// An empty folder of this test's own.
inline std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / ("pasu_data_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace pasu::data
