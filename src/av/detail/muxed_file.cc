#include "av/detail/muxed_file.h"

#include <cerrno>
#include <cstdio>
#include <unistd.h>

#include "base/assert.h"

namespace pasu::av {

Result<std::unique_ptr<MuxedFile>> MuxedFile::create(const std::string& path) {
  PartFile file = TRY(PartFile::create(path));
  return std::unique_ptr<MuxedFile>(new MuxedFile(std::move(file)));
}

MuxedFile::MuxedFile(PartFile file) : file_(std::move(file)) {
  constexpr int kBufferBytes = 64 * 1024;
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  io_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &MuxedFile::write,
                           &MuxedFile::seek);
  ASSERT(buffer != nullptr && io_ != nullptr);
}

MuxedFile::~MuxedFile() { close_io(); }

int MuxedFile::write(void* self, uint8_t* data, int size) {
  auto& file = *static_cast<MuxedFile*>(self);
  const auto written = file.file_.write({data, static_cast<size_t>(size)});
  if (written) return size;
  if (!file.error_) file.error_ = written.error();
  return AVERROR(EIO);
}

int64_t MuxedFile::seek(void* self, int64_t offset, int whence) {
  const int descriptor = static_cast<const MuxedFile*>(self)->file_.descriptor();
  if (whence == AVSEEK_SIZE) {
    const off_t here = ::lseek(descriptor, 0, SEEK_CUR);
    const off_t size = ::lseek(descriptor, 0, SEEK_END);
    (void)::lseek(descriptor, here, SEEK_SET);
    return size;
  }
  const off_t at = ::lseek(descriptor, offset, whence & ~AVSEEK_FORCE);
  return at < 0 ? AVERROR(errno) : at;
}

void MuxedFile::close_io() {
  if (io_ == nullptr) return;
  av_free(io_->buffer);
  io_->buffer = nullptr;
  avio_context_free(&io_);
}

Result<void> MuxedFile::commit() {
  close_io();
  return file_.commit();
}

}  // namespace pasu::av
