// RTMP 1.0 5.3 and 5.4: chunks into messages and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/rtmp/chunk_reader.h"
#include "wire/rtmp/chunk_writer.h"
#include "wire/rtmp/test_support.h"

namespace pasu::rtmp {
namespace {

using testing::HasSubstr;

struct Wanted {
  int type;
  uint32_t stream_id, timestamp;
  const char* payload;
};

struct Case {
  const char* name;
  const char* hex;
  std::vector<Wanted> messages;
};

// Basic header, message header, payload. Sizes are small so that 128-byte chunks are not needed;
// "02 000000 000004 02..." sets the chunk size first where they are.
const Case kCases[] = {
    {"Fmt0_5_3_1_2_1", "04 00000a 000002 08 01000000 aabb", {{8, 1, 10, "aabb"}}},
    {"Fmt1_5_3_1_2_2",
     "04 00000a 000002 08 01000000 aabb  44 000005 000001 08 cc",
     {{8, 1, 10, "aabb"}, {8, 1, 15, "cc"}}},
    {"Fmt2_5_3_1_2_3",
     "04 00000a 000002 08 01000000 aabb  84 000005 ccdd",
     {{8, 1, 10, "aabb"}, {8, 1, 15, "ccdd"}}},
    {"Fmt3BeginsMessageAfterFmt2_5_3_1_2_4",
     "04 00000a 000001 08 01000000 aa  84 000005 bb  c4 cc c4 dd",
     {{8, 1, 10, "aa"}, {8, 1, 15, "bb"}, {8, 1, 20, "cc"}, {8, 1, 25, "dd"}}},
    {"Fmt3BeginsMessageAfterFmt0_5_3_1_2_4",
     "04 00000a 000001 08 01000000 aa  c4 bb",
     {{8, 1, 10, "aa"}, {8, 1, 20, "bb"}}},
    {"Fmt1BeginsStream", "44 000005 000001 14 cc", {{20, 0, 5, "cc"}}},
    {"CsidTwoBytes_5_3_1_1", "00 00 000001 000001 09 00000001 aa", {{9, 0x01000000, 1, "aa"}}},
    {"CsidThreeBytes_5_3_1_1",
     "01 ffff 000001 000001 09 01000000 aa  c1 ffff bb",
     {{9, 1, 1, "aa"}, {9, 1, 2, "bb"}}},
    {"SameCsidInTwoForms_5_3_1_1",
     "00 06 000001 000001 09 01000000 aa  c1 0600 bb",
     {{9, 1, 1, "aa"}, {9, 1, 2, "bb"}}},
    {"Extended_5_3_1_3", "04 ffffff 000001 08 01000000 01000000 aa", {{8, 1, 0x01000000, "aa"}}},
    {"ExtendedOfExactly24Bits",
     "04 ffffff 000001 08 01000000 00ffffff aa",
     {{8, 1, 0x00ffffff, "aa"}}},
    {"ExtendedDelta_5_3_1_3",
     "04 000001 000001 08 01000000 aa  84 ffffff 01000000 bb  c4 01000000 cc",
     {{8, 1, 1, "aa"}, {8, 1, 0x01000001, "bb"}, {8, 1, 0x02000001, "cc"}}},
    {"SetChunkSizeOf1_5_4_1",
     "02 000000 000004 01 00000000 00000001  04 00000a 000003 08 01000000 aa c4bb c4cc",
     {{8, 1, 10, "aabbcc"}}},
    {"SetChunkSizeOf7FFFFFFF_5_4_1",
     "02 000000 000004 01 00000000 7fffffff  04 00000a 000003 08 01000000 aabbcc",
     {{8, 1, 10, "aabbcc"}}},
    {"ExtendedRepeatedOnFmt3_5_3_1_3",
     "02 000000 000004 01 00000000 00000002"
     "04 ffffff 000005 08 01000000 01000000 aabb  c4 01000000 ccdd  c4 01000000 ee",
     {{8, 1, 0x01000000, "aabbccddee"}}},
    // Flash Media Live Encoder 2 and old FFmpeg leave it out.
    {"ExtendedNotRepeatedOnFmt3",
     "02 000000 000004 01 00000000 00000008"
     "04 ffffff 000010 08 01000000 01000000 0001020304050607  c4 08090a0b0c0d0e0f",
     {{8, 1, 0x01000000, "000102030405060708090a0b0c0d0e0f"}}},
    {"InterleavedMessages_5_3",
     "02 000000 000004 01 00000000 00000002"
     "04 000001 000003 08 01000000 a1a2  06 000002 000004 09 01000000 b1b2  c4 a3  c6 b3b4",
     {{8, 1, 1, "a1a2a3"}, {9, 1, 2, "b1b2b3b4"}}},
    {"FullHeaderAsContinuation",
     "02 000000 000004 01 00000000 00000002"
     "04 000001 000003 08 01000000 a1a2  04 000001 000003 08 01000000 a3",
     {{8, 1, 1, "a1a2a3"}}},
    {"Abort_5_4_2",
     "02 000000 000004 01 00000000 00000004"
     "04 000001 000006 08 01000000 a1a2a3a4"
     "02 000000 000004 02 00000000 00000004"
     "04 000002 000002 08 01000000 c1c2",
     {{8, 1, 2, "c1c2"}}},
    {"AbortOfNothing_5_4_2",
     "02 000000 000004 02 00000000 00000009 04 000002 000002 08 01000000 c1c2",
     {{8, 1, 2, "c1c2"}}},
    {"EmptyMessageIsDropped",
     "04 000001 000000 08 01000000  04 000002 000001 08 01000000 c1",
     {{8, 1, 2, "c1"}}},
    {"TimestampWraps",
     "04 ffffff 000001 08 01000000 fffffffe aa  84 000003 bb",
     {{8, 1, 0xfffffffe, "aa"}, {8, 1, 1, "bb"}}},
};

void check(const Case& c, const std::vector<size_t>& cuts) {
  ChunkReader reader;
  const TestBytes bytes = from_hex(c.hex);
  size_t from = 0;
  std::vector<Message> messages;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t to = i < cuts.size() ? cuts[i] : bytes.size();
    const auto done = reader.push(ByteView(bytes).subspan(from, to - from));
    ASSERT_TRUE(done) << done.error().message();
    while (auto message = reader.next()) messages.push_back(std::move(*message));
    from = to;
  }
  EXPECT_EQ(reader.position(), bytes.size());
  EXPECT_EQ(reader.unfinished_bytes(), 0u);
  ASSERT_EQ(messages.size(), c.messages.size());
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(static_cast<int>(messages[i].type), c.messages[i].type);
    EXPECT_EQ(messages[i].stream_id, c.messages[i].stream_id);
    EXPECT_EQ(messages[i].timestamp, c.messages[i].timestamp);
    EXPECT_EQ(to_vector(messages[i].payload), from_hex(c.messages[i].payload));
    // Decoders read past the end.
    const uint8_t* end = messages[i].payload.data() + messages[i].payload.size();
    for (size_t k = 0; k < Bytes::kPadding; ++k) EXPECT_EQ(end[k], 0);
  }
}

