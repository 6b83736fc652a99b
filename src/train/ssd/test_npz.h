// Arrays of 32-bit floats in NumPy's .npy and .npz files, for golden numbers in tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>
#include <zlib.h>

#include <gtest/gtest.h>

#include "base/read_file.h"

namespace pasu::train::ssd {

/// The floats of a .npy file's bytes (its header's length stands at byte 8, in v1).
inline std::vector<float> npy_floats(const std::string& bytes) {
  const size_t header =
      10 + static_cast<uint8_t>(bytes.at(8)) + 256u * static_cast<uint8_t>(bytes.at(9));
  EXPECT_NE(bytes.substr(0, header).find("'<f4'"), bytes.npos);
  std::vector<float> out((bytes.size() - header) / 4);
  std::memcpy(out.data(), bytes.data() + header, out.size() * 4);
  return out;
}

/// The file `name` of a zip archive, found by its local header (APPNOTE 4.3.7) where that has
/// sizes.
inline std::string unzipped(const std::string& zip, const std::string& name) {
  const auto number = [&](size_t at, size_t bytes) {
    size_t out = 0;
    for (size_t i = bytes; i-- > 0;) out = out << 8 | static_cast<uint8_t>(zip.at(at + i));
    return out;
  };
  for (size_t at = 0; (at = zip.find("PK\x03\x04", at)) != zip.npos; at += 4) {
    if (zip.compare(at + 30, number(at + 26, 2), name) != 0) continue;
    const size_t begin = at + 30 + number(at + 26, 2) + number(at + 28, 2);
    size_t packed = number(at + 18, 4), size = number(at + 22, 4);
    if (packed == 0xFFFFFFFF) {  // Zip64: the extra field has both.
      size = number(at + 30 + number(at + 26, 2) + 4, 8);
      packed = number(at + 30 + number(at + 26, 2) + 12, 8);
    }
    if (number(at + 8, 2) == 0) return zip.substr(begin, size);
    std::string out(size, 0);
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zip.data() + begin));
    stream.avail_in = static_cast<uInt>(packed);
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(size);
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    inflateEnd(&stream);
    return out;
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

}  // namespace pasu::train::ssd
