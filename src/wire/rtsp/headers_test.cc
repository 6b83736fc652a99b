#include "wire/rtsp/headers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtsp/transport.h"

namespace pasu::rtsp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct TransportCase {
  const char* name;
  const char* text;
  const char* printed;  // The first alternative as this program writes it; null where none is left.
};

const TransportCase kTransports[] = {
    {"Tcp_Rfc2326_12_39", "RTP/AVP/TCP;unicast;interleaved=0-1",
     "RTP/AVP/TCP;unicast;interleaved=0-1"},
    {"TcpOneChannel", "RTP/AVP/TCP;interleaved=4", "RTP/AVP/TCP;unicast;interleaved=4-5"},
    {"TcpLastChannels", "RTP/AVP/TCP;interleaved=254-255",
     "RTP/AVP/TCP;unicast;interleaved=254-255"},
    {"TcpChannelsEqual", "RTP/AVP/TCP;interleaved=3-3", nullptr},
    {"TcpChannelTooLarge", "RTP/AVP/TCP;interleaved=256-257", nullptr},
    {"TcpNoChannels", "RTP/AVP/TCP", "RTP/AVP/TCP;unicast"},
    {"TcpWithPortsOfZero", "RTP/AVP/TCP;interleaved=0-1;client_port=0-0",
     "RTP/AVP/TCP;unicast;interleaved=0-1"},
    {"Udp", "RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257;ssrc=0B5A9C0D",
     "RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257;ssrc=0B5A9C0D"},
    {"UdpWritten", "rtp/avp/udp; unicast ; client_port = 3056-3057",
     "RTP/AVP;unicast;client_port=3056-3057"},
    {"UdpOnePort", "RTP/AVP;client_port=3056", "RTP/AVP;unicast;client_port=3056-3057"},
    {"UdpPortZero_live555", "RTP/AVP;unicast;client_port=0-0", nullptr},
    {"UdpPortZeroAndOne", "RTP/AVP;unicast;client_port=0-1", nullptr},
    {"UdpPortsEqual", "RTP/AVP;unicast;client_port=5-5", nullptr},
    {"UdpPortTooLarge", "RTP/AVP;unicast;client_port=65536-65537", nullptr},
    {"UdpLastPortAlone", "RTP/AVP;unicast;client_port=65535", nullptr},
    {"UdpServerPortZero", "RTP/AVP;client_port=4-5;server_port=0-0",
     "RTP/AVP;unicast;client_port=4-5"},
    {"Multicast_Rfc2326_14_3", "RTP/AVP;multicast;destination=224.2.0.1;port=3456-3457;ttl=16",
     "RTP/AVP;multicast;destination=224.2.0.1;port=3456-3457;ttl=16"},
    {"MulticastOverTcp", "RTP/AVP/TCP;multicast", nullptr},
    {"SecondIsUsable", "RAW/RAW/UDP;unicast,RTP/SAVP;unicast,RTP/AVP/TCP;interleaved=2-3",
     "RTP/AVP/TCP;unicast;interleaved=2-3"},
    {"Record", "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record",
     "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"},
    {"RecordQuoted", "RTP/AVP/TCP;interleaved=0-1;mode=\"RECORD\"",
     "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"},
    {"QuotedComma", "RTP/AVP/TCP;mode=\"PLAY,RECORD\";interleaved=0-1",
     "RTP/AVP/TCP;unicast;interleaved=0-1"},
    {"SsrcWithBlankAndPrefix", "RTP/AVP/TCP;interleaved=0-1;ssrc= 0xab",
     "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=000000AB"},
    {"SsrcThatIsNone", "RTP/AVP/TCP;interleaved=0-1;ssrc=xyz",
     "RTP/AVP/TCP;unicast;interleaved=0-1"},
    {"Unknown", "RTP/AVP/TCP;unicast;interleaved=0-1;foo=bar;;",
     "RTP/AVP/TCP;unicast;interleaved=0-1"},
    {"Empty", "", nullptr},
    {"Commas", ",,,", nullptr},
};

TEST(Transport, BothWays) {
  for (const auto& [name, text, printed] : kTransports) {
    const auto transports = parse_transport(text);
    ASSERT_EQ(transports.has_value(), printed != nullptr) << name;
    if (!printed) {
      EXPECT_EQ(transports.error().code(), Errc::unsupported) << name;
      continue;
    }
    EXPECT_EQ(to_string(transports->front()), printed) << name;
    EXPECT_EQ(parse_transport(printed).value().front(), transports->front()) << name;
  }
}

TEST(Transport, KeepsTheOrderOfPreferenceAndALimit) {
  const auto both = parse_transport("RTP/AVP;unicast;client_port=4-5,RTP/AVP/TCP;interleaved=0-1");
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->at(0).delivery, Delivery::udp);
  EXPECT_EQ(both->at(1).delivery, Delivery::tcp);
  std::string many;
  for (int i = 0; i < 17; ++i) many += "RTP/AVP/TCP,";
  EXPECT_EQ(parse_transport(many).error().code(), Errc::too_large);
}

