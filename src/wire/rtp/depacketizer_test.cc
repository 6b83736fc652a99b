// Payloads in, access units or errors out: a table per format, cases named by section or camera.
#include "wire/rtp/depacketizer.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"
#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PayloadFormat format(std::string encoding, int clock_rate,
                     std::map<std::string, std::string> fmtp = {}, int channels = 0) {
  return {96, std::move(encoding), clock_rate, channels, std::move(fmtp)};
}

PayloadFormat h264_format() { return format_of(h264_stream()).value(); }
PayloadFormat h265_format() { return format_of(h265_stream()).value(); }

std::unique_ptr<Depacketizer> make(const PayloadFormat& format) {
  auto made = make_depacketizer(format);
  EXPECT_TRUE(made) << made.error().message();
  return std::move(*made);
}

// One packet: what it carries, and a letter for each thing that is not as usual.
struct Step {
  Data payload;
  int64_t time = 0;
  std::string_view marks = {};  // m: marker, g: gap before it.
};

struct Outcome {
  std::vector<Data> units;
  std::vector<media::Pts> times;
  std::optional<Error> error;  // The first.
};

Outcome run(Depacketizer& depacketizer, const std::vector<Step>& steps) {
  Outcome outcome;
  for (const Step& step : steps) {
    // Exact-size bytes, so that a read past the end is seen.
    const auto pushed =
        depacketizer.push({step.payload, step.time, step.marks.find('m') != step.marks.npos,
                           step.marks.find('g') != step.marks.npos});
    if (!pushed && !outcome.error) outcome.error = pushed.error();
    while (const auto unit = depacketizer.take()) {
      outcome.units.push_back(bytes_of(unit->data));
      outcome.times.push_back(unit->pts);
    }
  }
  return outcome;
}

struct Case {
  const char* name;
  std::vector<Step> steps;
  std::vector<Data> units;
  std::optional<Errc> error = {};
};

void check(const PayloadFormat& format, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto depacketizer = make(format);
    const Outcome outcome = run(*depacketizer, c.steps);
    EXPECT_EQ(outcome.units, c.units);
    EXPECT_EQ(outcome.error.has_value(), c.error.has_value())
        << (outcome.error ? outcome.error->message() : "no error");
    if (outcome.error && c.error) {
      EXPECT_EQ(outcome.error->code(), *c.error);
    }
  }
}

