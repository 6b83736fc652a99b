#include "wire/rtp/rtcp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtp/test_rtp.h"

namespace pasu::rtp {
namespace {

template <class T>
const T* only(const Result<std::vector<RtcpPacket>>& packets, size_t index = 0) {
  if (!packets || index >= packets->size()) return nullptr;
  return std::get_if<T>(&(*packets)[index]);
}

TEST(Rtcp, SenderReportWithName_3550_6_4_1) {
  const SenderReport report{.ssrc = 0x11223344,
                            .ntp = 0xe8b0c0de40000000,
                            .timestamp = 90'000,
                            .packets = 7,
                            .octets = 7000,
                            .blocks = {{.ssrc = 5,
                                        .fraction_lost = 12,
                                        .lost = -3,
                                        .highest_sequence = 0x10005,
                                        .jitter = 9,
                                        .last_sr = 10,
                                        .since_last_sr = 11}}};
  const auto bytes = write_report(report, "pasu@host");
  EXPECT_EQ(bytes.size() % 4, 0u);
  EXPECT_EQ(Data(bytes.begin(), bytes.begin() + 8), hex("81c8000c11223344"));
  const auto packets = parse_rtcp(bytes);
  ASSERT_TRUE(packets) << packets.error().message();
  ASSERT_EQ(packets->size(), 2u);
  const auto* sr = only<SenderReport>(packets);
  ASSERT_TRUE(sr);
  EXPECT_EQ(sr->ntp, report.ntp);
  EXPECT_EQ(sr->timestamp, 90'000u);
  EXPECT_EQ(sr->octets, 7000u);
  ASSERT_EQ(sr->blocks.size(), 1u);
  EXPECT_EQ(sr->blocks[0].lost, -3);
  EXPECT_EQ(sr->blocks[0].fraction_lost, 12);
  EXPECT_EQ(sr->blocks[0].since_last_sr, 11u);
  const auto* name = only<SourceDescription>(packets, 1);
  ASSERT_TRUE(name);
  EXPECT_EQ(name->ssrc, 0x11223344u);
  EXPECT_EQ(name->cname, "pasu@host");
}

TEST(Rtcp, NameOfEveryLengthEndsInAWord_3550_6_5) {
  for (size_t length = 0; length < 12; ++length) {
    const std::string name(length, 'n');
    const auto bytes = write_report(ReceiverReport{1, {}}, name);
    ASSERT_EQ(bytes.size() % 4, 0u);
    const auto packets = parse_rtcp(bytes);
    ASSERT_TRUE(only<SourceDescription>(packets, 1));
    EXPECT_EQ(only<SourceDescription>(packets, 1)->cname, name);
    EXPECT_EQ(bytes.back(), 0);  // At least one zero ends the items.
  }
}

TEST(Rtcp, Bye_3550_6_6) {
  const auto packets = parse_rtcp(write_bye(9, "going home"));
  ASSERT_TRUE(only<Bye>(packets, 1));
  EXPECT_EQ(only<Bye>(packets, 1)->ssrcs, std::vector<uint32_t>{9});
  EXPECT_EQ(only<Bye>(packets, 1)->reason, "going home");
}

TEST(Rtcp, App_3550_6_7) {
  const Data data = hex("01020304");
  const auto bytes = write_app({.subtype = 3, .ssrc = 8, .name = "pasu", .data = data});
  const auto packets = parse_rtcp(bytes);
  const auto* app = only<AppPacket>(packets);
  ASSERT_TRUE(app);
  EXPECT_EQ(app->subtype, 3);
  EXPECT_EQ(app->name, "pasu");
  EXPECT_EQ(bytes_of(app->data), data);
}

TEST(Rtcp, Oddities) {
  const struct {
    const char* name;
    const char* bytes;
    int packets;  // -1: an error
  } cases[] = {
      {"Nothing", "", -1},
      {"OneByte", "80", -1},
      {"HeaderAlone_ShortRtcp", "80c80006", -1},
      {"Version1",
       "40c90001"
       "00000001",
       -1},
      {"ReceiverReportAlone_5506",
       "80c90001"
       "00000001",
       1},
      {"CountOverBlocks",
       "9fc90001"
       "00000001",
       1},
      {"LengthPastTheEnd",
       "80c900ff"
       "00000001",
       1},
      {"UnknownTypePassedOver",
       "80cd0001"
       "00000001"
       "80c90001"
       "00000002",
       1},
      {"GarbageBehindAReport",
       "80c90001"
       "00000001"
       "ffff",
       1},
      {"ShortSenderReportBehindAReport",
       "80c90001"
       "00000001"
       "80c80001"
       "00000001",
       1},
      {"ItemPastTheEnd",
       "81ca0002"
       "00000001"
       "01ff6162",
       1},
      {"ItemWithoutLength",
       "81ca0002"
       "00000001"
       "01010101",
       1},
      {"EmptyBye", "80cb0000", 1},
      {"ByeReasonPastTheEnd",
       "81cb0002"
       "00000001"
       "ff616263",
       1},
      {"PaddingOverTheWhole",
       "a0c90001"
       "000000ff",
       -1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Data bytes = hex(c.bytes);
    const auto packets = parse_rtcp(bytes);
    EXPECT_EQ(packets ? static_cast<int>(packets->size()) : -1, c.packets);
  }
}

TEST(Rtcp, NtpTime_4330_3) {
  using namespace std::chrono;
  const UtcTime epoch{};
  EXPECT_EQ(to_ntp(epoch), uint64_t{2'208'988'800} << 32);
  EXPECT_EQ(from_ntp(uint64_t{2'208'988'800} << 32), epoch);
  // The era after 2036-02-07 06:28:16 UTC begins again from 0.
  EXPECT_EQ(from_ntp(0), UtcTime(seconds(2'085'978'496)));
  for (const int64_t us : {1'764'055'380'123'456, 2'085'978'495'999'999, 2'085'978'496'000'001,
                           4'000'000'000'654'321}) {
    EXPECT_EQ(from_ntp(to_ntp(UtcTime(microseconds(us)))), UtcTime(microseconds(us)));
  }
}

}  // namespace
}  // namespace pasu::rtp
