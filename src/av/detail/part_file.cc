#include "av/detail/part_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "base/assert.h"

namespace pasu::av {

Result<std::unique_ptr<PartFile>> PartFile::create(const std::string& path) {
  const std::string part = path + ".part";
  const int descriptor = ::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return fail(errno == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be written: {}", part,
                std::strerror(errno));
  return std::unique_ptr<PartFile>(new PartFile(path, descriptor));
}

PartFile::PartFile(std::string path, int descriptor)
    : path_(std::move(path)), part_path_(path_ + ".part"), descriptor_(descriptor) {
  constexpr int kBufferBytes = 64 * 1024;
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  io_ =
      avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &PartFile::write, &PartFile::seek);
  ASSERT(buffer != nullptr && io_ != nullptr);
}

PartFile::~PartFile() {
  close_io();
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(part_path_.c_str());
}

int PartFile::write(void* self, uint8_t* data, int size) {
  auto& file = *static_cast<PartFile*>(self);
  int done = 0;
  while (done < size) {
    const ssize_t n = ::write(file.descriptor_, data + done, static_cast<size_t>(size - done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      if (file.error_ == 0) file.error_ = errno;
      return AVERROR(errno);
    }
    done += static_cast<int>(n);
  }
  return size;
}

int64_t PartFile::seek(void* self, int64_t offset, int whence) {
  const auto& file = *static_cast<PartFile*>(self);
  if (whence == AVSEEK_SIZE) {
    const off_t here = ::lseek(file.descriptor_, 0, SEEK_CUR);
    const off_t size = ::lseek(file.descriptor_, 0, SEEK_END);
    (void)::lseek(file.descriptor_, here, SEEK_SET);
    return size;
  }
  const off_t at = ::lseek(file.descriptor_, offset, whence & ~AVSEEK_FORCE);
  return at < 0 ? AVERROR(errno) : at;
}

void PartFile::close_io() {
  if (io_ == nullptr) return;
  av_free(io_->buffer);
  io_->buffer = nullptr;
  avio_context_free(&io_);
}

Result<void> PartFile::commit() {
  close_io();
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed == 0 && ::rename(part_path_.c_str(), path_.c_str()) == 0) return {};
  const int number = errno;
  ::unlink(part_path_.c_str());
  return fail(number == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be finished: {}", path_,
              std::strerror(number));
}

}  // namespace pasu::av
