#include "train/data/tfrecord.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "train/data/crc32c.h"
#include "train/data/detail/byte_source.h"

namespace pasu::data {
namespace {

constexpr size_t kHeaderBytes = 12, kFooterBytes = 4;

uint64_t u64_at(const uint8_t* p) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | p[i];
  return value;
}

uint32_t crc_at(const uint8_t* p) {
  return uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}

bool is_header(const uint8_t* p) { return mask_crc(crc32c({p, 8})) == crc_at(p + 8); }

}  // namespace

/// A window on the file: [begin_, end_) of buffer_ is what was read and not yet passed.
class RecordReader::Impl {
 public:
  Impl(std::string path, const ReadOptions& options) : path_(std::move(path)), options_(options) {}

  Result<void> open() {
    source_ = TRY(detail::open_plain(path_));
    const size_t n = TRY(ensure(kHeaderBytes));
    const uint8_t* p = data();
    if (n >= kHeaderBytes && is_header(p)) return {};
    if (n >= 2 && p[0] == 0x1F && p[1] == 0x8B)  // RFC 1952 2.3.1
      compression_ = Compression::gzip;
    else if (n >= 2 && (p[0] & 0x8F) == 8 && (p[0] << 8 | p[1]) % 31 == 0)  // RFC 1950 2.2
      compression_ = Compression::zlib;
    else
      return {};
    auto again = TRY(detail::open_plain(path_));
    source_ = TRY(detail::inflate(std::move(again), compression_, path_));
    begin_ = end_ = 0;
    ended_ = false;
    return {};
  }

  Result<std::optional<Record>> next() {
    pass(std::exchange(passed_later_, 0));
    while (!over_) {
      const auto n = ensure(kHeaderBytes);
      if (!n) {
        over_ = true;
        TRY(damaged(n.error().code(), n.error().message()));
        break;
      }
      if (*n == 0) break;
      if (*n < kHeaderBytes) {
        over_ = true;
        TRY(damaged(Errc::truncated,
                    fmt::format("the file ends {} bytes into its 12-byte header", *n)));
        break;
      }
      if (!is_header(data())) {
        TRY(damaged(Errc::malformed,
                    index_ == 0 && offset_ == 0
                        ? "the CRC of its length is wrong: damage, or no TFRecord file"
                        : "the CRC of its length is wrong"));
        TRY(resync(1));
        continue;
      }
      const uint64_t length = u64_at(data());
      if (length > kRecordBytesMax) {
        TRY(damaged(Errc::too_large, fmt::format("{} bytes long; more than {} is no picture",
                                                 length, kRecordBytesMax)));
        TRY(resync(1));
        continue;
      }
      const size_t whole = kHeaderBytes + static_cast<size_t>(length) + kFooterBytes;
      const auto there = ensure(whole);
      if (!there) {
        over_ = true;
        TRY(damaged(there.error().code(), there.error().message()));
        break;
      }
      if (*there < whole) {
        TRY(damaged(Errc::truncated, fmt::format("its {} bytes end {} bytes past the file's end",
                                                 length, whole - *there)));
        TRY(resync(kHeaderBytes));
        continue;
      }
      const ByteView record(data() + kHeaderBytes, static_cast<size_t>(length));
      if (mask_crc(crc32c(record)) != crc_at(data() + whole - kFooterBytes)) {
        TRY(damaged(Errc::malformed, fmt::format("the CRC of its {} bytes is wrong", length)));
        ++index_;
        pass(whole);
        continue;
      }
      passed_later_ = whole;
      return Record{.data = record, .offset = offset_, .index = index_++};
    }
    return std::nullopt;
  }

  [[nodiscard]] Compression compression() const { return compression_; }

 private:
  [[nodiscard]] const uint8_t* data() const { return buffer_.data() + begin_; }

  void pass(size_t bytes) {
    begin_ += bytes;
    offset_ += bytes;
  }

