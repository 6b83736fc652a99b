// What a camera gives to RTSP and RTMP: rights, boxes burned in, metadata, publishers.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "av/decoder.h"
#include "media/new_frame.h"
#include "node/camera_streams.h"
#include "node/sound_queue.h"
#include "node/source.h"
#include "node/stream_access.h"

namespace pasu::node {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

TEST(StreamAccess, RightsCoverACameraAndItsStreams) {
  EXPECT_TRUE(covers("*", "gate/boxes"));
  EXPECT_TRUE(covers("gate", "gate"));
  EXPECT_TRUE(covers("gate", "gate/boxes"));
  EXPECT_FALSE(covers("gate", "gate2"));
  EXPECT_TRUE(covers("gate/boxes", "gate/boxes"));
  EXPECT_FALSE(covers("gate/boxes", "gate"));
  EXPECT_FALSE(covers("", "gate"));
}

TEST(StreamAccess, EachUserMayWhatTheirLinesSay) {
  StreamAccess access({{.name = "wall", .password = "w", .read = {"*"}, .publish = {}},
                       {.name = "guard", .password = "g", .read = {"gate"}, .publish = {}},
                       {.name = "drone", .password = "d", .read = {}, .publish = {"sky"}}});
  EXPECT_EQ(access.password_of("guard"), "g");
  EXPECT_FALSE(access.password_of("nobody"));
  EXPECT_TRUE(access.may_read("wall", "yard"));
  EXPECT_TRUE(access.may_read("guard", "gate/meta"));
  EXPECT_FALSE(access.may_read("guard", "yard"));
  EXPECT_FALSE(access.may_read("", "gate"));
  EXPECT_FALSE(access.may_read("drone", "sky"));
  EXPECT_FALSE(access.may_publish("drone", "sky")) << "no camera waits there";
  access.open_path("sky");
  access.open_path("gate");
  EXPECT_TRUE(access.may_publish("drone", "sky"));
  EXPECT_FALSE(access.may_publish("drone", "gate"));
  EXPECT_FALSE(access.may_publish("wall", "sky"));
  access.close_path("sky");
  EXPECT_FALSE(access.may_publish("drone", "sky"));
}

TEST(StreamAccess, AnyoneNeedsNoPassword) {
  StreamAccess access({{.name = "anyone", .password = {}, .read = {"lobby"}, .publish = {}}});
  EXPECT_TRUE(access.may_read("", "lobby"));
  EXPECT_FALSE(access.may_read("", "vault"));
  EXPECT_FALSE(access.password_of("anyone"));
}

TEST(StreamAccess, TheFirstPasswordIsRandomAndKept) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "pasu_first_user";
  std::filesystem::remove_all(folder);
  const auto first = first_user(folder);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_THAT(first->password, SizeIs(14));
  EXPECT_THAT(first->publish, SizeIs(0));
  EXPECT_EQ(first_user(folder)->password, first->password);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder / "stream_password").permissions(),
            perms::owner_read | perms::owner_write);
  std::filesystem::remove_all(folder);
  EXPECT_NE(first_user(folder)->password, first->password);
}

