#include "bits/aac_config.h"

#include <gtest/gtest.h>

#include "bits/test_bits.h"

namespace pasu::bits {
namespace {

struct Case {
  const char* name;
  const char* config;
  int object_type, sample_rate, output_rate, channels, frame_samples;
};

TEST(AacConfig, Table_14496_3_1_6_2_1) {
  const Case cases[] = {
      {"lc_44100_stereo", "1210", 2, 44'100, 44'100, 2, 1024},
      {"lc_48000_mono", "1188", 2, 48'000, 48'000, 1, 1024},
      {"lc_16000_mono", "1408", 2, 16'000, 16'000, 1, 1024},
      {"lc_48000_960_samples", "118c", 2, 48'000, 48'000, 1, 960},
      {"he_v1_explicit_24000_48000", "2b118800", 2, 24'000, 48'000, 2, 1024},
      {"lc_with_sbr_behind", "121056e500", 2, 44'100, 44'100, 2, 1024},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.config);
    const auto config = parse_aac_config(bytes);
    ASSERT_TRUE(config) << config.error().message();
    EXPECT_EQ(config->object_type, c.object_type);
    EXPECT_EQ(config->sample_rate, c.sample_rate);
    EXPECT_EQ(config->output_rate, c.output_rate);
    EXPECT_EQ(config->channels, c.channels);
    EXPECT_EQ(config->frame_samples, c.frame_samples);
  }
}

TEST(AacConfig, Refusals) {
  EXPECT_EQ(parse_aac_config(ByteView{}).error().code(), Errc::truncated);
  EXPECT_EQ(parse_aac_config(from_hex("12")).error().code(), Errc::truncated);
  EXPECT_EQ(parse_aac_config(from_hex("1690")).error().code(), Errc::malformed);    // rate 13
  EXPECT_EQ(parse_aac_config(from_hex("1278")).error().code(), Errc::malformed);    // channels 15
  EXPECT_EQ(parse_aac_config(from_hex("1200")).error().code(), Errc::unsupported);  // by a PCE
  EXPECT_EQ(parse_aac_config(from_hex("4a10")).error().code(), Errc::unsupported);  // HVXC
}

TEST(AacConfig, MadeIsRead) {
  for (const int rate : {7'350, 8'000, 16'000, 44'100, 48'000, 96'000, 11'000}) {
    for (const int channels : {1, 2, 6, 8}) {
      const auto made = make_aac_config(rate, channels);
      ASSERT_TRUE(made);
      const auto config = parse_aac_config(*made);
      ASSERT_TRUE(config) << config.error().message();
      EXPECT_EQ(config->sample_rate, rate);
      EXPECT_EQ(config->channels, channels);
    }
  }
  EXPECT_EQ(make_aac_config(48'000, 7).error().code(), Errc::invalid_argument);
  EXPECT_EQ(make_aac_config(0, 2).error().code(), Errc::invalid_argument);
}

}  // namespace
}  // namespace pasu::bits