TEST(ChunkReader, Table) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    check(c, {});
  }
}

TEST(ChunkReader, WhereBytesAreSplitDoesNotMatter) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const size_t size = from_hex(c.hex).size();
    for (size_t cut = 1; cut < size; ++cut) check(c, {cut});
    std::vector<size_t> each(size - 1);
    for (size_t i = 0; i < each.size(); ++i) each[i] = i + 1;
    check(c, each);
  }
}

struct Refused {
  const char* name;
  const char* hex;
  Errc code;
  const char* says;
};

const Refused kRefused[] = {
    {"SetChunkSizeOf0_5_4_1", "02 000000 000004 01 00000000 00000000", Errc::malformed,
     "Set Chunk Size to 0"},
    {"SetChunkSizeTopBit_5_4_1", "02 000000 000004 01 00000000 80000000", Errc::malformed,
     "Set Chunk Size to 2147483648"},
    {"SetChunkSizeOf3Bytes", "02 000000 000003 01 00000000 000001", Errc::malformed,
     "under 4 bytes (byte 12)"},
    {"StreamBeginsWithFmt3", "c4 aa", Errc::malformed, "chunk stream 4 begins with fmt 3"},
    {"StreamBeginsWithFmt2", "84 000001 aa", Errc::malformed, "begins with fmt 2"},
    {"LengthChangedHalfway_CVE_2016_10191",
     "02 000000 000004 01 00000000 00000001 04 000001 000003 08 01000000 a1"
     "04 000001 0000ff 08 01000000 a2",
     Errc::malformed, "3 bytes becomes type 8 and 255 bytes halfway"},
    {"LengthChangedHalfwayByFmt1_CVE_2016_10191",
     "02 000000 000004 01 00000000 00000001 04 000001 000003 08 01000000 a1 44 000001 0000ff 08",
     Errc::malformed, "halfway"},
    {"TypeChangedHalfway",
     "02 000000 000004 01 00000000 00000001 04 000001 000003 08 01000000 a1"
     "44 000001 000003 09",
     Errc::malformed, "becomes type 9"},
    {"MessageOf16MiB", "04 000001 ffffff 08 01000000", Errc::too_large, "16777215 bytes"},
};