TEST(MetaStream, AFrameAsOnvifMetadata) {
  const std::vector<track::Track> tracks{
      {.id = 7, .box = {100, 50, 20, 40}, .score = 0.875f, .label = 0},
      {.id = 9, .box = {0, 0, 4, 4}, .score = 0.5f, .label = 1}};
  const std::vector<std::string> labels{"person", "a<b"};
  const std::string text =
      onvif_metadata({tracks, labels, 200, 100, UtcTime(std::chrono::seconds(1'700'000'000))});
  EXPECT_THAT(text, HasSubstr(R"(<tt:Frame UtcTime="2023-11-14T22:13:20.000Z">)"));
  EXPECT_THAT(text, HasSubstr(R"(<tt:Scale x="0.01000000" y="-0.02000000"/>)"));
  EXPECT_THAT(text, HasSubstr(R"(<tt:Object ObjectId="7">)"));
  EXPECT_THAT(
      text, HasSubstr(R"(<tt:BoundingBox left="100.0" top="50.0" right="120.0" bottom="90.0"/>)"));
  EXPECT_THAT(text, HasSubstr(R"(<tt:Type Likelihood="0.88">Human</tt:Type>)"));
  EXPECT_THAT(text, HasSubstr("a&lt;b"));
}

class CameraStreamsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = CameraStreams::create(registry, "gate", {.height = 60, .fps = 10}, false);
    ASSERT_TRUE(made) << made.error().message();
    streams = std::move(*made);
  }
  static media::Frame frame(media::Pts pts) {
    media::NewFrame made = media::new_frame(media::PixelFormat::i420, 160, 120);
    for (int plane = 0; plane < 3; ++plane) {
      const auto [width, height] = media::plane_size(media::PixelFormat::i420, 160, 120, plane);
      for (int y = 0; y < height; ++y)
        std::fill_n(made.planes[static_cast<size_t>(plane)] +
                        y * made.frame.planes[static_cast<size_t>(plane)].stride,
                    width, uint8_t{128});
    }
    made.frame.pts = pts;
    return std::move(made.frame);
  }
  static media::StreamInfo mjpeg() {
    media::StreamInfo video;
    video.kind = media::MediaKind::video;
    video.codec = media::Codec::mjpeg;
    return video;
  }
  static media::StreamInfo aac() {
    media::StreamInfo sound;
    sound.kind = media::MediaKind::audio;
    sound.codec = media::Codec::aac;
    sound.sample_rate = 48000;
    sound.channels = 2;
    const uint8_t config[] = {0x11, 0x90};  // AAC-LC, 48 kHz, stereo.
    sound.extradata = Bytes::copy(config);
    return sound;
  }
  // Fifty a second, on track 1.
  static media::AccessUnit sound(int number) {
    media::AccessUnit unit;
    unit.stream = 1;
    unit.data = Bytes::copy(as_bytes(fmt::format("sound {}", number)));
    unit.pts = unit.dts = 20ms * number;
    unit.key = true;
    return unit;
  }
  template <class T>
  static std::vector<T> take_all(hub::Reader<T>& reader) {
    std::vector<T> out;
    while (reader.take({}, out) > 0) continue;
    return out;
  }

  hub::Registry registry;
  std::unique_ptr<CameraStreams> streams;
};

TEST_F(CameraStreamsTest, DeclaresThreeStreamsAndTakesThemAway) {
  for (const char* path : {"gate", "gate/boxes", "gate/meta"})
    EXPECT_TRUE(registry.find(path)) << path;
  EXPECT_FALSE(CameraStreams::create(registry, "gate", {}, false));
  streams.reset();
  EXPECT_THAT(registry.streams(), SizeIs(0));
}

TEST_F(CameraStreamsTest, UnitsWhoseTimeDoesNotGrowAreLeftOut) {
  streams->begin({mjpeg()});
  auto reader = registry.find("gate")->read_units();
  media::AccessUnit unit;
  unit.key = true;
  unit.data = Bytes::copy(as_bytes("jpeg"));
  for (const int ms : {0, 40, 40, 20, 80}) {
    unit.dts = unit.pts = std::chrono::milliseconds(ms);
    streams->publish(unit);
  }
  std::vector<int64_t> times;
  for (const hub::Unit& each : take_all(*reader))
    times.push_back(each.unit.dts.count() / 1'000'000);
  EXPECT_EQ(times.back(), 80);
  EXPECT_TRUE(std::ranges::is_sorted(times));
  EXPECT_EQ(std::ranges::adjacent_find(times), times.end());
}

TEST_F(CameraStreamsTest, BoxesAreEncodedWhileSomebodyReads) {
  BoxesStream& boxes = streams->boxes();
  EXPECT_FALSE(boxes.wanted());
  auto reader = registry.find("gate/boxes")->read_units();
  ASSERT_TRUE(boxes.wanted());
  track::Track person;
  person.id = 4;                  // A dark blue.
  person.box = {20, 15, 20, 30};  // Of a stream of half the size.
  boxes.see({person}, {80, 60}, media::Pts(0));
  for (int i = 0; i < 20; ++i) boxes.push(frame(std::chrono::milliseconds(50 * i)), 20);

  const auto state = registry.find("gate/boxes")->state();
  ASSERT_EQ(state.tracks->size(), 1u);
  EXPECT_EQ(state.tracks->front().codec, media::Codec::h264);
  EXPECT_EQ(state.tracks->front().width, 80);
  EXPECT_EQ(state.tracks->front().height, 60);
  const auto units = take_all(*reader);
  EXPECT_THAT(units, SizeIs(10)) << "10 of 20 frames a second were asked for";

  auto decoder = av::VideoDecoder::create(state.tracks->front());
  ASSERT_TRUE(decoder) << decoder.error().message();
  ASSERT_TRUE((*decoder)->push(units.front().unit));
  (*decoder)->finish();
  const auto picture = (*decoder)->take();
  ASSERT_TRUE(picture && *picture);
  const media::Plane& luma = (*picture)->planes[0];
  // The box's left edge, half as large as it was drawn, on plain grey.
  int differs = 0;
  for (int x = 15; x < 26; ++x) differs += std::abs(luma.data[30 * luma.stride + x] - 128) > 8;
  EXPECT_GT(differs, 0);
  EXPECT_NEAR(luma.data[5 * luma.stride + 70], 128, 4);

  reader.reset();
  EXPECT_FALSE(boxes.wanted());
  boxes.rest();
  EXPECT_FALSE(registry.find("gate/boxes")->state().live);
}

TEST_F(CameraStreamsTest, SoundGoesBesideTheBoxesUntouchedAndInStep) {
  BoxesStream& boxes = streams->boxes();
  streams->begin({mjpeg(), aac()});
  int sounds = 0;
  const auto hear_until = [&](media::Pts end) {
    for (; 20ms * sounds < end; ++sounds) streams->publish(sound(sounds));
  };
  hear_until(200ms);
  boxes.rest();
  EXPECT_EQ(registry.find("gate/boxes")->stats().units, 0u) << "nobody listens";

  auto reader = registry.find("gate/boxes")->read_units();
  // Pictures are decoded a fifth of a second after their sound has come.
  for (int i = 0; i < 50; ++i) {
    hear_until(40ms * i + 200ms);
    boxes.push(frame(40ms * i), 25);
  }
  const auto tracks = registry.find("gate/boxes")->state().tracks;
  ASSERT_EQ(tracks->size(), 2u);
  EXPECT_EQ((*tracks)[0].codec, media::Codec::h264);
  EXPECT_EQ((*tracks)[1].codec, media::Codec::aac);
  EXPECT_TRUE(std::ranges::equal((*tracks)[1].extradata.view(), aac().extradata.view()));

  std::vector<int> heard;
  media::Pts last{-1};
  for (const hub::Unit& each : take_all(*reader)) {
    const media::AccessUnit& unit = each.unit;
    EXPECT_GE(unit.pts, last) << "players expect what belongs together together";
    last = unit.pts;
    if (unit.stream != 1) continue;
    heard.push_back(static_cast<int>(unit.pts / 20ms));
    EXPECT_EQ(unit.pts, 20ms * heard.back()) << "the source's own time";
    EXPECT_EQ(as_text(unit.data), fmt::format("sound {}", heard.back()));
  }
  ASSERT_THAT(heard, SizeIs(testing::Gt(80u)));
  EXPECT_EQ(heard.back() - heard.front() + 1, static_cast<int>(heard.size())) << "none is missing";
  EXPECT_EQ(heard.back(), 49 * 2) << "sound waits for the picture of its time";
}

TEST_F(CameraStreamsTest, ASessionWithOtherSoundIsTold) {
  BoxesStream& boxes = streams->boxes();
  streams->begin({mjpeg()});
  auto reader = registry.find("gate/boxes")->read_units();
  boxes.push(frame(0ms), 25);
  EXPECT_THAT(*registry.find("gate/boxes")->state().tracks, SizeIs(1));
  streams->begin({aac(), mjpeg()});
  media::AccessUnit unit = sound(10);
  unit.stream = 0;
  boxes.push(frame(100ms), 25);
  streams->publish(unit);
  boxes.push(frame(200ms), 25);
  EXPECT_THAT(*registry.find("gate/boxes")->state().tracks, SizeIs(2));
  const auto units = take_all(*reader);
  ASSERT_THAT(units, SizeIs(3)) << "readers begin anew, at a key frame";
  EXPECT_TRUE(units[0].unit.key);
  EXPECT_EQ(units[0].unit.pts, 100ms);
  EXPECT_EQ(units[1].unit.stream, 1);
}

TEST(SoundQueue, KeepsOrderAndBounds) {
  SoundQueue queue;
  media::AccessUnit unit;
  unit.data = Bytes::copy(as_bytes("0123456789"));
  for (size_t i = 0; i < SoundQueue::kUnitsMax + 5; ++i) {
    unit.pts = std::chrono::milliseconds(static_cast<int64_t>(i));
    queue.push(unit);
  }
  EXPECT_EQ(queue.dropped(), 5u);
  EXPECT_FALSE(queue.take(4ms));
  EXPECT_EQ(queue.take(7ms)->pts, 5ms);
  const std::vector<uint8_t> large(SoundQueue::kBytesMax);
  unit.data = Bytes::copy(large);
  queue.push(unit);
  EXPECT_EQ(queue.dropped(), 5u + SoundQueue::kUnitsMax - 1);
  queue.clear();
  EXPECT_FALSE(queue.take(1h));
}

TEST_F(CameraStreamsTest, MetadataOnlyForReaders) {
  const std::vector<track::Track> nobody;
  const std::vector<std::string> labels{"person"};
  streams->meta().push({nobody, labels, 10, 10, {}}, media::Pts(1));
  EXPECT_EQ(registry.find("gate/meta")->stats().units, 0u);
  auto reader = registry.find("gate/meta")->read_units();
  streams->meta().push({nobody, labels, 10, 10, {}}, media::Pts(2));
  EXPECT_THAT(take_all(*reader), SizeIs(1));
  EXPECT_EQ(stream_figures(registry, "gate", false).readers, 1);
}

TEST(PublishedSource, GivesWhatAPublisherSendsAndEndsWithIt) {
  hub::Registry registry;
  const auto stream = registry.add("sky");
  ASSERT_TRUE(stream);
  std::atomic<bool> stop = false;
  auto publication = registry.publish("sky");
  ASSERT_TRUE(publication);
  media::StreamInfo video;
  video.kind = media::MediaKind::video;
  video.codec = media::Codec::mjpeg;
  ASSERT_TRUE((*publication)->set_tracks({video}));
  auto source = open_published_source(*stream, nullptr, stop);
  ASSERT_TRUE(source) << source.error().message();
  media::AccessUnit unit;
  unit.key = true;
  unit.data = Bytes::copy(as_bytes("one"));
  (*publication)->publish(unit);
  const auto read = (*source)->read();
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(as_text(read->unit.data), "one");
  publication->reset();
  const auto end = (*source)->read();
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), Errc::unavailable);
  stop = true;
  EXPECT_EQ(open_published_source(*stream, nullptr, stop).error().code(), Errc::cancelled);
}

}  // namespace
}  // namespace pasu::node
