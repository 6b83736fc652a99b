// The file behind a muxer, as libavformat wants to write it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "av/detail/ffmpeg.h"
#include "base/part_file.h"

namespace pasu::av {

/// A PartFile with an AVIOContext in front of it.
class MuxedFile {
 public:
  /// Errors: io, no_space.
  [[nodiscard]] static Result<std::unique_ptr<MuxedFile>> create(const std::string& path);
  ~MuxedFile();
  MuxedFile(const MuxedFile&) = delete;
  MuxedFile& operator=(const MuxedFile&) = delete;

  [[nodiscard]] AVIOContext* io() const { return io_; }
  [[nodiscard]] const std::string& part_path() const { return file_.part_path(); }
  /// The first write that failed; libavformat would hide why.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  /// Closes the file and gives it its final name. Flush io() before. Errors: io, no_space.
  [[nodiscard]] Result<void> commit();

 private:
  explicit MuxedFile(PartFile file);
  static int write(void* self, uint8_t* data, int size);
  static int64_t seek(void* self, int64_t offset, int whence);
  void close_io();

  PartFile file_;
  AVIOContext* io_ = nullptr;
  std::optional<Error> error_;
};

}  // namespace pasu::av
