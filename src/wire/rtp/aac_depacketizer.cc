// AAC out of RTP, MPEG4-GENERIC (RFC 3640 3).
#include <charconv>

#include "bits/aac_config.h"
#include "bits/bit_cursor.h"
#include "wire/rtp/detail/audio_info.h"
#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

struct HeaderWidths {
  int size = 13, index = 3, index_delta = 3;  // 3.3.6
  [[nodiscard]] int first() const { return size + index; }
  [[nodiscard]] int later() const { return size + index_delta; }
};

class AacDepacketizer final : public Depacketizer {
 public:
  AacDepacketizer(media::StreamInfo info, int clock_rate, const bits::AacConfig& config,
                  HeaderWidths widths)
      : Depacketizer(std::move(info), clock_rate),
        frame_ticks_(int64_t{config.frame_samples} * clock_rate / config.sample_rate),
        widths_(widths) {}

 private:
  Result<void> add(const Payload& payload) override;
  void discard() override;
  Result<void> add_fragment(const Payload& payload, ByteView data, size_t size);
  void emit_frame(ByteView frame, int64_t time);

  int64_t frame_ticks_;
  HeaderWidths widths_;
  std::vector<uint8_t> fragments_;  // Of the frame at hand.
  int64_t fragments_time_ = 0;
};

void AacDepacketizer::discard() {
  if (!fragments_.empty()) drop_unit();
  fragments_.clear();
}

Result<void> AacDepacketizer::add(const Payload& payload) {
  if (payload.gap || payload.time != fragments_time_) discard();
  // 3.2.1: AU-headers-length in bits, the headers, padded to bytes, then the access units.
  if (payload.bytes.size() < 2) return fail(Errc::truncated, "AAC RTP: a payload of one byte");
  const size_t header_bits = get16(payload.bytes, 0);
  const size_t header_bytes = (header_bits + 7) / 8;
  if (header_bytes > payload.bytes.size() - 2) {
    return fail(Errc::truncated, "AAC RTP: {} bits of AU headers in {} bytes", header_bits,
                payload.bytes.size() - 2);
  }
  if (header_bits < static_cast<size_t>(widths_.first())) {
    return fail(Errc::malformed, "AAC RTP: {} bits of AU headers, too few for one", header_bits);
  }
  bits::BitCursor headers(payload.bytes.subspan(2, header_bytes));
  ByteView data = payload.bytes.subspan(2 + header_bytes);

  int64_t time = payload.time;
  for (bool first = true;; first = false) {
    const int width = first ? widths_.first() : widths_.later();
    if (headers.position() + static_cast<size_t>(width) > header_bits) break;
    const size_t size = headers.u(widths_.size);
    headers.u(first ? widths_.index : widths_.index_delta);
    if (size > data.size()) {
      if (first) return add_fragment(payload, data, size);
      return fail(Errc::truncated, "AAC RTP: a frame of {} bytes with {} left", size, data.size());
    }
    if (!fragments_.empty()) discard();
    emit_frame(data.first(size), time);
    data = data.subspan(size);
    time += frame_ticks_;
  }
  return {};
}

// 3.2.3: each fragment names the size of the whole frame; the marker is on the last.
Result<void> AacDepacketizer::add_fragment(const Payload& payload, ByteView data, size_t size) {
  if (size > kUnitBytesMax) {
    return fail(Errc::too_large, "AAC RTP: a frame of {} bytes", size);
  }
  if (fragments_.empty()) fragments_time_ = payload.time;
  put(fragments_, data);
  if (fragments_.size() < size) {
    if (payload.marker) discard();  // Its beginning was lost.
    return {};
  }
  if (fragments_.size() > size) {
    return fail(Errc::malformed, "AAC RTP: fragments of {} bytes for a frame of {}",
                fragments_.size(), size);
  }
  emit_frame(fragments_, payload.time);
  fragments_.clear();
  return {};
}

void AacDepacketizer::emit_frame(ByteView frame, int64_t time) {
  // adts_fixed_header (ISO 14496-3 1.A.2.2): a sync word, and a length that is the frame's.
  if (frame.size() > 7 && frame[0] == 0xff && (frame[1] & 0xf6) == 0xf0) {
    const size_t length = (frame[3] & 3u) << 11 | size_t{frame[4]} << 3 | frame[5] >> 5;
    const size_t header = (frame[1] & 1) != 0 ? 7 : 9;
    if (length == frame.size() && length > header) frame = frame.subspan(header);
  }
  if (frame.empty()) return;
  emit(Bytes::copy(frame), time, frame_ticks_, true);
}

Result<int> width(const PayloadFormat& format, std::string_view name, int otherwise) {
  const std::string_view text = fmtp_value(format, name);
  if (text.empty()) return otherwise;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > 32) {
    return fail(Errc::malformed, "AAC RTP: {} \"{}\" is no number of bits from 0 to 32", name,
                text.substr(0, 32));
  }
  return value;
}

}  // namespace

DepacketizerResult make_aac_depacketizer(const PayloadFormat& format, int stream_index) {
  HeaderWidths widths;
  if (!fmtp_value(format, "sizelength").empty()) {
    widths = {
      TRY(width(format, "sizelength", 0)),
      TRY(width(format, "indexlength", 0)),
      TRY(width(format, "indexdeltalength", 0))
    };
  }
  if (widths.size == 0) {
    return fail(Errc::unsupported, "AAC RTP: frames of constant size, without AU-size");
  }
  media::StreamInfo info;
  info.index = stream_index;
  const bits::AacConfig config = TRY(describe_aac(format, info));
  return std::make_unique<AacDepacketizer>(std::move(info), format.clock_rate, config, widths);
}

}  // namespace pasu::rtp
