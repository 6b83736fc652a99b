// For this room's tests: bits written, hexadecimal read, streams cut into access units.
#pragma once

#include <bit>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "bits/nal.h"

namespace pasu::bits {

/// The other direction of BitReader.
class BitWriter {
 public:
  BitWriter& u(int count, uint64_t value) {
    for (int i = count; i-- > 0;) bits_.push_back((value >> i & 1) != 0);
    return *this;
  }
  BitWriter& ue(uint64_t value) {
    const int length = std::bit_width(value + 1);
    return u(length - 1, 0).u(length, value + 1);
  }
  BitWriter& se(int64_t value) {
    return ue(static_cast<uint64_t>(value > 0 ? 2 * value - 1 : -2 * value));
  }

  /// `header`, then the bits with their stop bit, escaped (H.264 7.3.1).
  [[nodiscard]] std::vector<uint8_t> nal(const std::vector<uint8_t>& header) const {
    std::vector<bool> bits = bits_;
    bits.push_back(true);
    while (bits.size() % 8 != 0) bits.push_back(false);
    std::vector<uint8_t> out = header;
    int zeros = 0;
    for (size_t i = 0; i < bits.size(); i += 8) {
      uint8_t byte = 0;
      for (size_t k = 0; k < 8; ++k) byte = static_cast<uint8_t>(byte << 1 | bits[i + k]);
      if (zeros >= 2 && byte <= 3) {
        out.push_back(3);
        zeros = 0;
      }
      zeros = byte == 0 ? zeros + 1 : 0;
      out.push_back(byte);
    }
    return out;
  }

 private:
  std::vector<bool> bits_;
};

inline std::vector<uint8_t> from_hex(std::string_view text) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

/// A file of src/bits/testdata.
inline std::vector<uint8_t> read_testdata(const std::string& name) {
  std::ifstream file(PASU_TESTDATA "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void append(std::vector<uint8_t>& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

inline std::vector<uint8_t> with_start_code(ByteView nal) {
  std::vector<uint8_t> out{0, 0, 0, 1};
  append(out, nal);
  return out;
}

inline std::vector<uint8_t> with_length(ByteView nal) {
  const size_t size = nal.size();
  std::vector<uint8_t> out{uint8_t(size >> 24), uint8_t(size >> 16), uint8_t(size >> 8),
                           uint8_t(size)};
  append(out, nal);
  return out;
}

}  // namespace pasu::bits