TEST(H264Depacketizer, Payloads_6184) {
  const Data p = hex("419a");
  check(h264_format(),
        {
            {"SingleNal_5_6", {{hex("65aa"), 0, "m"}}, {hex("0000000265aa")}},
            {"FuA_5_8", {{hex("7c8581")}, {hex("7c4582"), 0, "m"}}, {hex("00000003658182")}},
            {"FuA_StartAndEnd_5_8", {{hex("7cc581"), 0, "m"}}, {hex("000000026581")}},
            {"FuA_ThreeParts",
             {{hex("7c8581")}, {hex("7c0502")}, {hex("7c4503"), 0, "m"}},
             {hex("0000000465810203")}},
            {"FuA_Empty", {{hex("7c85")}, {hex("7c4581"), 0, "m"}}, {hex("000000026581")}},
            {"StapA_5_7_1",
             {{hex("780002678000026880000265aa"), 0, "m"}},
             {hex("000000026780000000026880"
                  "0000000265aa")}},
            {"StapA_SizePastPacket", {{hex("78000967"), 0, "m"}}, {}, Errc::truncated},
            {"StapA_OneByteLeft_webrtc11698", {{hex("780002419a00"), 0, "m"}}, {}, Errc::truncated},
            {"StapA_OfLengthZero", {{hex("780000"), 0, "m"}, {p, 1, "m"}}, {hex("00000002419a")}},
            {"StapA_ZerosAtItsEnd", {{hex("780002419a0000"), 0, "m"}}, {hex("00000002419a")}},
            {"StapA_Nested", {{hex("7800021801"), 0, "m"}}, {}, Errc::malformed},
            {"StapA_Empty", {{hex("78"), 0, "m"}, {p, 1, "m"}}, {hex("00000002419a")}},
            {"StapB_5_7_1", {{hex("79000100024100"), 0, "m"}}, {}, Errc::unsupported},
            {"Mtap16_5_7_2", {{hex("7a0001"), 0, "m"}}, {}, Errc::unsupported},
            {"Mtap24_5_7_2", {{hex("7b0001"), 0, "m"}}, {}, Errc::unsupported},
            {"FuB_5_8", {{hex("7d850001"), 0, "m"}}, {}, Errc::unsupported},
            {"Type0", {{hex("00aa"), 0, "m"}}, {}, Errc::unsupported},
            {"Type31", {{hex("1faa"), 0, "m"}}, {}, Errc::unsupported},
            {"FuA_OfAnAggregate_5_8", {{hex("7cd881"), 0, "m"}}, {}, Errc::malformed},
            {"FuA_OneByte", {{hex("7c"), 0, "m"}}, {}, Errc::truncated},
            {"FuA_WithoutStart_Joined",
             {{hex("7c0502")}, {hex("7c4503"), 0, "m"}, {p, 1, "m"}},
             {hex("00000002419a")}},
            {"FuA_WithoutStart",
             {{p, 0, "m"}, {hex("7c4503"), 1, "m"}, {p, 2, "m"}},
             {hex("00000002419a"), hex("00000002419a")},
             Errc::malformed},
            {"FuA_WithinAnother",
             {{hex("7c8581")}, {hex("7c8581")}, {hex("7c4503"), 0, "m"}},
             {},
             Errc::malformed},
            {"SingleNal_WithinFragments",
             {{hex("7c8581")}, {hex("65aa")}, {p, 1, "m"}},
             {hex("00000002419a")},
             Errc::malformed},
            {"FuA_WithoutEnd", {{hex("7c8581"), 0, "m"}, {p, 1, "m"}}, {hex("00000002419a")}},
            {"TimeEndsAUnit",
             {{p, 0}, {p, 1}, {p, 2, "m"}},
             {hex("00000002419a"), hex("00000002419a"), hex("00000002419a")}},
            {"SeveralSlices",
             {{hex("419a")}, {hex("4140"), 0, "m"}},
             {hex("00000002419a000000024140")}},
            {"EmptyPayload", {{{}, 0, "m"}, {p, 1, "m"}}, {hex("00000002419a")}},
            {"MarkerOnParameterSets",
             {{kSps, 0, "m"}, {kPps, 0, "m"}, {hex("65aa"), 0, "m"}},
             {prefixed({kSps, kPps, hex("65aa")})}},
            {"ParameterSetsOfAnotherTime",
             {{kSps, 7}, {kPps, 7}, {hex("65aa"), 9, "m"}},
             {prefixed({kSps, kPps, hex("65aa")})}},
            {"MarkerOnEachSlice",  // Learned at the first picture, whose rest is lost.
             {{hex("419a"), 0, "m"},
              {hex("4140"), 0, "m"},
              {hex("419b"), 1, "m"},
              {hex("4141"), 1, "m"},
              {hex("419c"), 2, "m"}},
             {hex("00000002419a"), hex("00000002419b000000024141")}},
            {"StartCodesInThePayload",
             {{hex("000000016780"
                   "000001"
                   "65aa"),
               0, "m"}},
             {hex("0000000267800000000265aa")}},
        });
}

TEST(H264Depacketizer, Loss) {
  const Data p = hex("419a"), q = hex("419b");
  check(
      h264_format(),
      {
          {"WithinAUnit", {{p}, {hex("4141"), 0, "gm"}, {q, 1, "m"}}, {hex("00000002419b")}},
          {"TheEndOfAUnit", {{p}, {q, 1, "gm"}}, {hex("00000002419b")}},
          {"BetweenUnits", {{p, 0, "m"}, {q, 2, "gm"}}, {hex("00000002419a"), hex("00000002419b")}},
          {"TheHeadOfAUnit",
           {{p, 0, "m"}, {hex("4141"), 1, "gm"}, {q, 2, "m"}},
           {hex("00000002419a"), hex("00000002419b")}},
          {"WithinFragments",
           {{hex("7c8581")}, {hex("7c4582"), 0, "gm"}, {q, 1, "m"}},
           {hex("00000002419b")}},
          {"TheHeadOfFragments",
           {{p, 0, "m"}, {hex("7c4582"), 1, "gm"}, {q, 2, "m"}},
           {hex("00000002419a"), hex("00000002419b")}},
          {"AFragmentsEnd",
           {{hex("7c8581")}, {hex("7c0582")}, {q, 1, "gm"}},
           {hex("00000002419b")}},
          {"BeforeParameterSets",
           {{p, 0, "m"}, {kSps, 1, "g"}, {kPps, 1}, {hex("65aa"), 1, "m"}},
           {hex("00000002419a"), prefixed({kSps, kPps, hex("65aa")})}},
          {"GapOnAnEmptyPacket",
           {{p}, {{}, 0, "g"}, {hex("4141"), 0, "m"}, {q, 1, "m"}},
           {hex("00000002419b")}},
      });
}

