#include "base/base64.h"

#include <algorithm>
#include <array>

namespace pasu {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int16_t, 256> make_values() {
  std::array<int16_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<int16_t>(i);
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < count ? bytes[i + k] : 0u);
    for (size_t k = 0; k < 4; ++k) text += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

Result<std::vector<uint8_t>> from_base64(std::string_view text) {
  std::string_view digits = text;
  while (!digits.empty() && digits.back() == '=') digits.remove_suffix(1);
  if (text.size() - digits.size() > 2 || digits.size() % 4 == 1)
    return fail(Errc::malformed, "base64: {} digits and {} '=' are no whole number of bytes",
                digits.size(), text.size() - digits.size());
  std::vector<uint8_t> bytes;
  bytes.reserve(digits.size() * 3 / 4);
  uint32_t group = 0;
  int bits = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const int value = kValues[static_cast<uint8_t>(digits[i])];
    if (value < 0)
      return fail(Errc::malformed, "base64: byte {} (0x{:02x}) is no base64 digit", i,
                  static_cast<uint8_t>(digits[i]));
    group = group << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<uint8_t>(group >> bits));
  }
  return bytes;
}

}  // namespace pasu
