#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/sdp/session.h"

namespace pasu::sdp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "video 96 H264/90000 track1 | audio 8 PCMA/8000 track2": what a viewer needs of a description.
std::string summary(const Session& session) {
  std::string out;
  for (const auto& media : session.media) {
    if (!out.empty()) out += " | ";
    out += media.type;
    if (const auto type = media.payload_type()) {
      out += fmt::format(" {}", *type);
      if (const auto map = media.rtpmap(*type)) {
        out += fmt::format(" {}/{}", map->encoding, map->clock_rate);
        if (map->channels > 1) out += fmt::format("/{}", map->channels);
      }
    }
    if (!media.control().empty()) out += fmt::format(" {}", media.control());
  }
  return out;
}

struct Case {
  const char* name;
  const char* text;
  const char* summary;
};

const Case kCases[] = {
    {"Rfc8866_5_Example",
     "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\ns=Call to John Smith\r\n"
     "i=SDP Offer #1\r\nu=http://www.jdoe.example.com/home.html\r\ne=Jane Doe "
     "<jane@jdoe.example.com>\r\n"
     "p=+1 617 555-6011\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\n"
     "m=audio 49180 RTP/AVP 0\r\nm=video 51372 RTP/AVP 99\r\nc=IN IP6 2001:db8::2\r\n"
     "a=rtpmap:99 h263-1998/90000\r\n",
     "audio 0 PCMU/8000 | audio 0 PCMU/8000 | video 99 h263-1998/90000"},
    {"OnlyMediaLines_go2rtc679",
     "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n",
     "video 96 H264/90000 trackID=0"},
    {"NoFinalLineEnd_thingino1621", "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000",
     "video 96 H265/90000"},
    {"LineFeedsOnly", "v=0\ns=x\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=control:track1\n",
     "video 96 H264/90000 track1"},
    {"OddApplicationProtocol_go2rtc708",
     "v=0\no=- 14665860 31787219 1 IN IP4 10.0.0.94\ns=Session streamed by \"MERCURY RTSP "
     "Server\"\n"
     "t=0 0\nm=video 0 RTP/AVP 96\nc=IN IP4 0.0.0.0\nb=AS:4096\na=range:npt=0-\na=control:track1\n"
     "a=rtpmap:96 H264/90000\nm=audio 0 RTP/AVP 8\na=rtpmap:8 PCMA/8000\na=control:track2\n"
     "m=application/MERCURY 0 RTP/AVP smart/1/90000\na=rtpmap:95 MERCURY/90000\n"
     "a=control:track3\n",
     "video 96 H264/90000 track1 | audio 8 PCMA/8000 track2 | application/MERCURY track3"},
    {"OddAttributeValues_go2rtc1278",
     "v=0\nm=video 0 RTP/AVP 96\na=vana\na=\na=:\na=rtpmap\na=rtpmap:\na=rtpmap:x y\na=framerate:\n"
     "a=rtpmap:96 H264/90000\n",
     "video 96 H264/90000"},
    {"NoFmtp_go2rtc1558",
     "v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H265/90000\nm=audio 0 RTP/AVP 97\n"
     "a=rtpmap:97 MPEG4-GENERIC/16000/1\n",
     "video 96 H265/90000 | audio 97 MPEG4-GENERIC/16000"},
    {"ConnectionWithoutAddress_go2rtc1426",
     "v=0\no=- 1001 1 IN\ns=VCP IPC Realtime stream\nm=video 0 RTP/AVP 105\nc=IN\n"
     "a=control:rtsp://1.0.1.113/media/video2/video\na=rtpmap:105 H264/90000\na=recvonly\n"
     "m=audio 0 RTP/AVP 0\nc=IN\na=fmtp:0 RTCP=0\n"
     "a=control:rtsp://1.0.1.113/media/video2/audio1\n",
     "video 105 H264/90000 rtsp://1.0.1.113/media/video2/video | audio 0 PCMU/8000 "
     "rtsp://1.0.1.113/media/video2/audio1"},
    {"PortThatIsNone_go2rtc2316",
     "v=0\nm=video -1353744643 RTP/AVP 96\nc=IN IP4 '&\xff\xfe\na=rtpmap:96 H264/90000\n",
     "video 96 H264/90000"},
    {"StaticTypes_Rfc3551_6",
     "v=0\nm=audio 0 RTP/AVP 14\nm=video 0 RTP/AVP 26\nm=audio 0 RTP/AVP 10\n",
     "audio 14 MPA/90000 | video 26 JPEG/90000 | audio 10 L16/44100/2"},
    {"DynamicTypeWithoutMap", "v=0\nm=video 0 RTP/AVP 96\n", "video 96"},
    {"MapWithoutRate",
     "v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264\nm=audio 0 RTP/AVP 97\n"
     "a=rtpmap:97 opus/\n",
     "video 96 H264/90000 | audio 97 opus/8000"},
    {"MapOfAStaticTypeWins", "v=0\nm=audio 0 RTP/AVP 0\na=rtpmap:0 PCMU/16000\n",
     "audio 0 PCMU/16000"},
    {"UnknownLinesAndBlanks", "hello\n\n v=0\nx=1\nm = video\nm=video 0 RTP/AVP 26\n?\n",
     "video 26 JPEG/90000"},
    {"PortCountOfZero", "m=video 0/0 RTP/AVP 26\n", "video 26 JPEG/90000"},
    {"MediaTypeAlone", "m=video\n", "video"},
    {"NoMedia", "v=0\ns=x\n", ""},
};

