#include "train/data/picture_decode.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#include "av/decoder.h"
#include "av/demuxer.h"

namespace pasu::data {
namespace {

constexpr std::string_view kJpeg = "\xFF\xD8\xFF", kPng = "\x89PNG";

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

Result<media::Frame> decode_unit(const media::StreamInfo& stream, const media::AccessUnit& unit) {
  const auto decoder = TRY(av::VideoDecoder::create(stream));
  TRY(decoder->push(unit));
  decoder->finish();
  auto frame = TRY(decoder->take());
  if (!frame) return fail(Errc::malformed, "no picture in it could be decoded");
  if (frame->damaged) return fail(Errc::malformed, "is damaged: a part of it cannot be decoded");
  return std::move(*frame);
}

/// By libavformat, which knows what the bytes are.
Result<media::Frame> decode_file(const std::string& path) {
  const auto demuxer = TRY(av::Demuxer::open(path));
  const media::StreamInfo* stream = av::find_video(demuxer->info());
  if (stream == nullptr) return fail(Errc::malformed, "holds no picture");
  while (const auto unit = TRY(demuxer->read()))
    if (unit->stream == stream->index) return decode_unit(*stream, *unit);
  return fail(Errc::malformed, "no picture in it could be decoded");
}

/// JPEG and PNG are their codecs' access units: without a demuxer that probes them, decoding a
/// small one takes half the time.
Result<media::Frame> decode_bytes(ByteView bytes) {
  const std::string_view text = as_text(bytes);
  if (text.starts_with(kJpeg) || text.starts_with(kPng)) {
    media::StreamInfo stream;
    stream.kind = media::MediaKind::video;
    stream.codec = text.starts_with(kJpeg) ? media::Codec::mjpeg : media::Codec::other;
    stream.codec_name = text.starts_with(kJpeg) ? "mjpeg" : "png";
    media::AccessUnit unit;
    unit.data = Bytes::copy(bytes);
    unit.key = true;
    return decode_unit(stream, unit);
  }
  const MemoryFile file(bytes);
  if (!file.good()) return fail(Errc::io, "no memory for the picture: {}", std::strerror(errno));
  auto decoded = decode_file(file.path());
  if (!decoded) return tl::unexpected<Error>(without_path(decoded.error(), file.path()));
  return decoded;
}

}  // namespace

Result<media::Frame> decode_frame(ByteView bytes) {
  if (bytes.empty()) return fail(Errc::malformed, "a picture of 0 bytes");
  auto decoded = decode_bytes(bytes);
  if (decoded && ends_early(bytes))
    return fail(Errc::truncated, "the picture ends early: the rest of it is grey");
  return decoded;
}

}  // namespace pasu::data
