#include "wire/rtsp/detail/crypto.h"

#include <array>
#include <vector>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/assert.h"
#include "base/bytes.h"

namespace pasu::rtsp::detail {
namespace {

std::string to_hex(ByteView bytes) {
  std::string out;
  for (const uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::string hash_hex(const EVP_MD* kind, std::string_view text) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ASSERT(EVP_Digest(text.data(), text.size(), digest.data(), &size, kind, nullptr) == 1);
  return to_hex({digest.data(), size});
}

}  // namespace

std::string md5_hex(std::string_view text) { return hash_hex(EVP_md5(), text); }
std::string sha256_hex(std::string_view text) { return hash_hex(EVP_sha256(), text); }

std::string random_hex(size_t bytes) {
  std::vector<uint8_t> random(bytes);
  ASSERT(RAND_bytes(random.data(), static_cast<int>(bytes)) == 1);
  return to_hex(random);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace pasu::rtsp::detail
