#include "av/demuxer.h"

#include <chrono>
#include <cmath>
#include <fstream>
#include <malloc.h>
#include <netinet/in.h>
#include <set>
#include <sys/socket.h>
#include <thread>

#include <gmock/gmock.h>

#include "av/test_media.h"

namespace pasu::av {
namespace {

using media::Codec;
using std::chrono::milliseconds;

class DemuxerTest : public MediaTest {};

struct Clip {
  const char* name;
  Codec codec;
  int width, height;
  double frame_rate;
  int frames;
};
// As tests/make_media.sh makes them.
const Clip kClips[] = {
    {"h264_aac.mp4", Codec::h264, 320, 240, 25, 75},
    {"h264_aac.mkv", Codec::h264, 320, 240, 25, 75},
    {"h264_aac.ts", Codec::h264, 320, 240, 25, 75},
    {"h264.ts", Codec::h264, 320, 240, 25, 75},
    {"h264.flv", Codec::h264, 320, 240, 25, 75},
    {"h264.264", Codec::h264, 320, 240, 25, 75},
    {"h264_b.264", Codec::h264, 320, 240, 25, 75},
    {"hevc.mp4", Codec::h265, 320, 240, 25, 50},
    {"hevc.265", Codec::h265, 320, 240, 25, 50},
    {"mpeg4.avi", Codec::mpeg4, 320, 240, 25, 50},
    {"mjpeg.avi", Codec::mjpeg, 320, 240, 10, 10},
    {"stream.mjpeg", Codec::mjpeg, 320, 240, 25, 10},
    {"msmpeg4.avi", Codec::other, 768, 576, 10, 30},
    {"odd_444.mp4", Codec::h264, 321, 241, 25, 25},
    {"odd_mpeg4.avi", Codec::mpeg4, 321, 241, 25, 25},
};

TEST_F(DemuxerTest, SaysWhatAClipIs) {
  for (const Clip& clip : kClips) {
    SCOPED_TRACE(clip.name);
    auto demuxer = open_input(media_path(clip.name));
    ASSERT_TRUE(demuxer);
    EXPECT_TRUE(demuxer->is_file());
    const media::StreamInfo* video = find_video(demuxer->info());
    ASSERT_NE(video, nullptr);
    EXPECT_EQ(video->codec, clip.codec);
    EXPECT_EQ(video->width, clip.width);
    EXPECT_EQ(video->height, clip.height);
    EXPECT_NEAR(video->frame_rate, clip.frame_rate, 0.01);
    EXPECT_EQ(demuxer->info().size_bytes,
              static_cast<int64_t>(std::filesystem::file_size(media_path(clip.name))));
    EXPECT_EQ(read_units(*demuxer, video->index).size(), static_cast<size_t>(clip.frames));
  }
}

// Shown times begin at 0 (a sound may begin earlier than the picture), are all different, lie a
// frame apart, and nothing is shown before it is decoded.
TEST_F(DemuxerTest, TimesAreWholeInEveryFormat) {
  for (const Clip& clip : kClips) {
    SCOPED_TRACE(clip.name);
    auto demuxer = open_input(media_path(clip.name));
    ASSERT_TRUE(demuxer);
    const auto units = read_units(*demuxer, find_video(demuxer->info())->index);
    std::set<media::Pts> shown;
    media::Pts last_dts = media::Pts::min();
    for (const auto& unit : units) {
      EXPECT_GT(unit.dts, last_dts);
      EXPECT_GE(unit.pts, unit.dts);
      last_dts = unit.dts;
      shown.insert(unit.pts);
    }
    ASSERT_EQ(shown.size(), static_cast<size_t>(clip.frames));
    EXPECT_LT(*shown.begin(), milliseconds(100));
    EXPECT_GE(*shown.begin(), milliseconds(0));
    EXPECT_TRUE(units.front().key);
    const double span = media::to_seconds(*shown.rbegin() - *shown.begin());
    EXPECT_NEAR(span, (clip.frames - 1) / clip.frame_rate, 0.002);
    for (auto at = std::next(shown.begin()); at != shown.end(); ++at)
      EXPECT_NEAR(media::to_seconds(*at - *std::prev(at)), 1 / clip.frame_rate, 0.0015);
  }
}

// A raw stream's times are those of the MP4 that it was taken from.
TEST_F(DemuxerTest, RawStreamsAreShownInTheRightOrder) {
  for (const auto& [raw, whole] :
       {std::pair{"h264_b.264", "h264_aac.mp4"}, {"hevc.265", "hevc.mp4"}}) {
    SCOPED_TRACE(raw);
    auto a = open_input(media_path(raw)), b = open_input(media_path(whole));
    const auto got = read_units(*a), want = read_units(*b, find_video(b->info())->index);
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].pts, want[i].pts) << i;
      EXPECT_EQ(got[i].dts, want[i].dts) << i;
      EXPECT_EQ(got[i].key, want[i].key) << i;
    }
  }
}

