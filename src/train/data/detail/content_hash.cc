#include "train/data/detail/content_hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/assert.h"

namespace pasu::data::detail {

ContentHash sha256(ByteView bytes) {
  ContentHash out{};
  unsigned size = 0;
  ASSERT(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr) == 1);
  ASSERT(size == out.size());
  return out;
}

std::string sha256_text(ByteView bytes) {
  std::string out;
  for (const uint8_t byte : sha256(bytes)) out += fmt::format("{:02x}", byte);
  return out;
}

}  // namespace pasu::data::detail
