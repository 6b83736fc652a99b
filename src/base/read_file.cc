#include "base/read_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace pasu {

Result<std::string> read_file(const std::filesystem::path& path, size_t bytes_max) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return errno == ENOENT || errno == ENOTDIR
               ? fail(Errc::not_found, "{}: no such file", path.string())
               : fail(Errc::io, "{}: cannot be read: {}", path.string(), std::strerror(errno));
  constexpr size_t kStep = 64 << 10;
  std::string text;
  ssize_t n = 1;
  while (n > 0 && text.size() <= bytes_max) {
    const size_t size = text.size();
    text.resize(size + std::min(kStep, bytes_max + 1 - size));
    do {
      n = ::read(file, text.data() + size, text.size() - size);
    } while (n < 0 && errno == EINTR);
    text.resize(size + static_cast<size_t>(std::max<ssize_t>(n, 0)));
  }
  const int number = errno;
  ::close(file);
  if (n < 0) return fail(Errc::io, "{}: cannot be read: {}", path.string(), std::strerror(number));
  if (text.size() > bytes_max)
    return fail(Errc::too_large, "{}: larger than {} bytes, which is too much for its kind",
                path.string(), bytes_max);
  return text;
}

}  // namespace pasu
