// A file that is there whole or not at all: it grows as PATH.part and gets its name at the end.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu {

/// Without commit() the partial file is removed, and what was under its name before stays. Where
/// that is a pipe or a device, it is written as it is. One thread at a time.
class PartFile {
 public:
  /// `mode` as in open(2), less the umask. Errors: io, no_space.
  [[nodiscard]] static Result<PartFile> create(std::string path, unsigned mode = 0644);
  PartFile(PartFile&& other) noexcept
      : path_(std::move(other.path_)),
        part_path_(std::move(other.part_path_)),
        descriptor_(std::exchange(other.descriptor_, -1)) {}
  PartFile& operator=(PartFile&&) = delete;
  ~PartFile();

  /// All of `bytes`, unbuffered. Errors: io, no_space.
  [[nodiscard]] Result<void> write(ByteView bytes);
  /// What was written outlives a power cut; slow. Errors: io, no_space.
  [[nodiscard]] Result<void> sync();
  /// Closes the file and gives it its name. Errors: io, no_space; then the partial file is gone.
  [[nodiscard]] Result<void> commit();

  /// Where the bytes are until commit().
  [[nodiscard]] const std::string& part_path() const { return part_path_; }
  /// For seeking; stays this object's.
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  PartFile(std::string path, std::string part_path, int descriptor)
      : path_(std::move(path)), part_path_(std::move(part_path)), descriptor_(descriptor) {}
  [[nodiscard]] tl::unexpected<Error> failed(int number) const;
  void discard();

  std::string path_;
  std::string part_path_;  // path_ itself where that is a pipe or device.
  int descriptor_;
};

struct WriteOptions {
  unsigned mode = 0644;  ///< Less the umask.
  bool sync = false;     ///< Is there after a power cut, or what was there before is.
};

/// All of `bytes` under `path`, or what was there before. Errors: io, no_space.
[[nodiscard]] Result<void> write_file(const std::string& path, ByteView bytes,
                                      const WriteOptions& options = {});

}  // namespace pasu