class SdpCase : public ::testing::TestWithParam<Case> {};

TEST_P(SdpCase, Parses) {
  const auto session = parse(GetParam().text);
  ASSERT_TRUE(session) << session.error().message();
  EXPECT_EQ(summary(*session), GetParam().summary);
}

// What cameras send may be too broken to be sent on; what can be printed means the same again.
TEST_P(SdpCase, PrintsWhatItParsed) {
  const auto session = parse(GetParam().text).value();
  const auto text = print(session);
  if (!text) {
    EXPECT_EQ(text.error().code(), Errc::invalid_argument);
    return;
  }
  const auto again = parse(*text);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->media, session.media);
  EXPECT_EQ(print(*again).value(), *text);
}

INSTANTIATE_TEST_SUITE_P(Sdp, SdpCase, ::testing::ValuesIn(kCases),
                         [](const auto& param) { return std::string(param.param.name); });

TEST(Sdp, ReadsTheFieldsOfASession) {
  const auto session = parse(
      "v=0\r\no=ann 12 34 IN IP6 ::1\r\ns=gate\r\ni=info\r\nc=IN IP4 239.1.2.3/16\r\nb=AS:100\r\n"
      "t=1 2\r\na=control:*\r\na=sendonly\r\na=x:1:2\r\nm=video 4000/2 RTP/SAVP 96 97\r\n"
      "i=title\r\nc=IN IP4 1.2.3.4\r\nb=TIAS:5\r\na=recvonly\r\n");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->origin, (Origin{"ann", "12", "34", "IN", "IP6", "::1"}));
  EXPECT_EQ(session->name, "gate");
  EXPECT_EQ(session->info, "info");
  EXPECT_EQ(session->connection, "IN IP4 239.1.2.3/16");
  EXPECT_THAT(session->bandwidth, ElementsAre("AS:100"));
  EXPECT_THAT(session->times, ElementsAre("1 2"));
  EXPECT_EQ(session->control(), "*");
  EXPECT_EQ(session->attribute("X"), "1:2");
  EXPECT_EQ(session->attribute("y"), std::nullopt);
  const Media& media = session->media.at(0);
  EXPECT_EQ(media.port, 4000);
  EXPECT_EQ(media.port_count, 2);
  EXPECT_EQ(media.protocol, "RTP/SAVP");
  EXPECT_THAT(media.formats, ElementsAre("96", "97"));
  EXPECT_EQ(media.title, "title");
  EXPECT_EQ(media.connection, "IN IP4 1.2.3.4");
  EXPECT_THAT(media.bandwidth, ElementsAre("TIAS:5"));
  EXPECT_EQ(session->direction(media), Direction::recvonly);
  EXPECT_EQ(session->direction(Media()), Direction::sendonly);
  EXPECT_EQ(Session().direction(Media()), Direction::sendrecv);
}

