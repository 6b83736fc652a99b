#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>

#include "av/encoder.h"
#include "av/muxer.h"
#include "av/test_media.h"

namespace pasu::av {
namespace {

using media::Pts;

class FragmentMuxerTest : public MediaTest {
 protected:
  struct Video {
    media::StreamInfo stream;
    std::vector<media::AccessUnit> units;
  };
  static Video read(const std::string& name) {
    auto demuxer = open_input(media_path(name));
    if (!demuxer) return {};
    Video video;
    video.stream = *find_video(demuxer->info());
    video.units = read_units(*demuxer, video.stream.index);
    return video;
  }
  // The init segment and all fragments in a file.
  std::string write(FragmentMuxer& muxer, const std::vector<media::AccessUnit>& units) {
    const std::string path = scratch("live.mp4");
    std::ofstream file(path, std::ios::binary);
    file << as_text(muxer.init_segment());
    for (const auto& unit : units) {
      auto fragment = muxer.fragment(unit);
      EXPECT_TRUE(fragment) << fragment.error().message();
      if (fragment) file << as_text(*fragment);
    }
    return path;
  }
};

int64_t ticks(Pts time) { return std::llround(static_cast<double>(time.count()) * 9e-5); }

uint64_t big_endian(ByteView bytes, size_t at, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}

// Where a box's content begins; its type must occur once.
size_t content_of(ByteView bytes, std::string_view type) {
  const size_t at = as_text(bytes).find(type);
  EXPECT_NE(at, std::string_view::npos) << type;
  return at + 4;
}

struct Clip {
  const char* name;
  const char* codecs;
};
// The codecs as ffprobe's profile and level say (RFC 6381 3.3, ISO 14496-15 E.3).
const Clip kClips[] = {
    {"h264_aac.mp4", "avc1.64000D"},   {"h264_b.264", "avc1.64000D"},
    {"h264.ts", "avc1.64000D"},        {"vfr.mkv", "avc1.64000D"},
    {"hevc.mp4", "hvc1.1.6.L60.90"},   {"hevc.265", "hvc1.1.6.L60.90"},
    {"h264_10bit.mp4", "avc1.6E000D"},
};

// Every time exact to the tick, every picture as decoded without the detour.
TEST_F(FragmentMuxerTest, TimesAndPicturesAreExact) {
  for (const Clip& clip : kClips) {
    SCOPED_TRACE(clip.name);
    const Video video = read(clip.name);
    auto muxer = FragmentMuxer::create(video.stream, video.units[0]);
    ASSERT_TRUE(muxer) << muxer.error().message();
    EXPECT_EQ((*muxer)->mime(), std::string("video/mp4; codecs=\"") + clip.codecs + "\"");
    const std::string path = write(**muxer, video.units);
    auto demuxer = open_input(path);
    ASSERT_TRUE(demuxer);
    const media::StreamInfo* stream = find_video(demuxer->info());
    ASSERT_NE(stream, nullptr);
    EXPECT_EQ(stream->width, video.stream.width);
    EXPECT_EQ(stream->height, video.stream.height);
    const auto units = read_units(*demuxer);
    ASSERT_EQ(units.size(), video.units.size());
    const int64_t zero = ticks(units[0].pts) - ticks(video.units[0].pts);
    for (size_t i = 0; i < units.size(); ++i) {
      EXPECT_EQ(ticks(units[i].pts), ticks(video.units[i].pts) + zero) << i;
      // Times before 0 become 0.
      EXPECT_EQ(ticks(units[i].dts), std::max<int64_t>(ticks(video.units[i].dts), 0) + zero) << i;
      EXPECT_EQ(units[i].key, video.units[i].key) << i;
    }
    EXPECT_EQ(hashes(decode_file(path)), hashes(decode_file(media_path(clip.name))));
  }
}

TEST_F(FragmentMuxerTest, ParameterSetsFromTheFirstUnit) {
  for (const char* name : {"h264_b.264", "hevc.265"}) {
    SCOPED_TRACE(name);
    Video video = read(name);
    auto with = FragmentMuxer::create(video.stream, video.units[0]);
    video.stream.extradata = {};
    video.stream.width = video.stream.height = 0;
    auto without = FragmentMuxer::create(video.stream, video.units[0]);
    ASSERT_TRUE(with && without);
    EXPECT_THAT((*without)->init_segment().view(),
                testing::ElementsAreArray((*with)->init_segment().view()));
    // The second unit has none.
    auto lost = FragmentMuxer::create(video.stream, video.units[1]);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code(), Errc::not_found);
  }
}

// Made by hand out of an Annex B stream, the record is the one that FFmpeg's own muxer makes.
TEST_F(FragmentMuxerTest, RecordsEqualFfmpegs) {
  for (const auto& [raw, whole, box] :
       {std::tuple{"h264_b.264", "h264_aac.mp4", "avcC"}, {"hevc.265", "hevc.mp4", "hvcC"}}) {
    SCOPED_TRACE(raw);
    const Video annexb = read(raw), mp4 = read(whole);
    auto muxer = FragmentMuxer::create(annexb.stream, annexb.units[0]);
    ASSERT_TRUE(muxer);
    const ByteView init = (*muxer)->init_segment();
    const size_t at = content_of(init, box);
    const size_t size = big_endian(init, at - 8, 4) - 8;
    const ByteView record = init.subspan(at, size);
    ByteView want = mp4.stream.extradata;
    if (std::string_view(box) == "avcC") {
      EXPECT_THAT(record, testing::ElementsAreArray(want));
    } else {
      // FFmpeg also keeps x265's SEI, and calls the arrays incomplete: compare up to the arrays.
      ASSERT_GE(want.size(), 23u);
      EXPECT_THAT(record.subspan(0, 13), testing::ElementsAreArray(want.subspan(0, 13)));
      EXPECT_THAT(record.subspan(16, 6), testing::ElementsAreArray(want.subspan(16, 6)));
    }
  }
}

TEST_F(FragmentMuxerTest, LateTimesNeedSixtyFourBits) {
  Video video = read("h264_b.264");
  auto muxer = FragmentMuxer::create(video.stream, video.units[0]);
  ASSERT_TRUE(muxer);
  // 50 years at 90 kHz.
  media::AccessUnit unit = video.units[0];
  unit.dts = std::chrono::hours(24 * 365 * 50);
  unit.pts = unit.dts + std::chrono::milliseconds(80);
  auto fragment = (*muxer)->fragment(unit);
  ASSERT_TRUE(fragment);
  const size_t tfdt = content_of(*fragment, "tfdt");
  EXPECT_EQ(big_endian(*fragment, tfdt + 4, 8), uint64_t{24 * 365 * 50} * 3600 * 90'000);
  const size_t trun = content_of(*fragment, "trun");
  EXPECT_EQ(big_endian(*fragment, trun + 24, 4), 7200u);
  // Shown before it is decoded: a repaired decode time does that.
  unit.pts = unit.dts - std::chrono::milliseconds(80);
  fragment = (*muxer)->fragment(unit);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(static_cast<int32_t>(big_endian(*fragment, trun + 24, 4)), -7200);
  // An hour is not.
  unit.pts = unit.dts + std::chrono::hours(24);
  EXPECT_FALSE((*muxer)->fragment(unit));
}

// A gap of more than two durations makes browsers drop everything up to the next key picture.
TEST_F(FragmentMuxerTest, DurationsCoverDroppedFrames) {
  Video video = read("h264.264");
  for (const double frame_rate : {10.0, 0.0}) {
    SCOPED_TRACE(frame_rate);
    video.stream.frame_rate = frame_rate;
    auto muxer = FragmentMuxer::create(video.stream, video.units[0]);
    ASSERT_TRUE(muxer);
    const auto duration_ms = [&](int64_t dts_ms) {
      media::AccessUnit unit = video.units[0];
      unit.dts = unit.pts = std::chrono::milliseconds(dts_ms);
      auto fragment = (*muxer)->fragment(unit);
      EXPECT_TRUE(fragment);
      return big_endian(*fragment, content_of(*fragment, "trun") + 12, 4) / 90;
    };
    EXPECT_EQ(duration_ms(0), frame_rate > 0 ? 200u : 150u);
    EXPECT_EQ(duration_ms(100), 200u);  // Two frames.
    EXPECT_GE(duration_ms(600), 500u);  // A gap of 500 ms is remembered for a while,
    EXPECT_GE(duration_ms(700), 480u);
    int64_t at = 700;
    for (int i = 0; i < 100; ++i) duration_ms(at += 100);
    EXPECT_EQ(duration_ms(at += 100), 200u);
    EXPECT_EQ(duration_ms(at), 200u);               // standing still teaches nothing,
    EXPECT_EQ(duration_ms(at += 3'600'000), 200u);  // nor does an hour.
  }
}

TEST_F(FragmentMuxerTest, RefusesBrokenUnits) {
  const Video raw = read("h264.264"), mp4 = read("h264_aac.mp4");
  auto annexb = FragmentMuxer::create(raw.stream, raw.units[0]);
  auto prefixed = FragmentMuxer::create(mp4.stream, mp4.units[0]);
  ASSERT_TRUE(annexb && prefixed);
  media::AccessUnit unit;
  for (const std::string_view bytes : {"", "no start code"}) {
    unit.data = Bytes::copy(as_bytes(bytes));
    EXPECT_FALSE((*annexb)->fragment(unit)) << bytes;
    EXPECT_FALSE((*prefixed)->fragment(unit)) << bytes;
  }
  // Both go on with the next.
  EXPECT_TRUE((*annexb)->fragment(raw.units[0]));
  EXPECT_TRUE((*prefixed)->fragment(mp4.units[0]));
}

TEST_F(FragmentMuxerTest, RefusesWhatPagesCannotPlay) {
  for (const char* name : {"mpeg4.avi", "mjpeg.avi"}) {
    const Video video = read(name);
    auto muxer = FragmentMuxer::create(video.stream, video.units[0]);
    ASSERT_FALSE(muxer);
    EXPECT_EQ(muxer.error().code(), Errc::unsupported);
  }
  Video video = read("h264_aac.mp4");
  const uint8_t cut[] = {1, 0x64, 0, 0x0d, 0xff, 0xe1, 0, 0x40, 0x67};
  video.stream.extradata = Bytes::copy(cut);
  auto muxer = FragmentMuxer::create(video.stream, video.units[0]);
  ASSERT_FALSE(muxer);
  EXPECT_EQ(muxer.error().code(), Errc::truncated);
}

TEST_F(FragmentMuxerTest, FfprobeAgrees) {
  if (std::system("command -v ffprobe > /dev/null") != 0)
    GTEST_SKIP() << "ffprobe is not installed";
  for (const char* name : {"h264_b.264", "hevc.265"}) {
    SCOPED_TRACE(name);
    const Video video = read(name);
    auto muxer = FragmentMuxer::create(video.stream, video.units[0]);
    ASSERT_TRUE(muxer);
    const std::string path = write(**muxer, video.units);
    const std::string command =
        "ffprobe -v warning -select_streams v -show_entries packet=pts,dts -of csv=p=0 " + path +
        " 2>&1";
    FILE* pipe = popen(command.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string output;
    char buffer[4096];
    while (const size_t n = fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
    EXPECT_EQ(pclose(pipe), 0);
    std::string want;
    for (const auto& unit : video.units)
      want += std::to_string(ticks(unit.pts)) + "," +
              std::to_string(std::max<int64_t>(ticks(unit.dts), 0)) + "\n";
    EXPECT_EQ(output, want);
  }
}

}  // namespace
}  // namespace pasu::av
