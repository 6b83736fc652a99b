// ONVIF metadata out of RTP: what came up to the marker is a document.
#include "wire/rtp/detail/depacketizers.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

class MetadataDepacketizer final : public Depacketizer {
 public:
  static constexpr size_t kDocumentBytesMax = 1u << 20;

  MetadataDepacketizer(media::StreamInfo info, int clock_rate)
      : Depacketizer(std::move(info), clock_rate) {}

 private:
  Result<void> add(const Payload& payload) override;
  void discard() override { document_.clear(); }

  std::vector<uint8_t> document_;
  int64_t time_ = 0;
  bool damaged_ = false;  // Until the next marker.
};

Result<void> MetadataDepacketizer::add(const Payload& payload) {
  if (payload.gap) {
    // After a loss only what begins like a document, at a time of its own, is trusted.
    const bool same = !document_.empty() && payload.time == time_;
    if (!document_.empty()) drop_unit();
    document_.clear();
    damaged_ = same || payload.bytes[0] != '<';
  }
  if (!damaged_) {
    if (payload.bytes.size() > kDocumentBytesMax - document_.size()) {
      damaged_ = !payload.marker;
      drop_unit();
      return fail(Errc::too_large, "ONVIF metadata: a document of more than {} bytes",
                  kDocumentBytesMax);
    }
    if (document_.empty()) time_ = payload.time;
    put(document_, payload.bytes);
  }
  if (!payload.marker) return {};
  if (!damaged_) emit(Bytes::copy(document_), time_, 0, true);
  document_.clear();
  damaged_ = false;
  return {};
}

}  // namespace

DepacketizerResult make_metadata_depacketizer(const PayloadFormat& format, int stream_index) {
  media::StreamInfo info;
  info.index = stream_index;
  info.kind = media::MediaKind::other;
  info.codec_name = kOnvifMetadata;
  return std::make_unique<MetadataDepacketizer>(std::move(info), format.clock_rate);
}

}  // namespace pasu::rtp
