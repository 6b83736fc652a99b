// The file behind a muxer: PATH.part until it is whole.
#pragma once

#include <memory>
#include <string>

#include "av/detail/ffmpeg.h"
#include "base/result.h"

namespace pasu::av {

/// Removes the partial file unless commit() was called.
class PartFile {
 public:
  /// Errors: io, no_space.
  [[nodiscard]] static Result<std::unique_ptr<PartFile>> create(const std::string& path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  [[nodiscard]] AVIOContext* io() const { return io_; }
  [[nodiscard]] const std::string& part_path() const { return part_path_; }
  /// errno of the first write that failed; 0 where none did. libavformat would hide it.
  [[nodiscard]] int error() const { return error_; }
  /// Closes the file and gives it its final name. Flush io() before. Errors: io, no_space.
  [[nodiscard]] Result<void> commit();

 private:
  PartFile(std::string path, int descriptor);
  static int write(void* self, uint8_t* data, int size);
  static int64_t seek(void* self, int64_t offset, int whence);
  void close_io();

  std::string path_;
  std::string part_path_;
  int descriptor_;
  AVIOContext* io_ = nullptr;
  int error_ = 0;
};

}  // namespace pasu::av