TEST_F(DemuxerTest, RewindGivesTheSameUnitsAgain) {
  for (const Clip& clip : kClips) {
    SCOPED_TRACE(clip.name);
    auto demuxer = open_input(media_path(clip.name));
    const auto first = read_units(*demuxer);
    ASSERT_TRUE(demuxer->rewind());
    const auto second = read_units(*demuxer);
    ASSERT_EQ(first.size(), second.size());
    for (size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(first[i].pts, second[i].pts);
      EXPECT_EQ(first[i].position, second[i].position);
      EXPECT_THAT(first[i].data.view(), testing::ElementsAreArray(second[i].data.view()));
    }
  }
}

TEST_F(DemuxerTest, KeepsWhatIsDeclared) {
  auto mp4 = open_input(media_path("h264_aac.mp4"));
  const auto& info = mp4->info();
  EXPECT_THAT(info.format, testing::HasSubstr("mp4"));
  EXPECT_NEAR(media::to_seconds(info.duration), 3.0, 0.1);
  EXPECT_GT(info.bit_rate, 100'000);
  ASSERT_EQ(info.streams.size(), 2u);
  EXPECT_EQ(info.streams[0].profile, "High, level 1.3");
  EXPECT_EQ(info.streams[0].extradata.data()[0], 1);  // avcC
  EXPECT_EQ(info.streams[1].kind, media::MediaKind::audio);
  EXPECT_EQ(info.streams[1].codec, Codec::aac);
  EXPECT_EQ(info.streams[1].sample_rate, 44'100);
  EXPECT_EQ(info.streams[1].channels, 1);
  EXPECT_EQ(find_video(open_input(media_path("rotated.mp4"))->info())->rotation, 90);
  EXPECT_THAT(find_video(open_input(media_path("h264_10bit.mp4"))->info())->profile,
              testing::HasSubstr("High 10"));
  EXPECT_EQ(find_video(open_input(media_path("sound.m4a"))->info()), nullptr);
  EXPECT_EQ(find_video(open_input(media_path("sound.mp3"))->info()), nullptr);
  // Byte positions point at the unit: Annex B starts there with a start code.
  auto raw = open_input(media_path("h264.264"));
  const auto units = read_units(*raw);
  EXPECT_EQ(units[0].position, 0);
  std::ifstream file(media_path("h264.264"), std::ios::binary);
  file.seekg(units[1].position);
  char start[3] = {};
  file.read(start, 3);
  EXPECT_EQ(std::string(start, 3), std::string("\0\0\0", 3));
}

TEST_F(DemuxerTest, VariableRateKeepsItsTimes) {
  auto demuxer = open_input(media_path("vfr.mkv"));
  std::set<media::Pts> shown;
  for (const auto& unit : read_units(*demuxer)) shown.insert(unit.pts);
  std::set<int64_t> steps;
  for (auto at = std::next(shown.begin()); at != shown.end(); ++at)
    steps.insert(std::lround(media::to_seconds(*at - *std::prev(at)) * 30));
  EXPECT_GT(steps.size(), 2u);
}

TEST_F(DemuxerTest, PicturesBeforeAnEditListsStartAreKept) {
  auto demuxer = open_input(media_path("edit_list.mp4"));
  const auto units = read_units(*demuxer, find_video(demuxer->info())->index);
  ASSERT_EQ(units.size(), 75u);
  EXPECT_EQ(units[0].pts, media::Pts(0));
  EXPECT_TRUE(units[0].key);
  // The sound keeps its distance: it begins with the key picture, less a frame of its own.
  ASSERT_TRUE(demuxer->rewind());
  const auto sound = read_units(*demuxer, 1);
  EXPECT_NEAR(media::to_seconds(sound[0].pts), 0, 0.03);
}

TEST_F(DemuxerTest, APictureIsOneUnit) {
  for (const char* name : {"picture.png", "picture.jpg"}) {
    SCOPED_TRACE(name);
    // "%d" must not be taken for a row of numbered files.
    const std::string path = scratch(std::string("a%03d ") + name);
    std::filesystem::copy_file(media_path(name), path);
    auto demuxer = open_input(path);
    ASSERT_TRUE(demuxer);
    EXPECT_EQ(find_video(demuxer->info())->frame_rate, 0);
    const auto units = read_units(*demuxer);
    ASSERT_EQ(units.size(), 1u);
    EXPECT_EQ(units[0].pts, media::Pts(0));
    EXPECT_TRUE(units[0].key);
  }
}

TEST_F(DemuxerTest, RefusesWhatIsNoMedia) {
  const auto code = [](const std::string& input) {
    auto demuxer = Demuxer::open(input);
    EXPECT_FALSE(demuxer) << input;
    return demuxer ? Errc::internal : demuxer.error().code();
  };
  EXPECT_EQ(code(media_path("garbage.mp4")), Errc::malformed);
  EXPECT_EQ(code(media_path("empty.mp4")), Errc::malformed);
  EXPECT_EQ(code(media_path("none.mp4")), Errc::not_found);
  EXPECT_EQ(code(media_path("")), Errc::invalid_argument);
  EXPECT_EQ(code(std::string(PASU_SOURCE_DIR) + "/CMakeLists.txt"), Errc::unsupported);
  EXPECT_EQ(code("gopher://host/x"), Errc::unsupported);
  // Names of libavformat's protocols are names of files here.
  const std::string clip = media_path("h264.264");
  for (const std::string& input :
       {fmt::format("concat:{}|{}", clip, clip), "subfile,,start,0,end,9,,:" + clip,
        std::string("data:image/png;base64,AAAA"), "async:" + clip, "file:" + clip})
    EXPECT_EQ(code(input), Errc::not_found) << input;
  EXPECT_TRUE(Demuxer::open("file://" + clip));
}

// Scripts that make libavformat open other files.
TEST_F(DemuxerTest, RefusesPlaylists) {
  const std::string clip = media_path("h264.ts");
  const std::pair<const char*, std::string> scripts[] = {
      {"list.mp4", "ffconcat version 1.0\nfile '" + clip + "'\n"},
      {"list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n" + clip + "\n#EXT-X-ENDLIST\n"},
      {"list.sdp",
       "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
       "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"},
  };
  for (const auto& [name, text] : scripts) {
    std::ofstream(scratch(name)) << text;
    auto demuxer = Demuxer::open(scratch(name));
    ASSERT_FALSE(demuxer) << name;
    EXPECT_EQ(demuxer.error().code(), Errc::unsupported) << demuxer.error().message();
  }
}

TEST_F(DemuxerTest, ReadsWhatIsLeftOfATruncatedFile) {
  auto mp4 = open_input(media_path("truncated.mp4"));
  ASSERT_TRUE(mp4);
  size_t units = 0;
  for (;;) {
    auto unit = mp4->read();
    if (!unit) {
      EXPECT_EQ(unit.error().code(), Errc::truncated);
      EXPECT_THAT(unit.error().message(), testing::HasSubstr("truncated.mp4"));
      break;
    }
    ASSERT_TRUE(*unit) << "ended without a word about the missing part";
    ++units;
  }
  EXPECT_GT(units, 60u);
  auto after = mp4->read();
  ASSERT_TRUE(after);
  EXPECT_FALSE(*after);
  // A transport stream may end anywhere.
  auto ts = open_input(media_path("truncated.ts"));
  ASSERT_TRUE(ts);
  EXPECT_GT(read_units(*ts).size(), 30u);
}

// A server that accepts and never answers.
class SilentServer {
 public:
  SilentServer() {
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  std::string url(const std::string& scheme) const {
    return scheme + "://user:secret@127.0.0.1:" + std::to_string(port_) + "/live";
  }

 private:
  int socket_;
  int port_ = 0;
};

TEST_F(DemuxerTest, GivesUpOnASilentServer) {
  const SilentServer server;
  DemuxerOptions options;
  options.patience = milliseconds(200);
  auto demuxer = Demuxer::open(server.url("http"), options);
  ASSERT_FALSE(demuxer);
  EXPECT_EQ(demuxer.error().code(), Errc::timeout) << demuxer.error().message();
  EXPECT_THAT(demuxer.error().message(), testing::Not(testing::HasSubstr("secret")));
}

TEST_F(DemuxerTest, LeavesRtspAndRtmpToOthers) {
  for (const char* url : {"rtsp://127.0.0.1:1/live", "RTMP://127.0.0.1:1/live"}) {
    auto demuxer = Demuxer::open(url);
    ASSERT_FALSE(demuxer);
    EXPECT_EQ(demuxer.error().code(), Errc::unsupported) << demuxer.error().message();
  }
}

TEST_F(DemuxerTest, StopsOnRequest) {
  const SilentServer server;
  std::atomic<bool> stop = false;
  DemuxerOptions options;
  options.stop = &stop;
  std::thread stopper([&] { stop.store(true); });
  auto demuxer = Demuxer::open(server.url("http"), options);
  stopper.join();
  ASSERT_FALSE(demuxer);
  EXPECT_EQ(demuxer.error().code(), Errc::cancelled) << demuxer.error().message();
}

// What a camera does that fails and returns: a session, whole or not, is opened, decoded and let
// go.
TEST_F(DemuxerTest, TwoHundredSessionsKeepNothing) {
  const auto session = [](const std::string& input) {
    const auto demuxer = Demuxer::open(input);
    if (!demuxer) return;
    const media::StreamInfo* video = find_video((*demuxer)->info());
    const auto decoder = VideoDecoder::create(*video);
    ASSERT_TRUE(decoder);
    for (int units = 0; units < 15; ++units) {
      const auto unit = (*demuxer)->read();
      if (!unit || !*unit) break;
      if ((*unit)->stream == video->index) (void)(*decoder)->push(**unit);
      while (const auto frame = (*decoder)->take())
        if (!*frame) break;
    }
  };
  const std::string inputs[] = {media_path("h264.ts"), media_path("hevc.mp4"),
                                media_path("garbage.mp4"), media_path("none.mp4"),
                                "http://127.0.0.1:1/live"};
  const auto heap = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  size_t before = 0;
  for (size_t round = 0; round < 200; ++round) {
    for (const std::string& input : inputs) session(input);
    if (round == 10) before = heap();  // What is made once is there.
  }
  EXPECT_LT(heap(), before + (64 << 10));  // 350 bytes a round.
}

TEST_F(DemuxerTest, NobodyListening) {
  auto demuxer = Demuxer::open("http://127.0.0.1:1/live");
  ASSERT_FALSE(demuxer);
  EXPECT_EQ(demuxer.error().code(), Errc::unavailable) << demuxer.error().message();
}

}  // namespace
}  // namespace pasu::av
