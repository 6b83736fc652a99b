#include <array>
#include <zlib.h>

#include "base/part_file.h"
#include "train/data/crc32c.h"
#include "train/data/tfrecord.h"

namespace pasu::data {
namespace {

void put(uint8_t* out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(value >> (8 * i));
}

/// A file's bytes, deflated where asked for.
class Sink {
 public:
  Sink(PartFile file, Compression compression)
      : file_(std::move(file)), compression_(compression) {}
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  ~Sink() {
    if (begun_) deflateEnd(&stream_);
  }

  Result<void> begin() {
    if (compression_ == Compression::none) return {};
    constexpr int kWindowBits = 15, kGzip = 16, kMemory = 8;
    begun_ = deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                          compression_ == Compression::gzip ? kWindowBits + kGzip : kWindowBits,
                          kMemory, Z_DEFAULT_STRATEGY) == Z_OK;
    if (!begun_) return fail(Errc::internal, "{}: zlib cannot begin", file_.part_path());
    return {};
  }

  Result<void> write(ByteView bytes) {
    if (compression_ != Compression::none) return deflated(bytes, Z_NO_FLUSH);
    constexpr size_t kHeld = 1 << 20;
    if (held_.size() + bytes.size() > kHeld) TRY(flush());
    if (bytes.size() > kHeld) return file_.write(bytes);
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    return {};
  }

  Result<void> commit() {
    if (compression_ != Compression::none) TRY(deflated({}, Z_FINISH));
    TRY(flush());
    return file_.commit();
  }

 private:
  Result<void> flush() {
    TRY(file_.write(held_));
    held_.clear();
    return {};
  }

  Result<void> deflated(ByteView bytes, int flush) {
    std::array<uint8_t, 64 << 10> out;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    stream_.next_in = const_cast<uint8_t*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = out.data();
      stream_.avail_out = out.size();
      deflate(&stream_, flush);
      TRY(file_.write({out.data(), out.size() - stream_.avail_out}));
    } while (stream_.avail_out == 0);
    return {};
  }

  PartFile file_;
  Compression compression_;
  std::vector<uint8_t> held_;
  z_stream stream_{};
  bool begun_ = false;
};

}  // namespace

class RecordWriter::Impl {
 public:
  explicit Impl(const RecordWriterOptions& options) : options_(options) {}

  Result<void> open(const std::filesystem::path& path) {
    constexpr int kShardsMax = 99'999;
    if (options_.shards < 1 || options_.shards > kShardsMax)
      return fail(Errc::invalid_argument, "{} shards: expected 1 to {}", options_.shards,
                  kShardsMax);
    for (int i = 0; i < options_.shards; ++i) {
      const std::string name =
          options_.shards == 1
              ? path.string()
              : fmt::format("{}-{:05}-of-{:05}", path.string(), i, options_.shards);
      PartFile file = TRY(PartFile::create(name));
      sinks_.push_back(std::make_unique<Sink>(std::move(file), options_.compression));
      TRY(sinks_.back()->begin());
    }
    return {};
  }

  Result<void> write(ByteView data) {
    std::array<uint8_t, 12> header{};
    std::array<uint8_t, 4> footer{};
    put(header.data(), data.size(), 8);
    put(header.data() + 8, mask_crc(crc32c({header.data(), 8})), 4);
    put(footer.data(), mask_crc(crc32c(data)), 4);
    const auto shards = static_cast<uint64_t>(options_.shards);
    const uint64_t shard =
        options_.records == 0 ? written_ % shards : written_ * shards / options_.records;
    Sink& sink = *sinks_[std::min(shard, shards - 1)];
    ++written_;
    TRY(sink.write(header));
    TRY(sink.write(data));
    return sink.write(footer);
  }

  Result<void> commit() {
    for (const auto& sink : sinks_) TRY(sink->commit());
    return {};
  }

 private:
  RecordWriterOptions options_;
  std::vector<std::unique_ptr<Sink>> sinks_;
  uint64_t written_ = 0;
};

RecordWriter::RecordWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RecordWriter::RecordWriter(RecordWriter&&) noexcept = default;
RecordWriter::~RecordWriter() = default;

Result<RecordWriter> RecordWriter::create(const std::filesystem::path& path,
                                          const RecordWriterOptions& options) {
  auto impl = std::make_unique<Impl>(options);
  TRY(impl->open(path));
  return RecordWriter(std::move(impl));
}

Result<void> RecordWriter::write(ByteView data) { return impl_->write(data); }
Result<void> RecordWriter::commit() { return impl_->commit(); }

}  // namespace pasu::data