struct SpropCase {
  const char* name;
  std::map<std::string, std::string> fmtp;
  bool ready;
};

// Parameter sets come in the SDP, or do not.
TEST(H264Depacketizer, Sprop) {
  const std::string sps = to_base64(kSps), pps = to_base64(kPps);
  const SpropCase cases[] = {
      {"Whole", {{"sprop-parameter-sets", sps + "," + pps}}, true},
      {"OtherLetterCase", {{"Sprop-Parameter-Sets", sps + "," + pps}}, true},
      {"NoFmtp_go2rtc1558", {}, false},
      {"NoSprop_gortsplib88", {{"packetization-mode", "1"}}, false},
      {"Empty_mediamtx861", {{"sprop-parameter-sets", ""}}, false},
      {"CommaOnly", {{"sprop-parameter-sets", ","}}, false},
      {"WithoutPps_FFmpeg181", {{"sprop-parameter-sets", sps}}, false},
      {"NoSps_mediamtx2304", {{"sprop-parameter-sets", "Z0IA," + pps}}, false},
      {"NoParameterSet_retina42", {{"sprop-parameter-sets", "AAAA,BBBB"}}, false},
      {"NoBase64", {{"sprop-parameter-sets", "!!!,???"}}, false},
      {"StartCodesWithin",
       {{"sprop-parameter-sets", to_base64(joined({hex("00000001"), kSps})) + "," +
                                     to_base64(joined({hex("000001"), kPps}))}},
       true},
      {"SizeOf65535", {{"sprop-parameter-sets", "Z0IAHtoABAAAAwIAGQ==," + pps}}, false},
      {"Huge", {{"sprop-parameter-sets", std::string(1 << 20, 'Z')}}, false},
  };
  for (const SpropCase& c : cases) {
    SCOPED_TRACE(c.name);
    const auto depacketizer = make(format("H264", 90'000, c.fmtp));
    EXPECT_EQ(depacketizer->ready(), c.ready);
    // A picture before the sets cannot be decoded; with them in band it can.
    EXPECT_EQ(run(*depacketizer, {{hex("65aa"), 0, "m"}}).units.size(), c.ready ? 1u : 0u);
    const Outcome outcome =
        run(*depacketizer, {{kSps, 1}, {kPps, 1}, {hex("65aa"), 1, "m"}, {hex("419a"), 2, "m"}});
    EXPECT_THAT(outcome.units,
                ElementsAre(prefixed({kSps, kPps, hex("65aa")}), prefixed({hex("419a")})));
    EXPECT_TRUE(depacketizer->ready());
    EXPECT_EQ(depacketizer->changes(), c.ready ? 0u : 1u);
    EXPECT_EQ(bytes_of(depacketizer->stream_info().extradata), bytes_of(h264_stream().extradata));
    EXPECT_EQ(depacketizer->stream_info().width, 64);
  }
}

// resolution change mid-stream
TEST(H264Depacketizer, SpsChangesMidStream) {
  const auto depacketizer = make(h264_format());
  EXPECT_EQ(depacketizer->stream_info().profile, "High");
  run(*depacketizer, {{kSps, 0}, {kPps, 0}, {hex("65aa"), 0, "m"}});
  EXPECT_EQ(depacketizer->changes(), 0u);
  // Two units wait; stream_info() is that of the one taken last.
  const Step steps[] = {{hex("419a"), 1, "m"}, {kSps2, 2}, {kPps, 2}, {hex("65aa"), 2, "m"}};
  for (const Step& step : steps) {
    ASSERT_TRUE(depacketizer->push({step.payload, step.time, !step.marks.empty(), false}));
  }
  ASSERT_TRUE(depacketizer->take());
  EXPECT_EQ(depacketizer->changes(), 0u);
  EXPECT_EQ(depacketizer->stream_info().profile, "High");
  ASSERT_TRUE(depacketizer->take());
  EXPECT_EQ(depacketizer->changes(), 1u);
  EXPECT_EQ(depacketizer->stream_info().profile, "Constrained Baseline");
}

TEST(H264Depacketizer, SpsNobodyCanReadChangesNothing) {
  const auto depacketizer = make(h264_format());
  const Outcome outcome = run(*depacketizer, {{hex("67ffffffff"), 0}, {hex("65aa"), 0, "m"}});
  EXPECT_EQ(outcome.units.size(), 1u);
  EXPECT_EQ(depacketizer->changes(), 0u);
}

TEST(H264Depacketizer, UnitIsBounded) {
  const auto depacketizer = make(h264_format());
  Data part = nal({0x7c, 0x85}, 60'000);
  Result<void> pushed;
  size_t bytes = 0;
  for (; pushed && bytes < 2 * Depacketizer::kUnitBytesMax; bytes += part.size()) {
    pushed = depacketizer->push({part, 0, false, false});
    part[1] = 0x05;
  }
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().code(), Errc::too_large);
  EXPECT_LE(bytes, Depacketizer::kUnitBytesMax + 120'000);
  EXPECT_EQ(run(*depacketizer, {{hex("419a"), 1, "m"}}).units.size(), 1u);
}

TEST(Depacketizer, UnitsNotTakenAreBounded) {
  const auto depacketizer = make(h264_format());
  Result<void> pushed;
  size_t count = 0;
  for (; pushed && count < 2 * Depacketizer::kUnitsMax; ++count) {
    pushed = depacketizer->push({hex("419a"), static_cast<int64_t>(count), true, false});
  }
  EXPECT_EQ(pushed.error().code(), Errc::too_large);
  EXPECT_EQ(count, Depacketizer::kUnitsMax + 1);
}

TEST(H265Depacketizer, Payloads_7798) {
  const Data p = hex("0201d0");
  check(
      h265_format(),
      {
          {"SingleNal_4_4_1", {{p, 0, "m"}}, {hex("000000030201d0")}},
          {"Ap_4_4_2",
           {{hex("600100034e010500040202d001"), 0, "m"}},
           {hex("000000034e0105000000040202d001")}},
          {"Ap_SizePastPacket", {{hex("600100ff0201d0"), 0, "m"}}, {}, Errc::truncated},
          {"Ap_OneByteLeft", {{hex("600100030201d000"), 0, "m"}}, {}, Errc::truncated},
          {"Ap_UnitOfOneByte", {{hex("6001000102"), 0, "m"}}, {}, Errc::malformed},
          {"Ap_Nested", {{hex("60010003600100"), 0, "m"}}, {}, Errc::malformed},
          {"Fu_4_4_3", {{hex("620193d0")}, {hex("62015301"), 0, "m"}}, {hex("000000042601d001")}},
          {"Fu_WithoutStart",
           {{p, 0, "m"}, {hex("62015301"), 1, "m"}, {p, 2, "m"}},
           {hex("000000030201d0"), hex("000000030201d0")},
           Errc::malformed},
          {"Paci_4_4_4", {{hex("64010200d001"), 0, "m"}}, {hex("000000040201d001")}},
          {"Paci_ControlBytesSkipped",
           {{hex("64010230aabbccd001"), 0, "m"}},
           {hex("000000040201d001")}},
          {"Paci_ControlBytesPastPacket", {{hex("640102f0aa"), 0, "m"}}, {}, Errc::truncated},
          {"Paci_Nested", {{hex("64016400d001"), 0, "m"}}, {}, Errc::malformed},
          {"Type51", {{hex("660100"), 0, "m"}}, {}, Errc::unsupported},
          {"TwoBytes", {{hex("0201"), 0, "m"}}, {}, Errc::truncated},
          {"SeveralSlices", {{p}, {hex("020150"), 0, "m"}}, {hex("000000030201d000000003020150")}},
      });
}

TEST(H265Depacketizer, DecodingOrderNumbers_7798_4_4) {
  PayloadFormat with_don = h265_format();
  with_don.fmtp["sprop-max-don-diff"] = "1";
  check(with_don,
        {
            {"SingleNal", {{hex("02010007d0"), 0, "m"}}, {hex("000000030201d0")}},
            {"SingleNal_EndsInDonl", {{hex("020100"), 0, "m"}}, {}, Errc::truncated},
            {"Ap",
             {{hex("6001000700034e010501"
                   "00040202d001"),
               0, "m"}},
             {hex("000000034e0105000000040202d001")}},
            {"Fu", {{hex("6201930007d0")}, {hex("62015301"), 0, "m"}}, {hex("000000042601d001")}},
            {"Fu_EndsInDonl",
             {{hex("62019300")}, {hex("0201000ad0"), 1, "m"}},
             {hex("000000030201d0")},
             Errc::truncated},
        });
  PayloadFormat zero = h265_format();
  zero.fmtp["sprop-max-don-diff"] = "0";
  check(zero, {{"Zero", {{hex("0201d0"), 0, "m"}}, {hex("000000030201d0")}}});
}

TEST(H265Depacketizer, SetsInBand) {
  const auto depacketizer = make(format("H265", 90'000));
  EXPECT_FALSE(depacketizer->ready());
  EXPECT_TRUE(run(*depacketizer, {{hex("2601af"), 0, "m"}}).units.empty());
  run(*depacketizer, {{kVps265, 1}, {kSps265, 1}, {kPps265, 1}, {hex("2601af"), 1, "m"}});
  EXPECT_TRUE(depacketizer->ready());
  EXPECT_EQ(bytes_of(depacketizer->stream_info().extradata), bytes_of(h265_stream().extradata));
}

TEST(AacDepacketizer, Payloads_3640) {
  const PayloadFormat hbr = format("mpeg4-generic", 48'000,
                                   {{"mode", "AAC-hbr"},
                                    {"config", "1190"},
                                    {"SizeLength", "13"},
                                    {"IndexLength", "3"},
                                    {"IndexDeltaLength", "3"}});
  check(hbr,
        {
            {"One_3_2_1", {{hex("0010001821aabb"), 0, "m"}}, {hex("21aabb")}},
            {"Three_3_2_3_1",
             {{hex("0030001000180008"
                   "2101"
                   "21aabb"
                   "22"),
               0, "m"}},
             {hex("2101"), hex("21aabb"), hex("22")}},
            {"Fragments_3_2_3_2",
             {{hex("0010002021aa")}, {hex("00100020bbcc"), 0, "m"}},
             {hex("21aabbcc")}},
            {"Fragments_HeadLost",
             {{hex("00100020bbcc"), 0, "gm"}, {hex("0010001021aa"), 1, "m"}},
             {hex("21aa")}},
            {"Fragments_TailLost",
             {{hex("0010002021aa")}, {hex("0010001021aa"), 1, "gm"}},
             {hex("21aa")}},
            {"Fragments_TooLong",
             {{hex("0010001821aa")}, {hex("00100018bbcc"), 0, "m"}},
             {},
             Errc::malformed},
            {"HeadersPastPacket", {{hex("ffff0010"), 0, "m"}}, {}, Errc::truncated},
            {"HeadersLengthZero", {{hex("000021aa"), 0, "m"}}, {}, Errc::malformed},
            {"SecondPastPacket",
             {{hex("002000100018"
                   "2101"
                   "21"),
               0, "m"}},
             {hex("2101")},
             Errc::truncated},
            {"OneByte", {{hex("00"), 0, "m"}}, {}, Errc::truncated},
            {"SizeZero", {{hex("00100000"), 0, "m"}, {hex("0010001021aa"), 1, "m"}}, {hex("21aa")}},
            {"AdtsHeaderWithin",
             {{hex("00100048"
                   "fff15080013ffc"
                   "21aa"),
               0, "m"}},
             {hex("21aa")}},
        });
  const auto depacketizer = make(hbr);
  const Outcome outcome = run(*depacketizer, {{hex("0030001000180008"
                                                   "2101"
                                                   "21aabb"
                                                   "22"),
                                               4800, "m"}});
  EXPECT_THAT(outcome.times, ElementsAre(ticks_to_pts(4800, 48'000), ticks_to_pts(5824, 48'000),
                                         ticks_to_pts(6848, 48'000)));
}

TEST(AacDepacketizer, Formats) {
  const auto no_fmtp = make(format("MPEG4-GENERIC", 16'000, {}, 1));
  EXPECT_TRUE(no_fmtp->ready());
  EXPECT_EQ(bytes_of(no_fmtp->stream_info().extradata), hex("1408"));
  EXPECT_EQ(run(*no_fmtp, {{hex("0010001021aa"), 0, "m"}}).units.size(), 1u);

  // AAC-lbr: 6-bit sizes, 2-bit indices.
  const auto low = make(format(
      "MPEG4-GENERIC", 8000,
      {{"config", "1588"}, {"sizelength", "6"}, {"indexlength", "2"}, {"indexdeltalength", "2"}}));
  EXPECT_THAT(run(*low, {{hex("001008042101"
                              "22"),
                          0, "m"}})
                  .units,
              ElementsAre(hex("2101"), hex("22")));

  const auto bad = make_depacketizer(format("MPEG4-GENERIC", 8000, {{"sizelength", "x"}}));
  EXPECT_THAT(bad.error().message(), HasSubstr("sizelength"));
  EXPECT_FALSE(make_depacketizer(
      format("MPEG4-GENERIC", 8000, {{"sizelength", "13"}, {"indexlength", "4000000000"}})));
}

TEST(LatmDepacketizer, Payloads_6416) {
  // StreamMuxConfig: version 0, one frame, one program, one layer, AAC-LC 48 kHz stereo.
  const PayloadFormat out_of_band =
      format("MP4A-LATM", 48'000, {{"cpresent", "0"}, {"config", "400023203fc0"}});
  check(
      out_of_band,
      {
          {"One_6_1", {{hex("0321aabb"), 0, "m"}}, {hex("21aabb")}},
          {"LengthOf255", {{joined({hex("ff01"), nal({0x21}, 256)}), 0, "m"}}, {nal({0x21}, 256)}},
          {"Fragments", {{hex("0321")}, {hex("aabb"), 0, "m"}}, {hex("21aabb")}},
          {"FragmentLost",
           {{hex("0321")}, {hex("bb"), 0, "gm"}, {hex("0121"), 1, "m"}},
           {hex("21")}},
          {"LengthPastPacket", {{hex("0921aa"), 0, "m"}}, {}, Errc::truncated},
          {"LengthsWithoutEnd", {{hex("ffffff"), 0, "m"}}, {}, Errc::truncated},
      });
  const auto depacketizer = make(out_of_band);
  EXPECT_EQ(bytes_of(depacketizer->stream_info().extradata), hex("1190"));
  EXPECT_EQ(depacketizer->stream_info().channels, 2);
}

// With the sync extension of its AudioSpecificConfig, and cut short behind it.
TEST(LatmDepacketizer, ConfigOfGStreamer) {
  for (const char* config : {"40002410adca00", "400024103fc0"}) {
    SCOPED_TRACE(config);
    const auto depacketizer =
        make(format("MP4A-LATM", 44'100, {{"cpresent", "0"}, {"config", config}}));
    EXPECT_EQ(bytes_of(depacketizer->stream_info().extradata), hex("1208"));
    EXPECT_EQ(depacketizer->stream_info().channels, 1);
    const Outcome outcome = run(*depacketizer, {{hex("0321aabb"), 0, "m"}});
    EXPECT_EQ(outcome.units, std::vector<Data>{hex("21aabb")});
  }
}

TEST(LatmDepacketizer, ConfigInBand_14496_3_1_7_3) {
  // useSameStreamMux 0, the configuration above, then a frame of two bytes, all one bit later.
  const auto depacketizer = make(format("MP4A-LATM", 48'000));
  EXPECT_FALSE(depacketizer->ready());
  // Before a configuration an element means nothing.
  EXPECT_TRUE(run(*depacketizer, {{hex("8110"), 0, "m"}}).units.empty());
  Outcome outcome = run(*depacketizer, {{hex("200011901fe0110d50"), 1, "m"}});
  EXPECT_EQ(outcome.units, std::vector<Data>{hex("21aa")})
      << (outcome.error ? outcome.error->message() : "");
  EXPECT_TRUE(depacketizer->ready());
  outcome = run(*depacketizer, {{hex("8110d500"), 2, "m"}});
  EXPECT_EQ(outcome.units, std::vector<Data>{hex("21aa")});
  EXPECT_EQ(depacketizer->changes(), 1u);
}

TEST(PlainDepacketizer, OpusDurations_6716_3_1) {
  const struct {
    const char* packet;
    int samples;
  } cases[] = {{"00ff", 480}, {"18ff", 2880}, {"60ff", 480},    {"68ff", 960}, {"80ff", 120},
               {"98ff", 960}, {"99ff", 1920}, {"9b06ff", 5760}, {"9b", 0}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.packet);
    const auto depacketizer = make(format("OPUS", 48'000, {}, 2));
    const Data packet = hex(c.packet);
    ASSERT_TRUE(depacketizer->push({packet, 0, true, false}));
    const auto unit = depacketizer->take();
    ASSERT_TRUE(unit);
    EXPECT_EQ(unit->duration, ticks_to_pts(c.samples, 48'000));
  }
  EXPECT_EQ(make(format("opus", 48'000))->stream_info().extradata.size(), 19u);
}

TEST(Mp3Depacketizer, Payloads_2250) {
  const Data frame = nal({0xff, 0xfb, 0x90, 0x00}, 417);  // 128 kbit/s at 44.1 kHz
  const ByteView head = ByteView(frame).first(200), tail = ByteView(frame).subspan(200);
  check(static_format(14).value(),
        {
            {"One_3_5", {{joined({hex("00000000"), frame}), 0, "m"}}, {frame}},
            {"Two", {{joined({hex("00000000"), frame, frame}), 0, "m"}}, {frame, frame}},
            {"Fragments",
             {{joined({hex("00000000"), head})}, {joined({hex("000000c8"), tail})}},
             {frame}},
            {"FragmentLost",
             {{joined({hex("00000000"), head})}, {joined({hex("000000c8"), tail}), 0, "g"}},
             {}},
            {"FragmentElsewhere",
             {{joined({hex("00000000"), head})}, {joined({hex("000000c9"), tail})}},
             {},
             Errc::malformed},
            {"NoFrame", {{hex("00000000aabbccdd"), 0, "m"}}, {}, Errc::malformed},
            {"HeaderAlone", {{hex("00000000"), 0, "m"}}, {}, Errc::truncated},
        });
}

TEST(MjpegDepacketizer, Payloads_2435) {
  const PayloadFormat jpeg = static_format(26).value();
  const auto units = [&](const std::vector<Step>& steps) { return run(*make(jpeg), steps).units; };
  // Q 50: the tables of T.81 as they are. 320x240, 4:2:0.
  auto files = units({{hex("000000000132281e"
                           "aabb")},
                      {hex("000000020132281e"
                           "cc"),
                       0, "m"}});
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(Data(files[0].begin(), files[0].begin() + 11), hex("ffd8ffdb004300100b0c0e"));
  EXPECT_EQ(Data(files[0].end() - 5, files[0].end()), hex("aabbccffd9"));
  // Restart markers of 4:2:2: type 64, interval 20.
  files = units({{hex("000000004032281e"
                      "0014ffff"
                      "aa"),
                  0, "m"}});
  ASSERT_EQ(files.size(), 1u);
  const Data dri = hex("ffdd00040014");
  EXPECT_NE(std::search(files[0].begin(), files[0].end(), dri.begin(), dri.end()), files[0].end());
  // Q 200: tables sent once, then referred to (3.1.8).
  const Data tables(128, 7);
  const std::vector<Step> kept = {{joined({hex("0000000001c8281e"
                                               "00000080"),
                                           tables, hex("aa")}),
                                   0, "m"},
                                  {hex("0000000001c8281e"
                                       "00000000"
                                       "aa"),
                                   1, "m"}};
  files = units(kept);
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0], files[1]);

  check(jpeg, {
                  {"TablesNotYetSent",
                   {{hex("0000000001c8281e"
                         "00000000"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::malformed},
                  {"TablesOfQ255AreNotKept",
                   {{hex("0000000001ff281e"
                         "00000000"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::malformed},
                  {"TablesPastPacket",
                   {{hex("0000000001ff281e"
                         "00000080"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::truncated},
                  {"TablesOf16Bits",
                   {{joined({hex("0000000001ff281e"
                                 "00010080"),
                             tables}),
                     0, "m"}},
                   {},
                   Errc::unsupported},
                  {"QReserved",
                   {{hex("000000000164281e"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::malformed},
                  {"QZero",
                   {{hex("000000000100281e"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::malformed},
                  {"Type2",
                   {{hex("000000000232281e"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::unsupported},
                  {"Over2040",
                   {{hex("000000000132001e"
                         "aa"),
                     0, "m"}},
                   {},
                   Errc::unsupported},
                  {"ShortHeader", {{hex("00000000013228"), 0, "m"}}, {}, Errc::truncated},
                  {"ShortRestartHeader",
                   {{hex("000000004032281e"
                         "0014"),
                     0, "m"}},
                   {},
                   Errc::truncated},
                  {"FragmentElsewhere",
                   {{hex("000000000132281e"
                         "aabb")},
                    {hex("000000050132281e"
                         "cc"),
                     0, "m"}},
                   {},
                   Errc::malformed},
                  {"HeadLost",
                   {{hex("000000050132281e"
                         "cc"),
                     0, "gm"}},
                   {}},
                  {"MiddleLost",
                   {{hex("000000000132281e"
                         "aabb")},
                    {hex("000000030132281e"
                         "cc"),
                     0, "gm"}},
                   {}},
              });
}

TEST(MetadataDepacketizer, Documents) {
  check(
      format("VND.ONVIF.METADATA", 90'000),
      {
          {"One", {{hex("3c61"), 0, "m"}}, {hex("3c61")}},
          {"Parts", {{hex("3c61")}, {hex("3e"), 0, "m"}}, {hex("3c613e")}},
          {"PartLost", {{hex("3c61")}, {hex("3e"), 0, "gm"}, {hex("3c62"), 1, "m"}}, {hex("3c62")}},
          {"HeadLost", {{hex("613e"), 0, "gm"}, {hex("3c62"), 1, "m"}}, {hex("3c62")}},
          {"EndLost", {{hex("3c61")}, {hex("3c62"), 1, "gm"}}, {hex("3c62")}},
      });
  const auto depacketizer = make(format("vnd.onvif.metadata", 90'000));
  Result<void> pushed;
  for (int i = 0; i < 40 && pushed; ++i) {
    pushed = depacketizer->push({Data(60'000, '<'), 0, false, false});
  }
  EXPECT_EQ(pushed.error().code(), Errc::too_large);
}

TEST(MakeDepacketizer, Refusals) {
  EXPECT_THAT(make_depacketizer(format("VP8", 90'000)).error().message(), HasSubstr("VP8"));
  EXPECT_EQ(make_depacketizer(format("H264", 0)).error().code(), Errc::malformed);
  EXPECT_EQ(make_depacketizer(format("H264", 2'000'000'000)).error().code(), Errc::malformed);
  EXPECT_EQ(static_format(96).error().code(), Errc::unsupported);
  EXPECT_EQ(static_format(0)->encoding, "PCMU");
}

TEST(Ticks, ThereAndBack) {
  std::mt19937_64 random(8);
  for (const int rate : {8000, 11'025, 44'100, 48'000, 90'000, 1}) {
    for (int i = 0; i < 1000; ++i) {
      const auto ticks = static_cast<int64_t>(random() % (uint64_t{1} << 32)) - (1ll << 31);
      EXPECT_EQ(pts_to_ticks(ticks_to_pts(ticks, rate), rate), ticks);
    }
  }
}

}  // namespace
}  // namespace pasu::rtp
