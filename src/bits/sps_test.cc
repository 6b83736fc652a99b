#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bits/h264_sps.h"
#include "bits/h265_sps.h"
#include "bits/test_bits.h"

namespace pasu::bits {
namespace {

using testing::HasSubstr;

struct Golden {
  const char* name;
  const char* nal;
  const char* text;  // What describe() makes of it: ffprobe's and FFmpeg's trace_headers' values.
};

std::string describe(const SequenceInfo& info) {
  return fmt::format("{} {} {}x{} {}:{}:{} {}{} {} fps reorder {} refs {}", profile_name(info),
                     level_name(info), info.width, info.height, info.chroma_format_idc,
                     info.bit_depth_luma, info.bit_depth_chroma,
                     info.interlaced ? "interlaced" : "progressive", info.full_range ? " full" : "",
                     info.frame_rate, info.max_reorder, info.max_references);
}

// Parameter sets that encoders wrote (x264, x265, and those of three public clips).
TEST(H264Sps, Golden_7_3_2_1) {
  const Golden cases[] = {
      {"x264_baseline", "6742c00ad9047b011000000300100000030320f1226480",
       "Constrained Baseline 1 64x48 1:8:8 progressive 25 fps reorder 0 refs 3"},
      {"x264_high", "6764000aacd9447b011000000300100000030320f1225960",
       "High 1 64x48 1:8:8 progressive 25 fps reorder 2 refs 4"},
      {"x264_interlaced_hrd",
       "67640015acd9444fcb8088000003000800000301930200186a0030d5239807c50a6580",
       "High 2.1 64x48 1:8:8 interlaced 25 fps reorder 2 refs 4"},
      {"x264_444_10bit_scaling", "67f4000a90d9b288f60220000003002000000641e244b2c0",
       "High 4:4:4 Predictive 1 64x48 3:10:10 progressive 25 fps reorder 2 refs 4"},
      {"clip_baseline",
       "674280169654060"
       "1bd350606064000000300400000066101",
       "Baseline 2.2 768x432 1:8:8 progressive 12.5 fps reorder 0 refs 1"},
      {"clip_main",
       "674d401f965281806f4d4181819000000300100000030148"
       "40",
       "Main 3.1 768x432 1:8:8 progressive 10 fps reorder -1 refs 4"},
      {"clip_high", "67640016acd940c037a1000003000100000300180f162d96",
       "High 2.2 768x432 1:8:8 progressive 12 fps reorder 2 refs 4"},
  };
  for (const Golden& c : cases) {
    SCOPED_TRACE(c.name);
    const auto sps = parse_h264_sps(from_hex(c.nal));
    ASSERT_TRUE(sps) << sps.error().message();
    EXPECT_EQ(describe(sps->info), c.text);
  }
}

TEST(H265Sps, Golden_7_3_2_2) {
  const Golden cases[] = {
      {"x265_main",
       "42010101600000030090000003000003001ea020831659596e4caf016808000003000800000300c840",
       "Main 1 64x48 1:8:8 progressive 25 fps reorder 2 refs 4"},
      {"x265_422_12bit_hrd_layers",
       "420102040800000300990800000300003c0000b02083114a59598acd7272bc05a02000000300200000030"
       "32c02918bc0061a800c35700186a0030d44",
       "Range Extensions 2 64x48 2:12:12 progressive 25 fps reorder 2 refs 4"},
  };
  for (const Golden& c : cases) {
    SCOPED_TRACE(c.name);
    const auto sps = parse_h265_sps(from_hex(c.nal));
    ASSERT_TRUE(sps) << sps.error().message();
    EXPECT_EQ(describe(sps->info), c.text);
  }
}

// A Baseline SPS of this size, without VUI.
BitWriter h264_sps(uint32_t width_mbs, uint32_t height_mbs) {
  BitWriter bits;
  bits.u(8, 66).u(8, 0).u(8, 30).ue(0).ue(0).ue(2).ue(1).u(1, 0);
  bits.ue(width_mbs - 1).ue(height_mbs - 1).u(1, 1).u(1, 1);
  return bits;
}

TEST(H264Sps, SizesAreBounded) {
  EXPECT_TRUE(parse_h264_sps(h264_sps(1055, 132).u(2, 0).nal({0x67})));
  // 65536 wide
  auto wide = parse_h264_sps(h264_sps(4096, 9).u(2, 0).nal({0x67}));
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().code(), Errc::malformed);
  EXPECT_THAT(wide.error().message(), HasSubstr("pic_width_in_mbs_minus1 is 4095, not in 0..1054"));
  auto area = parse_h264_sps(h264_sps(1055, 133).u(2, 0).nal({0x67}));
  ASSERT_FALSE(area);
  EXPECT_THAT(area.error().message(), HasSubstr("16880x2128"));
}

TEST(H264Sps, Cropping) {
  const auto nal = h264_sps(120, 68).u(1, 1).ue(0).ue(0).ue(0).ue(4).u(1, 0).nal({0x67});
  const auto sps = parse_h264_sps(nal);
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->info.width, 1920);
  EXPECT_EQ(sps->info.height, 1080);
  EXPECT_EQ(sps->info.coded_height, 1088);
  EXPECT_EQ(sps->info.frame_rate, 0);
  EXPECT_EQ(sps->info.max_reorder, 0);  // Baseline