TEST(Sdp, OriginWithBlanksInTheName_gortsplib201) {
  const auto session = parse("o=JefferyZhang Inno Fuzhou 0 0 IN IP4 127.0.0.1\n").value();
  EXPECT_EQ(session.origin.username, "JefferyZhang Inno Fuzhou");
  EXPECT_EQ(session.origin.address, "127.0.0.1");
}

TEST(Sdp, FormatParameters) {
  const auto session = parse(
      "m=video 0 RTP/AVP 96\na=fmtp:97 packetization-mode=0\n"
      "a=fmtp:96  Packetization-Mode=1; sprop-parameter-sets=Z2QAFqw7=,aOqPLA==;; cpresent ;=x\n");
  ASSERT_TRUE(session);
  const auto parameters = session->media[0].parameters(96);
  EXPECT_EQ(parameters.number("packetization-mode"), 1u);
  EXPECT_EQ(parameters.find("sprop-parameter-sets"), "Z2QAFqw7=,aOqPLA==");
  EXPECT_EQ(parameters.find("cpresent"), "");
  EXPECT_EQ(parameters.number("cpresent"), std::nullopt);
  EXPECT_EQ(parameters.all().size(), 3u);
  EXPECT_EQ(session->media[0].parameters(98).all().size(), 0u);
}

// Golden: the order of RFC 8866 section 5, with every line it requires.
TEST(Sdp, PrintsEveryRequiredLine) {
  Session session;
  session.name = "gate";
  Media media;
  media.type = "video";
  media.formats = {"96"};
  media.attributes = {{"rtpmap", "96 H264/90000"}, {"recvonly", ""}, {"control", "trackID=0"}};
  session.media.push_back(media);
  EXPECT_EQ(print(session).value(),
            "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=gate\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            "a=rtpmap:96 H264/90000\r\na=recvonly\r\na=control:trackID=0\r\n");
}

TEST(Sdp, RefusesToPrintWhatWouldNotSurvive) {
  const auto refuses = [](auto&& change) {
    Session session;
    Media media;
    media.type = "video";
    media.formats = {"96"};
    session.media.push_back(media);
    EXPECT_TRUE(print(session));
    change(session);
    const auto text = print(session);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), Errc::invalid_argument);
  };
  refuses([](Session& s) { s.name = "a\r\na=evil"; });
  refuses([](Session& s) { s.info = std::string("a\0b", 3); });
  refuses([](Session& s) { s.origin.username = "two words"; });
  refuses([](Session& s) { s.origin.session_id = "-1"; });
  refuses([](Session& s) { s.media[0].formats.clear(); });
  refuses([](Session& s) { s.media[0].formats[0] = "9 6"; });
  refuses([](Session& s) { s.media[0].type.clear(); });
  refuses([](Session& s) { s.media[0].attributes = {{"a:b", "c"}}; });
  refuses([](Session& s) { s.media[0].attributes = {{"", "c"}}; });
}

TEST(Sdp, LimitsAndErrorsNameTheLine) {
  const auto error = [](const std::string& text) {
    const auto session = parse(text);
    return session ? std::string("parsed") : session.error().message();
  };
  const auto times = [](std::string_view line, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += line;
    return text;
  };
  EXPECT_THAT(error(times("m=video 0 RTP/AVP 96\n", Session::kMediaMax + 1)),
              HasSubstr("line 33: more than 32 media"));
  EXPECT_THAT(error("v=0\n" + times("a=x\n", Session::kAttributesMax + 1)),
              HasSubstr("line 258: more than 256"));
  EXPECT_THAT(error("m=video 0 RTP/AVP" + times(" 1", Session::kFormatsMax + 1)),
              HasSubstr("line 1: more than 128 formats"));
  EXPECT_THAT(error(std::string(Session::kBytesMax + 1, 'x')), HasSubstr("over the limit"));
  EXPECT_THAT(error("v=0\nm= \n"), HasSubstr("line 2: m= is empty"));
  EXPECT_THAT(error("<html>\n</html>\n"), HasSubstr("no line of the form"));
  EXPECT_THAT(error(""), HasSubstr("no line of the form"));
}

}  // namespace
}  // namespace pasu::sdp
