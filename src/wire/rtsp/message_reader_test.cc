#include "wire/rtsp/message_reader.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtsp/test_peers.h"

namespace pasu::rtsp {
namespace {

using testing::frame;
using ::testing::HasSubstr;

std::string summary(const Message& message) {
  const auto fields = [](const Headers& headers) {
    std::string out;
    for (const auto& [name, value] : headers.fields()) out += fmt::format("[{}={}]", name, value);
    return out;
  };
  if (const auto* request = std::get_if<Request>(&message))
    return fmt::format("{} {} {}{}{} ", request->method_name, request->uri, request->version,
                       fields(request->headers), request->body);
  if (const auto* response = std::get_if<Response>(&message))
    return fmt::format("{} {} {}{}{} ", response->version, response->status, response->reason,
                       fields(response->headers), response->body);
  const auto& f = std::get<InterleavedFrame>(message);
  return fmt::format("${}:{} ", f.channel, as_text(f.payload));
}

struct Read {
  std::string messages;
  std::optional<Error> error;
  uint64_t skipped = 0;
  uint64_t resyncs = 0;
};

// Reads `text` in pieces of `piece` bytes; 0: of random size.
Read read(std::string_view text, size_t piece, std::bitset<256> channels = {}) {
  Read out;
  MessageReader reader;
  reader.set_channels(channels);
  std::mt19937 random(1);
  while (!text.empty() && !out.error) {
    const size_t size = std::min(text.size(), piece ? piece : 1 + random() % 20);
    reader.feed(as_bytes(text.substr(0, size)));
    text.remove_prefix(size);
    while (true) {
      const auto message = reader.next();
      if (!message) out.error = message.error();
      if (!message || !*message) break;
      out.messages += summary(**message);
    }
  }
  out.skipped = reader.skipped_bytes();
  out.resyncs = reader.resyncs();
  return out;
}

struct Case {
  const char* name;
  std::string text;
  const char* messages;
};

const Case kCases[] = {
    {"Request_6", "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", "OPTIONS * 1.0[CSeq=1] "},
    {"Response_7", "RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: A, B\r\n\r\n",
     "1.0 200 OK[CSeq=1][Public=A, B] "},
    {"ReasonMissing", "RTSP/1.0 200\r\n\r\nRTSP/1.0 404 \r\n\r\n", "1.0 200  1.0 404  "},
    {"ReasonOfItsOwn_mediamtx2348", "RTSP/1.0 401 ClientUnAuthorized\r\n\r\n",
     "1.0 401 ClientUnAuthorized "},
    {"Body", "ANNOUNCE rtsp://h/x RTSP/1.0\r\nContent-Length: 5\r\n\r\nv=0\r\n",
     "ANNOUNCE rtsp://h/x 1.0[Content-Length=5]v=0\r\n "},
    {"Pipelined", "PLAY a RTSP/1.0\r\n\r\nPAUSE b RTSP/1.0\r\n\r\n", "PLAY a 1.0 PAUSE b 1.0 "},
    {"LineFeedsOnly", "PLAY a RTSP/1.0\nCSeq: 2\nContent-Length: 1\n\nxPAUSE b RTSP/1.0\n\n",
     "PLAY a 1.0[CSeq=2][Content-Length=1]x PAUSE b 1.0 "},
    {"EmptyLinesBefore_4_1", "\r\n\n\r\nPLAY a RTSP/1.0\r\n\r\n\r\n", "PLAY a 1.0 "},
    {"Folding", "PLAY a RTSP/1.0\r\nTransport: RTP/AVP,\r\n RTP/AVP/TCP\r\n\t;x\r\nCSeq: 1\r\n\r\n",
     "PLAY a 1.0[Transport=RTP/AVP, RTP/AVP/TCP ;x][CSeq=1] "},
    {"BlanksAroundNamesAndValues", "PLAY a RTSP/1.0\r\nCSeq  :   7  \r\nX:\r\n\r\n",
     "PLAY a 1.0[CSeq=7][X=] "},
    {"UriWithBlanks", "PLAY rtsp://h/a b RTSP/1.0\r\n\r\n", "PLAY rtsp://h/a b 1.0 "},
    {"UnknownMethod", "JUMP a RTSP/1.0\r\n\r\n", "JUMP a 1.0 "},
    {"AnotherVersion", "PLAY a RTSP/2.0\r\n\r\n", "PLAY a 2.0 "},
    {"Frames_10_12", std::string("$\0\0\3abc$\1\0\0", 11) + "PLAY a RTSP/1.0\r\n\r\n",
     "$0:abc $1: PLAY a 1.0 "},
};

TEST(MessageReader, ReadsHoweverTheBytesAreSplit) {
  for (const auto& [name, text, messages] : kCases)
    for (const size_t piece : {1, 2, 3, 7, 0, 100000}) {
      const Read result = read(text, piece);
      EXPECT_FALSE(result.error) << name << ": " << result.error->message();
      EXPECT_EQ(result.messages, messages) << name << " in pieces of " << piece;
    }
}

struct BadCase {
  const char* name;
  std::string text;
  Errc code;
  const char* sentence;
};

std::string with_header(const std::string& line) {
  return "PLAY a RTSP/1.0\r\n" + line + "\r\n\r\n";
}

const BadCase kBad[] = {
    {"ContentLengthNegative", with_header("Content-Length: -1"), Errc::malformed,
     "Content-Length '-1'"},
    {"ContentLength4GiB", with_header("Content-Length: 4294967296"), Errc::too_large,
     "over the limit"},
    {"ContentLengthPast64Bits", with_header("Content-Length: 99999999999999999999999"),
     Errc::too_large, "over the limit"},
    {"ContentLengthOverLimit", with_header("Content-Length: 131073"), Errc::too_large,
     "131073 is over the limit of 131072"},
    {"ContentLengthHex", with_header("Content-Length: 0x10"), Errc::malformed, "is no number"},
    {"ContentLengthEmpty", with_header("Content-Length:"), Errc::malformed, "is no number"},
    {"ContentLengthTwice_live555", with_header("Content-Length: 1\r\nContent-Length: 1"),
     Errc::malformed, "given twice"},
    {"NulInCSeq_live555", with_header(std::string("CSeq: 1\0002", 9)), Errc::malformed, "a NUL"},
    {"CarriageReturnInALine", with_header("A: b\rC: d"), Errc::malformed, "a CR inside a line"},
    {"NoColon", with_header("CSeq 1"), Errc::malformed, "'CSeq 1' is no header field"},
    {"NoName", with_header(": 1"), Errc::malformed, "is no header field"},
    {"FoldedStartLine", "PLAY a RTSP/1.0\r\n x\r\n\r\n", Errc::malformed, "is no header field"},
    {"NoVersion", "PLAY a\r\n\r\n", Errc::malformed, "'PLAY a' is no request line"},
    {"Http", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", Errc::malformed, "is no request line"},
    {"StatusOfFourDigits", "RTSP/1.0 2000 OK\r\n\r\n", Errc::malformed, "is no status line"},
    {"StatusOfTwoDigits", "RTSP/1.0 99 OK\r\n\r\n", Errc::malformed, "is no status line"},
    {"NoUri", "PLAY  RTSP/1.0\r\n\r\n", Errc::malformed, "is no request line"},
    {"LowerCaseMethod", "play a RTSP/1.0\r\n\r\n", Errc::malformed, "neither an RTSP message"},
    {"TlsHello", std::string("\x16\x03\x01\x02\x00\x01", 6), Errc::malformed,
     "neither an RTSP message"},
    {"ControlInStartLine", "PLAY \x01 RTSP/1.0\r\n\r\n", Errc::malformed, "a control character"},
    {"EndlessLine", "PLAY " + std::string(9000, 'a'), Errc::too_large, "a line of over 8192 bytes"},
    {"Garbage64KiB", std::string(64 << 10, 'Z'), Errc::too_large, "a line of over"},
};

TEST(MessageReader, RefusesWithASentenceAndTheOffset) {
  for (const auto& [name, text, code, sentence] : kBad)
    for (const size_t piece : {1, 0, 1 << 20}) {
      const Read result = read(text, piece);
      ASSERT_TRUE(result.error) << name;
      EXPECT_EQ(result.error->code(), code) << name;
      EXPECT_THAT(result.error->message(), HasSubstr(sentence)) << name;
      EXPECT_THAT(result.error->message(), HasSubstr("rtsp: byte ")) << name;
    }
  EXPECT_THAT(read("PLAY a RTSP/1.0\r\n\r\n\x80", 0).error->message(), HasSubstr("byte 19:"));
}

TEST(MessageReader, EndlessHeadersEnd) {
  std::string many = "PLAY a RTSP/1.0\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  EXPECT_THAT(read(many, 0).error->message(), HasSubstr("over 100 header lines"));
  std::string large = "PLAY a RTSP/1.0\r\n";
  for (int i = 0; i < 10; ++i) large += "A: " + std::string(8000, 'x') + "\r\n";
  EXPECT_THAT(read(large, 0).error->message(), HasSubstr("a head of over 32768 bytes"));
}

TEST(MessageReader, HoldsNoMoreThanOneMessage) {
  MessageReader reader;
  const auto whole = frame(0, std::string(60000, 'x'));
  size_t most = 0;
  for (int i = 0; i < 50; ++i)
    for (size_t at = 0; at < whole.size(); at += 4096) {
      reader.feed(ByteView(whole).subspan(at, std::min<size_t>(4096, whole.size() - at)));
      while (reader.next().value()) {
      }
      most = std::max(most, reader.buffered_bytes());
    }
  EXPECT_LE(most, whole.size());
  EXPECT_FALSE(reader.message_unfinished());
  reader.feed(as_bytes("PLAY"));
  EXPECT_FALSE(reader.next().value());
  EXPECT_TRUE(reader.message_unfinished());
}

// RTP starts with 0x80: version 2.
std::string rtp(uint8_t channel, std::string_view text) {
  const auto bytes = frame(channel, "\x80\x60" + std::string(text));
  return {bytes.begin(), bytes.end()};
}

std::bitset<256> two_channels() {
  std::bitset<256> channels;
  channels.set(0).set(1);
  return channels;
}

TEST(MessageReader, ALostDollarCostsOneFrame_ZLMediaKit4532) {
  const std::string text = rtp(0, "first") + rtp(0, "lost").substr(1) + rtp(1, "third") +
                           "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" + rtp(0, "last");
  for (const size_t piece : {1, 5, 0, 100000}) {
    const Read result = read(text, piece, two_channels());
    ASSERT_FALSE(result.error) << result.error->message();
    EXPECT_EQ(result.messages,
              "$0:\x80\x60"
              "first $1:\x80\x60"
              "third 1.0 200 OK[CSeq=1] $0:\x80\x60"
              "last ");
    EXPECT_EQ(result.skipped, 9u);
    EXPECT_EQ(result.resyncs, 1u);
  }
}

TEST(MessageReader, FindsItsPlaceAtAMessageToo) {
  const std::string text = rtp(0, "a") + std::string("\x00\x01$\x07\x00\x02xyPLA\x80", 12) +
                           "PLAY a RTSP/1.0\r\nCSeq: 1\r\n\r\n";
  for (const size_t piece : {1, 0, 100000}) {
    const Read result = read(text, piece, two_channels());
    ASSERT_FALSE(result.error) << result.error->message();
    EXPECT_EQ(result.messages,
              "$0:\x80\x60"
              "a PLAY a 1.0[CSeq=1] ");
    EXPECT_EQ(result.resyncs, 1u);
  }
}

TEST(MessageReader, DoesNotBelieveAFrameOnAnUnknownChannelThatIsNoRtp) {
  const std::string text = std::string("$\x09\x00\x04zzzz", 8) + rtp(9, "odd") + rtp(1, "xy");
  const Read result = read(text, 0, two_channels());
  // The first is skipped; cameras that send real RTP where nobody asked are in step all the same.
  EXPECT_EQ(result.skipped, 8u + rtp(9, "odd").size());
  EXPECT_EQ(result.messages,
            "$1:\x80\x60"
            "xy ");
  EXPECT_EQ(read(rtp(9, "odd") + rtp(1, "xy"), 0, two_channels()).resyncs, 0u);
}

TEST(MessageReader, EndlessGarbageEnds) {
  std::string garbage(MessageReader::kSkippedBytesMax + 10, '\x55');
  const Read result = read(rtp(0, "aa") + garbage, 0, two_channels());
  ASSERT_TRUE(result.error);
  EXPECT_THAT(result.error->message(), HasSubstr("no message or frame in 262144 bytes"));
  // Less than that, as often as it may be, does not.
  garbage.resize(1000);
  std::string text;
  for (int i = 0; i < 300; ++i) text += rtp(0, "aa") + garbage;
  const Read often = read(text + rtp(0, "bb"), 0, two_channels());
  EXPECT_FALSE(often.error);
  EXPECT_EQ(often.skipped, 300'000u);
}

TEST(Message, PrintsWhatItReads) {
  Request request;
  request.method = Method::get_parameter;
  request.uri = "rtsp://h/x";
  request.headers.add("CSeq", "3");
  request.body = "position\r\n";
  EXPECT_EQ(
      print(request),
      "GET_PARAMETER rtsp://h/x RTSP/1.0\r\nCSeq: 3\r\nContent-Length: 10\r\n\r\nposition\r\n");
  Response response;
  response.status = 461;
  EXPECT_EQ(print(response), "RTSP/1.0 461 Unsupported transport\r\n\r\n");
  for (const auto& [name, text, messages] : kCases) {
    MessageReader reader;
    reader.feed(as_bytes(text));
    while (const auto message = reader.next().value()) {
      if (const auto* r = std::get_if<Request>(&*message)) {
        auto again = *r;
        again.headers = {};  // Content-Length is print()'s own.
        EXPECT_EQ(read(print(again), 0).messages.substr(0, 4), summary(*message).substr(0, 4));
      }
    }
  }
}

TEST(Message, NothingAddsAHeaderOfItsOwn) {
  Response response;
  response.reason = "OK\r\nEvil: 1";
  response.headers.add("Server", "a\r\nEvil: 2\n" + std::string(1, '\0'));
  EXPECT_EQ(read(print(response), 0).messages, "1.0 200 OK  Evil: 1[Server=a  Evil: 2] ");
}

TEST(Message, CSeqIsADecimalNumber) {
  const auto of = [](std::string_view value) {
    Headers headers;
    headers.add("cseq", value);
    return cseq(headers);
  };
  EXPECT_EQ(of("7"), 7u);
  for (const char* text : {"", "-1", "1 ", "1.0", "0x1", "4294967296", "+1"})
    EXPECT_EQ(of(text), std::nullopt) << text;
}

}  // namespace
}  // namespace pasu::rtsp
