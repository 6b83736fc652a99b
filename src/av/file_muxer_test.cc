#include <cmath>
#include <fstream>
#include <set>
#include <sys/mount.h>

#include <gmock/gmock.h>

#include "av/encoder.h"
#include "av/muxer.h"
#include "av/test_media.h"

namespace pasu::av {
namespace {

using media::Pts;
using testing::HasSubstr;

class FileMuxerTest : public MediaTest {
 protected:
  struct Input {
    media::ContainerInfo info;
    std::vector<media::AccessUnit> units;
  };
  static Input read(const std::string& name) {
    auto demuxer = open_input(media_path(name));
    if (!demuxer) return {};
    return {demuxer->info(), read_units(*demuxer)};
  }
  static Result<void> write_all(FileMuxer& muxer, const std::vector<media::AccessUnit>& units) {
    for (const auto& unit : units) TRY(muxer.write(unit));
    return muxer.finish();
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      names.insert(entry.path().filename());
    return names;
  }
};

std::vector<Pts> pts_of(const std::vector<media::AccessUnit>& units, int stream) {
  std::vector<Pts> out;
  for (const auto& unit : units)
    if (unit.stream == stream) out.push_back(unit.pts);
  return out;
}

struct Copy {
  const char* from;
  const char* to;
};
const Copy kCopies[] = {
    {"h264_aac.mp4", "a.mp4"}, {"h264_aac.mp4", "a.mkv"},   {"h264_aac.mp4", "a.ts"},
    {"h264_aac.mp4", "a.mov"}, {"h264_aac.ts", "b.mp4"},    {"h264_aac.mkv", "c.mp4"},
    {"h264.264", "d.mp4"},     {"h264_b.264", "e.mp4"},     {"h264_b.264", "e.mkv"},
    {"hevc.mp4", "f.mp4"},     {"hevc.265", "g.mp4"},       {"hevc.265", "g.mkv"},
    {"hevc.265", "g.ts"},      {"mpeg4.avi", "h.mp4"},      {"mjpeg.avi", "i.avi"},
    {"vfr.mkv", "j.mp4"},      {"h264_10bit.mp4", "k.mp4"}, {"sound.mp3", "l.mp4"},
    {"sound.m4a", "m.mp4"},    {"h264_pcmu.mkv", "n.mkv"},  {"msmpeg4.avi", "o.avi"},
};

// The copy has the same units at the same times (to its own clock's grain) and the same pictures.
TEST_F(FileMuxerTest, CopiesKeepUnitsTimesAndPictures) {
  for (const Copy& copy : kCopies) {
    SCOPED_TRACE(std::string(copy.from) + " to " + copy.to);
    const Input input = read(copy.from);
    const std::string path = scratch(copy.to);
    auto muxer = FileMuxer::create(path, input.info.streams);
    ASSERT_TRUE(muxer) << muxer.error().message();
    auto done = write_all(**muxer, input.units);
    ASSERT_TRUE(done) << done.error().message();

    auto demuxer = open_input(path);
    ASSERT_TRUE(demuxer);
    ASSERT_EQ(demuxer->info().streams.size(), input.info.streams.size());
    const auto units = read_units(*demuxer);
    for (const auto& stream : input.info.streams) {
      EXPECT_EQ(demuxer->info().streams[stream.index].codec_name, stream.codec_name);
      const auto want = pts_of(input.units, stream.index), got = pts_of(units, stream.index);
      ASSERT_EQ(got.size(), want.size());
      for (size_t i = 0; i < got.size(); ++i) {
        const Pts got_step = got[i] - got[0], want_step = want[i] - want[0];
        EXPECT_NEAR(media::to_seconds(got_step), media::to_seconds(want_step), 0.0011) << i;
      }
    }
    if (find_video(input.info) == nullptr) continue;
    EXPECT_EQ(hashes(decode_file(path)), hashes(decode_file(media_path(copy.from))));
  }
  for (const std::string& name : files()) EXPECT_THAT(name, testing::Not(HasSubstr(".part")));
}

// What `pasu detect -o` does: pictures encoded anew, the sound passed on.
TEST_F(FileMuxerTest, EncodedPicturesAndCopiedSound) {
  const Input input = read("h264_aac.mp4");
  const auto frames = decode_file(media_path("h264_aac.mp4"));
  auto encoder = H264Encoder::create({.width = 320, .height = 240, .crf = 18});
  ASSERT_TRUE(encoder);
  auto muxer = FileMuxer::create(scratch("a.mp4"), {(*encoder)->stream(), input.info.streams[1]});
  ASSERT_TRUE(muxer) << muxer.error().message();
  const auto drain = [&] {
    for (auto unit = (*encoder)->take(); unit && *unit; unit = (*encoder)->take()) {
      (*unit)->stream = 0;
      EXPECT_TRUE((*muxer)->write(**unit));
    }
  };
  for (const auto& frame : frames) {
    ASSERT_TRUE((*encoder)->push(frame));
    drain();
  }
  (*encoder)->finish();
  drain();
  for (const auto& unit : input.units)
    if (unit.stream == 1) {
      EXPECT_TRUE((*muxer)->write(unit));
    }
  ASSERT_TRUE((*muxer)->finish());

  auto demuxer = open_input(scratch("a.mp4"));
  EXPECT_EQ(pts_of(read_units(*demuxer), 1), pts_of(input.units, 1));
  const auto back = decode_file(scratch("a.mp4"));
  ASSERT_EQ(back.size(), frames.size());
  for (size_t i = 0; i < back.size(); ++i)
    EXPECT_NEAR(media::to_seconds(back[i].pts), media::to_seconds(frames[i].pts), 1e-5) << i;
}

TEST_F(FileMuxerTest, Mp4StartsWithItsIndex) {
  const Input input = read("h264_aac.mp4");
  auto muxer = FileMuxer::create(scratch("a.mp4"), input.info.streams);
  ASSERT_TRUE(write_all(**muxer, input.units));
  std::ifstream file(scratch("a.mp4"), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
  EXPECT_NE(bytes.find("avcC"), std::string::npos);
}

// Without extradata the first key unit's parameter sets describe the stream.
TEST_F(FileMuxerTest, LearnsParameterSetsFromTheStream) {
  for (const char* name : {"h264_b.264", "hevc.265"}) {
    SCOPED_TRACE(name);
    Input input = read(name);
    input.info.streams[0].extradata = {};
    auto muxer = FileMuxer::create(scratch("a.mp4"), input.info.streams);
    ASSERT_TRUE(muxer) << muxer.error().message();
    auto done = write_all(**muxer, input.units);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(hashes(decode_file(scratch("a.mp4"))), hashes(decode_file(media_path(name))));
  }
}

TEST_F(FileMuxerTest, RotationIsKept) {
  const Input input = read("rotated.mp4");
  auto muxer = FileMuxer::create(scratch("a.mp4"), input.info.streams);
  ASSERT_TRUE(write_all(**muxer, input.units));
  EXPECT_EQ(find_video(open_input(scratch("a.mp4"))->info())->rotation, 90);
}

TEST_F(FileMuxerTest, RepairsTimesThatStandStill) {
  Input input = read("h264.ts");
  input.units.resize(20);
  input.units[5].dts = input.units[5].pts = input.units[4].dts;
  input.units[9].dts = input.units[9].pts = Pts(0);
  auto muxer = FileMuxer::create(scratch("a.mp4"), input.info.streams);
  auto done = write_all(**muxer, input.units);
  ASSERT_TRUE(done) << done.error().message();
  auto demuxer = open_input(scratch("a.mp4"));
  const auto units = read_units(*demuxer);
  ASSERT_EQ(units.size(), 20u);
  for (size_t i = 1; i < units.size(); ++i) EXPECT_GT(units[i].dts, units[i - 1].dts);
}

TEST_F(FileMuxerTest, LeavesNothingWithoutFinish) {
  const Input input = read("h264.ts");
  {
    auto muxer = FileMuxer::create(scratch("a.mp4"), input.info.streams);
    ASSERT_TRUE(muxer);
    ASSERT_TRUE((*muxer)->write(input.units[0]));
    EXPECT_THAT(files(), testing::ElementsAre("a.mp4.part"));
  }
  EXPECT_TRUE(files().empty());
  {
    auto muxer = FileMuxer::create(scratch("b.mp4"), input.info.streams);
    auto done = (*muxer)->finish();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), Errc::invalid_argument);
  }
  EXPECT_TRUE(files().empty());
}

TEST_F(FileMuxerTest, RefusesWhatTheContainerCannotHold) {
  const auto code = [&](const std::string& path, const std::vector<media::StreamInfo>& streams) {
    auto muxer = FileMuxer::create(path, streams);
    EXPECT_FALSE(muxer) << path;
    if (muxer) return Errc::internal;
    EXPECT_THAT(muxer.error().message(), HasSubstr(path));
    return muxer.error().code();
  };
  const auto pcmu = read("h264_pcmu.mkv").info.streams;
  const auto h264 = read("h264.ts").info.streams;
  EXPECT_EQ(code(scratch("a.mp4"), pcmu), Errc::unsupported);
  EXPECT_EQ(code(scratch("a.txt"), h264), Errc::unsupported);
  EXPECT_EQ(code(scratch("a.jpg"), h264), Errc::unsupported);
  EXPECT_EQ(code(scratch("a"), h264), Errc::unsupported);
  EXPECT_EQ(code(scratch("a.webm"), h264), Errc::unsupported);
  EXPECT_EQ(code(scratch("none/a.mp4"), h264), Errc::io);
  EXPECT_EQ(code(scratch("a.mp4"), {}), Errc::invalid_argument);
  EXPECT_TRUE(files().empty());
}

// Writing goes to /dev/full, whose every write fails as a full disk's does.
TEST_F(FileMuxerTest, AFullDeviceIsNoSpace) {
  const Input input = read("h264.ts");
  std::filesystem::create_symlink("/dev/full", scratch("a.mkv.part"));
  auto muxer = FileMuxer::create(scratch("a.mkv"), input.info.streams);
  Result<void> done;
  if (muxer) {
    done = write_all(**muxer, input.units);
  } else {
    done = tl::unexpected<Error>(muxer.error());
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::no_space) << done.error().message();
  EXPECT_THAT(done.error().message(), HasSubstr("a.mkv"));
  if (muxer) muxer->reset();
  EXPECT_TRUE(files().empty());
}

TEST_F(FileMuxerTest, AFullDiskIsNoSpace) {
  if (mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=96k") != 0)
    GTEST_SKIP() << "a full disk needs a tmpfs, which only root may mount";
  const Input input = read("h264_aac.mp4");
  {
    auto muxer = FileMuxer::create(scratch("a.mp4"), input.info.streams);
    ASSERT_TRUE(muxer);
    const auto done = write_all(**muxer, input.units);
    EXPECT_FALSE(done);
    if (!done) {
      EXPECT_EQ(done.error().code(), Errc::no_space) << done.error().message();
    }
  }
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(umount(folder_.c_str()), 0);
}

}  // namespace
}  // namespace pasu::av
