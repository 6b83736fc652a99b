#include "wire/rtp/detail/mpeg_audio.h"

namespace pasu::rtp {
namespace {

// bitrate_index in kbit/s; MPEG-2 and 2.5 share one table for both layers.
constexpr int kRates1Layer2[] = {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384};
constexpr int kRates1Layer3[] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
constexpr int kRates2[] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
constexpr int kSampleRates[] = {44'100, 48'000, 32'000};

}  // namespace

std::optional<MpegAudioFrame> parse_mpeg_audio(ByteView bytes) {
  if (bytes.size() < 4 || bytes[0] != 0xff || (bytes[1] & 0xe0) != 0xe0) return std::nullopt;
  const int version = bytes[1] >> 3 & 3;  // 0: 2.5, 2: 2, 3: 1
  const int layer = 4 - (bytes[1] >> 1 & 3);
  const int rate_index = bytes[2] >> 4, sample_index = bytes[2] >> 2 & 3;
  if (version == 1 || layer < 2 || layer > 3 || rate_index == 0 || rate_index == 15 ||
      sample_index == 3) {
    return std::nullopt;
  }
  MpegAudioFrame frame;
  frame.layer = layer;
  frame.channels = (bytes[3] >> 6) == 3 ? 1 : 2;
  frame.sample_rate = kSampleRates[sample_index] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  const int* rates = version != 3 ? kRates2 : layer == 2 ? kRates1Layer2 : kRates1Layer3;
  frame.samples = layer == 3 && version != 3 ? 576 : 1152;
  const int padding = bytes[2] >> 1 & 1;
  const int size = frame.samples / 8 * 1000 * rates[rate_index] / frame.sample_rate + padding;
  frame.bytes = static_cast<size_t>(size);
  return frame;
}

}  // namespace pasu::rtp
