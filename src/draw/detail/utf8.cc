#include "draw/detail/utf8.h"

#include <cstdint>

namespace pasu::draw {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

/// Length of the sequence that `lead` opens, 0 if none (RFC 3629 3).
size_t sequence_length(uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

/// The code point that `bytes`, a whole sequence, spell, or U+FFFD.
char32_t decode(std::string_view bytes) {
  constexpr uint8_t kLeadBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  char32_t value = static_cast<uint8_t>(bytes[0]) & kLeadBits[bytes.size()];
  for (const char c : bytes.substr(1)) {
    const auto byte = static_cast<uint8_t>(c);
    if ((byte & 0xC0) != 0x80) return kReplacement;
    value = value << 6 | (byte & 0x3F);
  }
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes.size()] || surrogate || value > 0x10FFFF) return kReplacement;
  return value;
}

}  // namespace

std::u32string code_points(std::string_view utf8) {
  std::u32string out;
  while (!utf8.empty()) {
    size_t length = sequence_length(static_cast<uint8_t>(utf8[0]));
    const bool whole = length > 0 && length <= utf8.size();
    const char32_t value = whole ? decode(utf8.substr(0, length)) : kReplacement;
    // One byte is given up, and the next one gets its chance.
    if (value == kReplacement && utf8.substr(0, 3) != "\xEF\xBF\xBD") length = 1;
    out.push_back(value);
    utf8.remove_prefix(length);
  }
  return out;
}

}  // namespace pasu::draw
