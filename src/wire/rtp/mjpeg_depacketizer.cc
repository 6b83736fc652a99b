// JPEG out of RTP (RFC 2435): headers made anew around the scan.
#include <algorithm>
#include <initializer_list>
#include <optional>

#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/jpeg_tables.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

// 3.1
struct JpegHeader {
  size_t fragment_offset = 0;
  int type = 0;
  int q = 0;
  int width = 0, height = 0;
  uint16_t restart_interval = 0;  // 3.1.7; 0: none.
};

class MjpegDepacketizer final : public Depacketizer {
 public:
  MjpegDepacketizer(media::StreamInfo info, int clock_rate)
      : Depacketizer(std::move(info), clock_rate) {}

 private:
  using Quantizers = std::array<JpegQuantizer, 2>;

  Result<void> add(const Payload& payload) override;
  void discard() override;
  Result<void> begin(const JpegHeader& header, const Quantizers& quantizers);
  Result<Quantizers> read_quantizers(int q, ByteView& rest);
  void finish();

  std::array<std::optional<Quantizers>, 127> kept_;  // Of Q 128 to 254 (3.1.8).
  std::vector<uint8_t> file_;
  size_t scan_start_ = 0;
  int64_t time_ = 0;
};

void put_all(std::vector<uint8_t>& out, std::initializer_list<uint8_t> bytes) {
  out.insert(out.end(), bytes);
}

Result<JpegHeader> read_header(ByteView& rest) {
  if (rest.size() < 8) {
    return fail(Errc::truncated, "JPEG RTP: {} bytes, fewer than a header's 8", rest.size());
  }
  JpegHeader header;
  header.fragment_offset = get32(rest, 0) & 0xffffff;
  header.type = rest[4];
  header.q = rest[5];
  header.width = rest[6] * 8;
  header.height = rest[7] * 8;
  rest = rest.subspan(8);
  const int base = header.type & 0x3f;
  if (header.type >= 128 || base > 1) {
    return fail(Errc::unsupported, "JPEG RTP: type {}; 0, 1, 64 and 65 are defined", header.type);
  }
  if (header.type >= 64) {
    if (rest.size() < 4) return fail(Errc::truncated, "JPEG RTP: restart header ends early");
    header.restart_interval = get16(rest, 0);
    rest = rest.subspan(4);
  }
  return header;
}

// 3.1.8 and 4.2: from Q, sent here, or kept from before.
Result<MjpegDepacketizer::Quantizers> MjpegDepacketizer::read_quantizers(int q, ByteView& rest) {
  if (q == 0 || (q >= 100 && q < 128)) {
    return fail(Errc::malformed, "JPEG RTP: Q {} is reserved", q);
  }
  if (q < 100) return jpeg_quantizers(q);
  if (rest.size() < 4) {
    return fail(Errc::truncated, "JPEG RTP: quantization header ends early");
  }
  const int precision = rest[1];
  const size_t length = get16(rest, 2);
  rest = rest.subspan(4);
  std::optional<Quantizers>* kept = q < 255 ? &kept_[static_cast<size_t>(q - 128)] : nullptr;
  if (length == 0) {
    if (kept != nullptr && *kept) return **kept;
    return fail(Errc::malformed, "JPEG RTP: Q {} refers to tables that have not come", q);
  }
  if (length > rest.size()) {
    return fail(Errc::truncated, "JPEG RTP: {} bytes of quantization tables with {} left", length,
                rest.size());
  }
  if (precision != 0 || (length != 64 && length != 128)) {
    return fail(Errc::unsupported, "JPEG RTP: quantization tables of {} bytes, precision {}",
                length, precision);
  }
  Quantizers tables;
  std::ranges::copy(rest.first(64), tables[0].begin());
  std::ranges::copy(rest.subspan(length - 64, 64), tables[1].begin());  // One serves both.
  rest = rest.subspan(length);
  if (kept != nullptr) *kept = tables;
  return tables;
}

void MjpegDepacketizer::discard() {
  if (!file_.empty()) drop_unit();
  file_.clear();
}

Result<void> MjpegDepacketizer::add(const Payload& payload) {
  if (payload.time != time_ || payload.gap) discard();
  time_ = payload.time;
  ByteView rest = payload.bytes;
  const JpegHeader header = TRY(read_header(rest));
  if (header.fragment_offset == 0) {
    discard();
    const Quantizers quantizers = TRY(read_quantizers(header.q, rest));
    TRY(begin(header, quantizers));
  } else if (file_.empty()) {
    return {};  // Its head was lost, or was damaged.
  }
  if (header.fragment_offset != file_.size() - scan_start_) {
    return fail(Errc::malformed, "JPEG RTP: a fragment at byte {}, where {} is next",
                header.fragment_offset, file_.size() - scan_start_);
  }
  if (file_.size() + rest.size() > kUnitBytesMax) {
    return fail(Errc::too_large, "JPEG RTP: a picture of more than {} bytes", kUnitBytesMax);
  }
  put(file_, rest);
  if (payload.marker) finish();
  return {};
}

// The file's head, up to the scan (RFC 2435 appendix B; T.81 B.2).
Result<void> MjpegDepacketizer::begin(const JpegHeader& header, const Quantizers& quantizers) {
  if (header.width == 0 || header.height == 0) {
    return fail(Errc::unsupported,
                "JPEG RTP: a picture over 2040 samples a side, which RFC 2435 cannot describe; "
                "choose a smaller one or H.264");
  }
  file_ = {0xff, 0xd8};  // SOI
  for (uint8_t i = 0; i < 2; ++i) {
    put_all(file_, {0xff, 0xdb, 0, 67, i});  // DQT
    put(file_, quantizers[i]);
  }
  if (header.restart_interval != 0) {
    put32(file_, 0xffdd0004);  // DRI
    put16(file_, header.restart_interval);
  }
  put16(file_, 0xffc0);  // SOF0: 8 bits, three components
  put16(file_, 17);
  file_.push_back(8);
  put16(file_, static_cast<uint32_t>(header.height));
  put16(file_, static_cast<uint32_t>(header.width));
  const uint8_t luma_sampling = (header.type & 1) != 0 ? 0x22 : 0x21;
  put_all(file_, {3, 1, luma_sampling, 0, 2, 0x11, 1, 3, 0x11, 1});
  put16(file_, 0xffc4);  // DHT
  put16(file_, kJpegHuffman.size() + 2);
  put(file_, kJpegHuffman);
  put16(file_, 0xffda);  // SOS
  put_all(file_, {0, 12, 3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0});
  scan_start_ = file_.size();

  if (next_info().width != header.width || next_info().height != header.height) {
    media::StreamInfo info = next_info();
    info.width = header.width;
    info.height = header.height;
    change(std::move(info));
  }
  return {};
}

void MjpegDepacketizer::finish() {
  const size_t size = file_.size();
  if (file_[size - 2] != 0xff || file_[size - 1] != 0xd9) put16(file_, 0xffd9);  // EOI
  emit(Bytes::copy(file_), time_, 0, true);
  file_.clear();
}

}  // namespace

DepacketizerResult make_mjpeg_depacketizer(const PayloadFormat& format, int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::video;
  info.codec = media::Codec::mjpeg;
  info.codec_name = media::to_string(info.codec);
  return std::make_unique<MjpegDepacketizer>(std::move(info), format.clock_rate);
}

}  // namespace pasu::rtp
