#include "bits/aac_config.h"

#include <algorithm>
#include <iterator>

namespace pasu::bits {
namespace {

// samplingFrequencyIndex, table 1.18
constexpr int kRates[] = {96'000, 88'200, 64'000, 48'000, 44'100, 32'000, 24'000,
                          22'050, 16'000, 12'000, 11'025, 8'000,  7'350};
constexpr uint32_t kRateEscape = 15;
// channelConfiguration, table 1.19
constexpr int kChannels[] = {0, 1, 2, 3, 4, 5, 6, 8};

int read_object_type(BitCursor& bits) {
  const uint32_t type = bits.u(5);
  return static_cast<int>(type == 31 ? 32 + bits.u(6) : type);
}

int read_rate(BitCursor& bits) {
  const uint32_t index = bits.u(4);
  if (index == kRateEscape) return static_cast<int>(bits.u(24));
  return index < std::size(kRates) ? kRates[index] : 0;
}

// GASpecificConfig() (4.4.1)
Result<void> read_specific(BitCursor& bits, AacConfig& config, uint32_t channel_configuration) {
  if (bits.flag()) config.frame_samples = 960;  // frameLengthFlag
  if (bits.flag()) bits.u(14);                  // dependsOnCoreCoder, coreCoderDelay
  const bool extension = bits.flag();
  if (channel_configuration == 0) {
    return fail(Errc::unsupported, "AudioSpecificConfig: channels by a program config element");
  }
  if (config.object_type == 6 || config.object_type == 20) bits.u(3);  // layerNr
  if (extension) {
    if (config.object_type == 22) bits.u(16);  // numOfSubFrame, layer_length
    if (config.object_type == 17 || config.object_type == 19 || config.object_type == 20 ||
        config.object_type == 23) {
      bits.u(3);  // resilience flags
    }
    bits.u(1);  // extensionFlag3
  }
  return {};
}

}  // namespace

Result<AacConfig> parse_aac_config(BitCursor& bits) {
  AacConfig config;
  config.object_type = read_object_type(bits);
  config.sample_rate = config.output_rate = read_rate(bits);
  const uint32_t channel_configuration = bits.u(4);
  if (config.object_type == 5 || config.object_type == 29) {  // SBR, PS: then the core's type
    config.output_rate = read_rate(bits);
    config.object_type = read_object_type(bits);
  }
  if (!bits.ok()) return fail(Errc::truncated, "AudioSpecificConfig ends early");
  if (config.sample_rate <= 0 || config.output_rate <= 0) {
    return fail(Errc::malformed, "AudioSpecificConfig: a sample rate that does not exist");
  }
  if (channel_configuration >= std::size(kChannels)) {
    return fail(Errc::malformed, "AudioSpecificConfig: channel configuration {} does not exist",
                channel_configuration);
  }
  config.channels = kChannels[channel_configuration];
  constexpr int kGeneral[] = {1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23};
  if (std::ranges::find(kGeneral, config.object_type) == std::end(kGeneral)) {
    return fail(Errc::unsupported, "AudioSpecificConfig: audio object type {} is no AAC",
                config.object_type);
  }
  TRY(read_specific(bits, config, channel_configuration));
  if (!bits.ok()) return fail(Errc::truncated, "AudioSpecificConfig ends early");
  return config;
}

Result<AacConfig> parse_aac_config(ByteView config) {
  BitCursor bits(config);
  return parse_aac_config(bits);
}

Result<std::vector<uint8_t>> make_aac_config(int sample_rate, int channels) {
  const auto place = std::ranges::find(kChannels, channels);
  if (channels <= 0 || place == std::end(kChannels) || sample_rate <= 0 || sample_rate >= 1 << 24) {
    return fail(Errc::invalid_argument, "no AAC configuration for {} Hz with {} channels",
                sample_rate, channels);
  }
  constexpr uint64_t kLowComplexity = 2;
  const auto rate = std::ranges::find(kRates, sample_rate);
  uint64_t bits = kLowComplexity;
  int count = 5;
  const auto put = [&](int width, uint64_t value) {
    bits = bits << width | value;
    count += width;
  };
  if (rate != std::end(kRates)) {
    put(4, static_cast<uint64_t>(rate - std::begin(kRates)));
  } else {
    put(4, kRateEscape);
    put(24, static_cast<uint64_t>(sample_rate));
  }
  put(4, static_cast<uint64_t>(place - std::begin(kChannels)));
  put(3, 0);  // GASpecificConfig: 1024 samples, no core coder, no extension
  std::vector<uint8_t> out;
  for (int at = count - 8; at >= 0; at -= 8) out.push_back(static_cast<uint8_t>(bits >> at));
  return out;
}

}  // namespace pasu::bits