TEST(SessionHeader, BothWays_Rfc2326_12_37) {
  EXPECT_EQ(parse_session("12345678").value(), (SessionId{"12345678", 60s}));
  EXPECT_EQ(parse_session(" 1a-b ; timeout=30").value(), (SessionId{"1a-b", 30s}));
  EXPECT_EQ(parse_session("1;Timeout=5;x").value(), (SessionId{"1", 5s}));
  EXPECT_EQ(parse_session("1;timeout=0").value().timeout, 60s);
  EXPECT_EQ(parse_session("1;timeout=-1").value().timeout, 60s);
  EXPECT_EQ(parse_session("1;timeout=99999999").value().timeout, 60s);
  EXPECT_FALSE(parse_session(""));
  EXPECT_FALSE(parse_session(";timeout=1"));
  EXPECT_FALSE(parse_session(std::string(300, 'x')));
  EXPECT_EQ(to_string(SessionId{"ab", 30s}), "ab;timeout=30");
}

TEST(RangeHeader, Npt_Rfc2326_3_6) {
  const auto npt = [](std::string_view text) {
    return std::get<NptRange>(parse_range(text).value());
  };
  EXPECT_EQ(npt("npt=0-"), (NptRange{0.0, false, {}}));
  EXPECT_EQ(npt("npt=123.45-125"), (NptRange{123.45, false, 125.0}));
  EXPECT_EQ(npt("npt=12:05:35.3-"), (NptRange{43535.3, false, {}}));
  EXPECT_EQ(npt("npt=now-"), (NptRange{{}, true, {}}));
  EXPECT_EQ(npt("npt=-20"), (NptRange{{}, false, 20.0}));
  EXPECT_EQ(npt("npt=0-;time=19970123T143720Z"), (NptRange{0.0, false, {}}));
  for (const char* text :
       {"npt=", "npt=-", "npt=x-", "npt=1-y", "npt=1:2:3:4-", "npt=-1-", "npt=1e9-",
        "npt=1.0000000001-", "npt=1:60-", "npt=442222222:1-", "npt=1000000001-"})
    EXPECT_FALSE(parse_range(text)) << text;
  for (const char* text : {"npt=0.000-", "npt=now-", "npt=1.500-2.000", "npt=-20.000"})
    EXPECT_EQ(to_string(parse_range(text).value()), text);
}

TEST(RangeHeader, Clock_Rfc2326_3_7) {
  const auto range =
      std::get<ClockRange>(parse_range("clock=19961108T142300Z-19961108T143520Z").value());
  // date -ud 1996-11-08T14:23:00Z +%s
  EXPECT_EQ(range.start.time_since_epoch(), 847462980s);
  EXPECT_EQ(range.end->time_since_epoch(), 847463720s);
  for (const char* text :
       {"clock=19961108T142300Z-", "clock=20261125T080000.250000Z-20261125T080001Z"})
    EXPECT_EQ(to_string(parse_range(text).value()), text);
  EXPECT_EQ(to_string(parse_range("clock=20261125T080000.25Z-").value()),
            "clock=20261125T080000.250000Z-");
  for (const char* text :
       {"clock=", "clock=-", "clock=19961308T142300Z-", "clock=19961108T242300Z-",
        "clock=19961108T142300-", "clock=19961108T142300.Z-", "clock=19961108T142300Z-x"})
    EXPECT_FALSE(parse_range(text)) << text;
  EXPECT_EQ(parse_range("smpte=0:10:20-").error().code(), Errc::unsupported);
}

TEST(RtpInfoHeader, BothWays_Rfc2326_12_33) {
  EXPECT_THAT(parse_rtp_info("url=rtsp://foo.com/bar.avi/streamid=0;seq=45102,"
                             "url=rtsp://foo.com/bar.avi/streamid=1;seq=30211;rtptime=7"),
              ElementsAre(RtpInfo{"rtsp://foo.com/bar.avi/streamid=0", 45102, {}},
                          RtpInfo{"rtsp://foo.com/bar.avi/streamid=1", 30211, 7u}));
  // Commas and semicolons in URLs, blanks, other parameters, a number that does not fit.
  EXPECT_THAT(
      parse_rtp_info("url=rtsp://h/a;b=1,c ; seq=1 ; ssrc=12, url=\"t1\";rtptime=4294967296"),
      ElementsAre(RtpInfo{"rtsp://h/a;b=1,c", 1, {}}, RtpInfo{"t1", {}, {}}));
  EXPECT_THAT(parse_rtp_info(""), ElementsAre());
  EXPECT_THAT(parse_rtp_info(";;"), ElementsAre());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "url=a,";
  EXPECT_EQ(parse_rtp_info(many).size(), 32u);
  const std::vector<RtpInfo> infos{{"rtsp://h/0", 1, 2u}, {"rtsp://h/1", {}, 3u}};
  EXPECT_EQ(to_string(infos), "url=rtsp://h/0;seq=1;rtptime=2,url=rtsp://h/1;rtptime=3");
  EXPECT_EQ(parse_rtp_info(to_string(infos)), infos);
}

TEST(ListHeader, Public) {
  EXPECT_TRUE(list_has("OPTIONS, DESCRIBE,GET_PARAMETER", "get_parameter"));
  EXPECT_FALSE(list_has("OPTIONS, DESCRIBE", "GET"));
  EXPECT_FALSE(list_has("", "GET"));
}

}  // namespace
}  // namespace pasu::rtsp
