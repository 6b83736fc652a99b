// The little cryptography RTSP needs: hashes as text, random text, equality in constant time.
#pragma once

#include <string>
#include <string_view>

namespace pasu::rtsp::detail {

/// Lower-case hexadecimal.
[[nodiscard]] std::string md5_hex(std::string_view text);
[[nodiscard]] std::string sha256_hex(std::string_view text);

/// `bytes` from the system's generator, in hexadecimal.
[[nodiscard]] std::string random_hex(size_t bytes);

/// Takes the same time wherever the texts differ; their lengths are no secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace pasu::rtsp::detail