  /// Reads until `wanted` bytes are in the window or the file ends; gives how many there are. The
  /// buffer grows with what is read, not with what a length claims.
  Result<size_t> ensure(size_t wanted) {
    constexpr size_t kStep = 256 << 10;
    while (end_ - begin_ < wanted && !ended_) {
      if (begin_ > 0 && (begin_ == end_ || buffer_.size() - end_ < kStep / 4)) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
      }
      if (buffer_.size() - end_ < kStep / 4)
        buffer_.resize(std::max(kStep, buffer_.size() + std::min(buffer_.size(), wanted)));
      const size_t n = TRY(source_->read(std::span(buffer_).subspan(end_)));
      ended_ = n == 0;
      end_ += n;
    }
    return std::min(end_ - begin_, wanted);
  }

  /// Damage at offset_: the error, after which there is nothing more, or a finding.
  Result<void> damaged(Errc code, std::string what) {
    Finding finding{
        .flaw = Flaw::record_damaged,
        .file = path_,
        .place = fmt::format("record {} at byte {}{}", index_, offset_,
                             compression_ == Compression::none ? "" : " of what was inflated"),
        .picture = {},
        .box = {},
        .what = std::move(what),
        .remedy = "copy the file again, or leave the record out",
        .mended_by_fix = true};
    if (options_.findings != nullptr) return tell(options_, std::move(finding));
    over_ = true;
    finding.remedy.clear();
    return tl::unexpected<Error>(Error(code, finding.text()));
  }

  /// Goes to the next place after `bytes` that has a header's right CRC, or to the end.
  Result<void> resync(size_t bytes) {
    ++index_;
    pass(bytes);
    while (TRY(ensure(kHeaderBytes)) == kHeaderBytes) {
      const size_t tries = end_ - begin_ - kHeaderBytes + 1;
      for (size_t i = 0; i < tries; ++i) {
        if (!is_header(data() + i) || u64_at(data() + i) > kRecordBytesMax) continue;
        pass(i);
        return {};
      }
      pass(tries);
    }
    over_ = true;
    return {};
  }

  std::string path_;
  ReadOptions options_;
  Compression compression_ = Compression::none;
  std::unique_ptr<detail::ByteSource> source_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0, end_ = 0;
  bool ended_ = false;       // The source has no more.
  bool over_ = false;        // Nothing more is given.
  size_t passed_later_ = 0;  // The record the caller still looks at.
  uint64_t offset_ = 0;      // Of begin_.
  uint64_t index_ = 0;
};

RecordReader::RecordReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordReader::RecordReader(RecordReader&&) noexcept = default;
RecordReader& RecordReader::operator=(RecordReader&&) noexcept = default;
RecordReader::~RecordReader() = default;

Result<RecordReader> RecordReader::open(const std::filesystem::path& path,
                                        const ReadOptions& options) {
  auto impl = std::make_unique<Impl>(path.string(), options);
  TRY(impl->open());
  return RecordReader(std::move(impl));
}

Result<std::optional<Record>> RecordReader::next() { return impl_->next(); }
Compression RecordReader::compression() const { return impl_->compression(); }

Result<std::string> read_record_at(const std::filesystem::path& path, uint64_t offset) {
  struct Descriptor {
    int number;
    ~Descriptor() {
      if (number >= 0) ::close(number);
    }
  };
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.number < 0)
    return fail(errno == ENOENT ? Errc::not_found : Errc::io, "{}: cannot be opened: {}",
                path.string(), std::strerror(errno));
  const auto read = [&](uint64_t at, uint8_t* out, size_t bytes) -> Result<void> {
    while (bytes > 0) {
      const ssize_t n = ::pread(file.number, out, bytes, static_cast<off_t>(at));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(Errc::io, "{}: byte {}: {}", path.string(), at, std::strerror(errno));
      if (n == 0)
        return fail(Errc::truncated, "{}: the file ends within the record at byte {}",
                    path.string(), offset);
      at += static_cast<uint64_t>(n);
      out += n;
      bytes -= static_cast<size_t>(n);
    }
    return {};
  };
  uint8_t header[kHeaderBytes];
  TRY(read(offset, header, kHeaderBytes));
  if (!is_header(header))
    return fail(Errc::malformed, "{}: no record begins at byte {}", path.string(), offset);
  const uint64_t length = u64_at(header);
  if (length > RecordReader::kRecordBytesMax)
    return fail(Errc::too_large, "{}: the record at byte {} is {} bytes long", path.string(),
                offset, length);
  std::string data(static_cast<size_t>(length) + kFooterBytes, 0);
  auto* bytes = reinterpret_cast<uint8_t*>(data.data());
  TRY(read(offset + kHeaderBytes, bytes, data.size()));
  const uint32_t crc = crc_at(bytes + length);
  data.resize(static_cast<size_t>(length));
  if (mask_crc(crc32c(as_bytes(data))) != crc)
    return fail(Errc::malformed, "{}: the record at byte {} is damaged", path.string(), offset);
  return data;
}

}  // namespace pasu::data