  const auto nothing = h264_sps(2, 2).u(1, 1).ue(8).ue(8).ue(0).ue(0).u(1, 0).nal({0x67});
  EXPECT_THAT(parse_h264_sps(nothing).error().message(), HasSubstr("leaves nothing of 32x32"));
}

TEST(H264Sps, DamagedVuiCostsOnlyItself) {
  // vui_parameters_present_flag, then nothing.
  const auto sps = parse_h264_sps(h264_sps(4, 3).u(1, 0).u(1, 1).u(1, 1).u(8, 255).nal({0x67}));
  ASSERT_TRUE(sps);
  EXPECT_EQ(sps->info.width, 64);
  EXPECT_EQ(sps->info.sar_width, 0);
}

BitWriter h265_sps(uint32_t width, uint32_t height) {
  BitWriter bits;
  bits.u(4, 0).u(3, 0).u(1, 1);
  bits.u(8, 1).u(32, 0).u(16, 0).u(32, 0).u(8, 93);  // profile_tier_level
  bits.ue(0).ue(1).ue(width).ue(height);
  return bits;
}

TEST(H265Sps, SizesAreBounded) {
  auto wide = parse_h265_sps(h265_sps(65'535, 65'535).u(32, 0xffffffff).nal({0x42, 1}));
  ASSERT_FALSE(wide);
  EXPECT_THAT(wide.error().message(),
              HasSubstr("pic_width_in_luma_samples is 65535, not in 0..16888"));
  EXPECT_THAT(
      parse_h265_sps(h265_sps(16'888, 4096).u(32, 0xffffffff).nal({0x42, 1})).error().message(),
      HasSubstr("16888x4096 pictures, which no level allows"));
  EXPECT_FALSE(parse_h265_sps(h265_sps(0, 64).u(32, 0xffffffff).nal({0x42, 1})));
}

// Cut anywhere, a parameter set gives an error or, once all but the VUI is there, the same size.
TEST(Sps, EveryPrefixIsJudged) {
  const auto h264 =
      from_hex("67640015acd9444fcb8088000003000800000301930200186a0030d5239807c50a6580");
  const auto h265 = from_hex(
      "42010101600000030090000003000003001ea020831659596e4caf016808000003000800000300c840");
  for (size_t size = 1; size < h264.size(); ++size) {
    const auto sps = parse_h264_sps(ByteView(h264).first(size));
    if (sps) {
      EXPECT_EQ(sps->info.width, 64);
    } else {
      EXPECT_EQ(sps.error().code(), Errc::truncated) << size;
    }
  }
  EXPECT_FALSE(parse_h264_sps(ByteView(h264).first(8)));
  for (size_t size = 2; size < h265.size(); ++size) {
    const auto sps = parse_h265_sps(ByteView(h265).first(size));
    if (sps) {
      EXPECT_EQ(sps->info.width, 64);
    } else {
      EXPECT_EQ(sps.error().code(), Errc::truncated) << size;
    }
  }
  EXPECT_FALSE(parse_h265_sps(ByteView(h265).first(20)));
}

TEST(LevelName, H264_A_3_1) {
  SequenceInfo info{.codec = media::Codec::h264, .profile_idc = 66, .level_idc = 11};
  EXPECT_EQ(level_name(info), "1.1");
  info.constraint_flags = 0x10;
  EXPECT_EQ(level_name(info), "1b");
  info.level_idc = 40;
  EXPECT_EQ(level_name(info), "4");
}

}  // namespace
}  // namespace pasu::bits
