#include "base/part_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pasu {
namespace {

tl::unexpected<Error> cannot_be_written(const std::string& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return fail(full ? Errc::no_space : Errc::io, "{}: cannot be written: {}", path,
              std::strerror(number));
}

}  // namespace

Result<PartFile> PartFile::create(std::string path, unsigned mode) {
  struct stat status{};
  const bool in_place =
      ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  std::string part_path = in_place ? path : path + ".part";
  const int descriptor =
      ::open(part_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode));
  if (descriptor < 0) return cannot_be_written(part_path, errno);
  return PartFile(std::move(path), std::move(part_path), descriptor);
}

PartFile::~PartFile() { discard(); }

void PartFile::discard() {
  if (descriptor_ < 0) return;
  ::close(std::exchange(descriptor_, -1));
  if (part_path_ != path_) ::unlink(part_path_.c_str());
}

Result<void> PartFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

Result<void> PartFile::sync() {
  if (::fsync(descriptor_) == 0 || errno == EINVAL) return {};  // EINVAL: a pipe or device.
  return failed(errno);
}

Result<void> PartFile::commit() {
  const int closed = ::close(std::exchange(descriptor_, -1));
  if (closed == 0 && (part_path_ == path_ || ::rename(part_path_.c_str(), path_.c_str()) == 0))
    return {};
  const int number = errno;
  if (part_path_ != path_) ::unlink(part_path_.c_str());
  return failed(number);
}

tl::unexpected<Error> PartFile::failed(int number) const {
  return cannot_be_written(path_, number);
}

Result<void> write_file(const std::string& path, ByteView bytes, const WriteOptions& options) {
  PartFile file = TRY(PartFile::create(path, options.mode));
  TRY(file.write(bytes));
  if (options.sync) TRY(file.sync());
  return file.commit();
}

}  // namespace pasu
