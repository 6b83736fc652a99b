// The bytes of a file from its beginning, inflated where they are compressed.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"
#include "train/data/tfrecord.h"

namespace pasu::data::detail {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `out.size()` bytes, 0 at the end only. Errors name the file: io, and of compressed ones
  /// malformed and truncated, with the byte of the file.
  [[nodiscard]] virtual Result<size_t> read(std::span<uint8_t> out) = 0;
};

/// Errors: not_found, io.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_plain(const std::filesystem::path& path);
/// `plain` inflated. A gzip file may have several members.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> inflate(std::unique_ptr<ByteSource> plain,
                                                          Compression compression,
                                                          const std::string& path);

}  // namespace pasu::data::detail