TEST(ChunkReader, RefusedByNameAndByte) {
  for (const Refused& c : kRefused) {
    SCOPED_TRACE(c.name);
    ChunkReader reader;
    const auto done = reader.push(from_hex(c.hex));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), c.code) << done.error().message();
    EXPECT_THAT(done.error().message(), HasSubstr(c.says));
    EXPECT_THAT(done.error().message(), HasSubstr("byte "));
  }
}

TestBytes header(uint8_t csid, uint32_t length) {
  TestBytes bytes = from_hex("04 000001 000000 08 01000000");
  bytes[0] = csid;
  for (int i = 0; i < 3; ++i) bytes[4 + i] = static_cast<uint8_t>(length >> (16 - 8 * i));
  return bytes;
}

TEST(ChunkReader, LargeMessagesOnManyChunkStreamsAreRefused) {
  ChunkReader reader;
  const TestBytes some(128, 0xee);
  size_t streams = 0;
  Result<void> done;
  for (uint8_t csid = 3; csid < 60 && done; ++csid, ++streams) {
    done = reader.push(join({header(csid, 8u << 20), some}));
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::too_large);
  EXPECT_EQ(streams, 3u);
  EXPECT_LE(reader.unfinished_bytes(), ChunkReader::kUnfinishedBytesMax);
}

TEST(ChunkReader, TooManyChunkStreamsAreRefused) {
  ChunkReader reader;
  Result<void> done;
  size_t streams = 0;
  for (uint32_t id = 64; id < 400 && done; ++id) {
    TestBytes bytes{1, static_cast<uint8_t>(id - 64), static_cast<uint8_t>((id - 64) >> 8)};
    const TestBytes rest = from_hex("000001 000001 08 01000000 aa");
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    done = reader.push(bytes);
    if (done) ++streams;
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::too_large);
  EXPECT_EQ(streams, ChunkReader::kChunkStreamsMax);
}

TEST(ChunkReader, AbortGivesTheMemoryBack) {
  ChunkReader reader;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(reader.push(join({header(5, 8u << 20), TestBytes(128, 1)})));
    ASSERT_TRUE(reader.push(from_hex("02 000000 000004 02 00000000 00000005")));
  }
  EXPECT_EQ(reader.unfinished_bytes(), 0u);
  EXPECT_EQ(reader.messages_dropped(), 10u);
}

TEST(ChunkWriter, RoundTrips) {
  for (const uint32_t chunk_bytes : {1u, 128u, 4096u, kChunkBytesOut}) {
    for (const uint32_t timestamp : {0u, 0xfffffeu, 0xffffffu, 0x1000000u, 0xffffffffu}) {
      for (const size_t size : {1u, 127u, 128u, 129u, 5000u, 130'000u}) {
        TestBytes payload(size);
        for (size_t i = 0; i < size; ++i) payload[i] = static_cast<uint8_t>(i * 13 + size);
        const ByteView whole(payload);
        const std::array<ByteView, 2> parts{whole.first(size / 3), whole.subspan(size / 3)};
        const Bytes chunks = chunk_message({ChunkStream::video, MessageType::video, 1, timestamp},
                                           parts, chunk_bytes);
        ChunkReader reader;
        ASSERT_TRUE(reader.push(chunk_control(MessageType::set_chunk_size, chunk_bytes)));
        ASSERT_TRUE(reader.push(chunks));
        const auto message = reader.next();
        ASSERT_TRUE(message);
        EXPECT_EQ(message->timestamp, timestamp);
        EXPECT_EQ(message->stream_id, 1u);
        EXPECT_EQ(to_vector(message->payload), payload);
        EXPECT_FALSE(reader.next());
      }
    }
  }
}

TEST(ChunkWriter, BytesOfTheSpecification) {
  // 5.3.2.2, example 2: 307 bytes in chunks of 128.
  const TestBytes payload(307, 0x11);
  const Bytes chunks =
      chunk_message({ChunkStream::audio, MessageType::video, 12346, 1000}, payload, 128);
  EXPECT_EQ(chunks.size(), 140u + 129u + 52u);
  const TestBytes first = to_vector(chunks.view().first(12));
  EXPECT_EQ(first, from_hex("04 0003e8 000133 09 3a300000"));
  EXPECT_EQ(chunks.view()[140], 0xc4);
  EXPECT_EQ(chunks.view()[269], 0xc4);
}

}  // namespace
}  // namespace pasu::rtmp
