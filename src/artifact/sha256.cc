#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include <openssl/evp.h>

#include "artifact/package.h"

namespace pasu::artifact {

Result<std::string> sha256_of(const std::filesystem::path& file) {
  constexpr uint64_t kFileBytesMax = 4ull << 30;
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::not_found, "{}: {}", file.string(), std::strerror(errno));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
    return fail(Errc::internal, "{}: OpenSSL offers no SHA-256", file.string());
  std::vector<char> buffer(1u << 18);
  uint64_t bytes = 0;
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    const auto got = static_cast<size_t>(in.gcount());
    bytes += got;
    if (bytes > kFileBytesMax)
      return fail(Errc::too_large, "{}: larger than {} bytes", file.string(), kFileBytesMax);
    EVP_DigestUpdate(context.get(), buffer.data(), got);
  }
  if (in.bad() || !in.eof()) return fail(Errc::io, "{}: reading failed", file.string());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace pasu::artifact
