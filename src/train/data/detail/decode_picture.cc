#include "train/data/detail/decode_picture.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#include "av/decoder.h"
#include "av/demuxer.h"

namespace pasu::data::detail {
namespace {

/// Bytes as a file without a name: libavformat then goes by what is in it, not by an extension.
class MemoryFile {
 public:
  explicit MemoryFile(ByteView bytes) : descriptor_(memfd_create("picture", MFD_CLOEXEC)) {
    while (descriptor_ >= 0 && !bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
      if (n <= 0) break;
      bytes = bytes.subspan(static_cast<size_t>(n));
    }
    good_ = descriptor_ >= 0 && bytes.empty();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
  bool good_ = false;
};

/// A JPEG or PNG without its end marker was cut: decoders fill the rest with grey and say nothing.
bool ends_early(ByteView file) {
  constexpr size_t kLookedAt = 64 << 10;  // Some writers append a thumbnail or zeros.
  const std::string_view all = as_text(file);
  const std::string_view tail = all.substr(all.size() - std::min(all.size(), kLookedAt));
  if (all.starts_with("\xFF\xD8")) return tail.rfind("\xFF\xD9") == tail.npos;
  if (all.starts_with("\x89PNG")) return tail.rfind("IEND") == tail.npos;
  return false;
}

/// The reason without the name of a file that nobody knows.
Error without_path(const Error& error, const std::string& path) {
  std::string text = error.message();
  if (const size_t at = text.find(path); at != text.npos) {
    text.erase(0, at + path.size());
    if (text.starts_with(": ")) text.erase(0, 2);
  }
  return {error.code(), text};
}

Result<geom::Size> decode(const std::string& path) {
  const auto demuxer = TRY(av::Demuxer::open(path));
  const media::StreamInfo* stream = av::find_video(demuxer->info());
  if (stream == nullptr) return fail(Errc::malformed, "holds no picture");
  const auto decoder = TRY(av::VideoDecoder::create(*stream));
  while (const auto unit = TRY(demuxer->read())) {
    if (unit->stream != stream->index) continue;
    TRY(decoder->push(*unit));
    break;
  }
  decoder->finish();
  const auto frame = TRY(decoder->take());
  if (!frame) return fail(Errc::malformed, "no picture in it could be decoded");
  if (frame->damaged) return fail(Errc::malformed, "is damaged: a part of it cannot be decoded");
  return geom::Size{frame->width, frame->height};
}

}  // namespace

Result<geom::Size> decode_picture(ByteView bytes) {
  if (bytes.empty()) return fail(Errc::malformed, "a picture of 0 bytes");
  const MemoryFile file(bytes);
  if (!file.good()) return fail(Errc::io, "no memory for the picture: {}", std::strerror(errno));
  const auto size = decode(file.path());
  if (!size) return tl::unexpected<Error>(without_path(size.error(), file.path()));
  if (ends_early(bytes))
    return fail(Errc::truncated, "the picture ends early: the rest of it is grey");
  return size;
}

}  // namespace pasu::data::detail
