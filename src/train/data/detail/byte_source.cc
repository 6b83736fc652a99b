#include "train/data/detail/byte_source.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <vector>
#include <zlib.h>

namespace pasu::data::detail {
namespace {

class PlainFile final : public ByteSource {
 public:
  PlainFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  PlainFile(const PlainFile&) = delete;
  PlainFile& operator=(const PlainFile&) = delete;
  ~PlainFile() override { ::close(descriptor_); }

  Result<size_t> read(std::span<uint8_t> out) override {
    ssize_t n = 0;
    do {
      n = ::read(descriptor_, out.data(), out.size());
    } while (n < 0 && errno == EINTR);
    if (n < 0) return fail(Errc::io, "{}: cannot be read: {}", path_, std::strerror(errno));
    return static_cast<size_t>(n);
  }

 private:
  int descriptor_;
  std::string path_;
};

class Inflated final : public ByteSource {
 public:
  Inflated(std::unique_ptr<ByteSource> plain, Compression compression, std::string path)
      : plain_(std::move(plain)),
        gzip_(compression == Compression::gzip),
        path_(std::move(path)),
        buffer_(kBufferBytes) {}
  Inflated(const Inflated&) = delete;
  Inflated& operator=(const Inflated&) = delete;
  ~Inflated() override { inflateEnd(&stream_); }

  bool begin() {
    constexpr int kWindowBits = 15, kGzip = 16;
    return inflateInit2(&stream_, gzip_ ? kWindowBits + kGzip : kWindowBits) == Z_OK;
  }

  Result<size_t> read(std::span<uint8_t> out) override {
    if (done_ || out.empty()) return 0;
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(out.size(), 1u << 30));
    const uInt asked = stream_.avail_out;
    while (stream_.avail_out == asked) {
      if (stream_.avail_in == 0) TRY(fill());
      if (stream_.avail_in == 0) {
        if (between_members_) {
          done_ = true;
          return 0;
        }
        return fail(Errc::truncated, "{}: byte {}: the compressed data ends early", path_, read_);
      }
      if (std::exchange(between_members_, false)) inflateReset(&stream_);
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_STREAM_END) {
        between_members_ = true;
        if (gzip_) continue;
        done_ = true;
        break;
      }
      if (code != Z_OK && code != Z_BUF_ERROR)
        return fail(Errc::malformed, "{}: byte {}: damaged {} data: {}", path_,
                    read_ - stream_.avail_in, gzip_ ? "gzip" : "zlib",
                    stream_.msg != nullptr ? stream_.msg : "unknown");
    }
    return asked - stream_.avail_out;
  }

 private:
  static constexpr size_t kBufferBytes = 256 << 10;

  Result<void> fill() {
    const size_t n = TRY(plain_->read(buffer_));
    stream_.next_in = buffer_.data();
    stream_.avail_in = static_cast<uInt>(n);
    read_ += n;
    return {};
  }

  std::unique_ptr<ByteSource> plain_;
  bool gzip_;
  std::string path_;
  std::vector<uint8_t> buffer_;
  z_stream stream_{};
  uint64_t read_ = 0;             // Bytes of the file given to zlib so far.
  bool between_members_ = false;  // A member has ended; another or the end may follow.
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_plain(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return fail(errno == ENOENT || errno == ENOTDIR ? Errc::not_found : Errc::io, "{}: {}",
                path.string(), std::strerror(errno));
  posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::make_unique<PlainFile>(descriptor, path.string());
}

Result<std::unique_ptr<ByteSource>> inflate(std::unique_ptr<ByteSource> plain,
                                            Compression compression, const std::string& path) {
  auto out = std::make_unique<Inflated>(std::move(plain), compression, path);
  if (!out->begin()) return fail(Errc::internal, "{}: zlib cannot begin", path);
  return out;
}

}  // namespace pasu::data::detail
