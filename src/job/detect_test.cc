// Whole runs over the generated clips, with a detector that answers from threads of its own and
// out of order.
#include "job/detect.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "av/decoder.h"
#include "av/demuxer.h"
#include "av/test_media.h"
#include "flow/executor.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Sees one person whose box is made of the frame's time, so that lines can be checked against it.
class FakeDetector final : public detect::Detector {
 public:
  FakeDetector() { info_.labels = {"person"}; }
  const detect::DetectorInfo& info() const override { return info_; }
  void submit(media::Frame frame, Done done) override {
    ++submitted;
    if (submitted == fail_at) return done(fail(Errc::internal, "the network broke"));
    if (submitted == stop_at) stop = true;
    const auto kept = std::make_shared<media::Frame>(std::move(frame));
    workers_.post([kept, done] {
      const auto width = static_cast<float>(kept->width);
      const auto x = static_cast<float>(media::to_seconds(kept->pts)) * 10;
      done(std::vector<geom::Detection>{{{x, 5, width / 8, width / 4}, 0.9f, 0}});
    });
  }

  std::atomic<int> submitted = 0;
  int fail_at = -1, stop_at = -1;
  std::atomic<bool> stop = false;

 private:
  detect::DetectorInfo info_;
  flow::Executor workers_{3};
};

class DetectRun : public testing::Test {
 protected:
  void SetUp() override {
    const char* media = std::getenv("PASU_TEST_MEDIA");
    if (media == nullptr) GTEST_SKIP() << "PASU_TEST_MEDIA is not set; run by ctest";
    media_ = media;
    fs::create_directories(out_);
  }
  void TearDown() override { fs::remove_all(out_); }

  std::vector<Outcome> run(const std::vector<std::string>& names, const std::string& output = "",
                           double fps = 0) {
    std::vector<std::string> inputs;
    for (const auto& name : names) inputs.push_back(name.empty() ? "/none.mp4" : clip(name));
    const std::string json = (out_ / "lines.jsonl").string();
    const auto tasks = plan(
        {.inputs = inputs, .output = output.empty() ? "" : (out_ / output).string(), .json = json});
    EXPECT_TRUE(tasks) << tasks.error().message();
    auto lines = JsonLines::create(json);
    Progress progress(false);
    const Session session{.detector = detector_,
                          .threshold = 0.5f,
                          .fps = fps,
                          .lines = lines->get(),
                          .progress = progress,
                          .stop = detector_.stop};
    std::vector<Outcome> outcomes;
    job::run(*tasks, session, [&](const Outcome& outcome) { outcomes.push_back(outcome); });
    EXPECT_TRUE((*lines)->finish());
    lines_.clear();
    std::ifstream file(json);
    for (std::string line; std::getline(file, line);) lines_.push_back(nlohmann::json::parse(line));
    return outcomes;
  }

  std::string clip(const std::string& name) const { return (media_ / name).string(); }

  struct Video {
    media::ContainerInfo info;
    std::vector<geom::Size> frames;
    size_t audio = 0;
  };
  static Video read(const fs::path& path) {
    Video video;
    auto demuxer = av::Demuxer::open(path);
    EXPECT_TRUE(demuxer) << demuxer.error().message();
    video.info = (*demuxer)->info();
    const auto* stream = av::find_video(video.info);
    auto decoder = av::VideoDecoder::create(*stream);
    const auto take = [&] {
      while (auto frame = (*decoder)->take().value())
        video.frames.push_back({frame->width, frame->height});
    };
    while (auto unit = (*demuxer)->read().value()) {
      if (unit->stream != stream->index) {
        ++video.audio;
        continue;
      }
      EXPECT_TRUE((*decoder)->push(*unit));
      take();
    }
    (*decoder)->finish();
    take();
    return video;
  }
  bool anything_left() const {
    for (const auto& entry : fs::directory_iterator(out_))
      if (entry.path().filename() != "lines.jsonl") return true;
    return false;
  }

  fs::path media_;
  const fs::path out_ = fs::path(testing::TempDir()) / ("pasu_detect_" + std::to_string(getpid()));
  FakeDetector detector_;
  std::vector<nlohmann::json> lines_;
};

TEST_F(DetectRun, EveryFrameInOrderWithItsOwnBoxes) {
  const auto outcomes = run({"h264_aac.mp4"}, "boxed.mp4");
  ASSERT_EQ(outcomes.size(), 1u);
  ASSERT_FALSE(outcomes[0].error) << outcomes[0].error->message();
  EXPECT_EQ(outcomes[0].frames, 75u);
  EXPECT_EQ(outcomes[0].tracks, 1u);
  ASSERT_EQ(lines_.size(), 75u);
  for (size_t i = 0; i < lines_.size(); ++i) {
    EXPECT_EQ(lines_[i]["frame"], i);
    const double pts = lines_[i]["pts"];
    EXPECT_NEAR(lines_[i]["detections"][0]["box"][0], pts * 10, 0.02);
    EXPECT_NEAR(pts - static_cast<double>(lines_[0]["pts"]), 0.04 * static_cast<double>(i), 1e-4);
  }
  const Video video = read(out_ / "boxed.mp4");
  EXPECT_EQ(video.frames.size(), 75u);
  EXPECT_EQ(av::find_video(video.info)->codec, media::Codec::h264);
  EXPECT_EQ(video.audio, read(clip("h264_aac.mp4")).audio);
}

TEST_F(DetectRun, AnalysesAtTheRateAskedForAndDrawsAllFrames) {
  const auto outcomes = run({"h264_b.264"}, "boxed.mp4", 5);
  ASSERT_FALSE(outcomes[0].error) << outcomes[0].error->message();
  EXPECT_EQ(outcomes[0].frames, 75u);
  EXPECT_EQ(lines_.size(), 15u);
  EXPECT_EQ(lines_[1]["frame"], 5);
  EXPECT_EQ(read(out_ / "boxed.mp4").frames.size(), 75u);
}

TEST_F(DetectRun, SoundThatMp4CannotHoldIsNamed) {
  const auto outcomes = run({"h264_pcmu.mkv"}, "boxed.mp4");
  ASSERT_FALSE(outcomes[0].error) << outcomes[0].error->message();
  ASSERT_EQ(outcomes[0].notes.size(), 1u);
  EXPECT_THAT(outcomes[0].notes[0], HasSubstr("pcm_mulaw"));
  EXPECT_EQ(read(out_ / "boxed.mp4").audio, 0u);
  EXPECT_TRUE(run({"h264_pcmu.mkv"}, "boxed.mkv")[0].notes.empty());
  EXPECT_GT(read(out_ / "boxed.mkv").audio, 0u);
}

TEST_F(DetectRun, ASizeThatChangesOnTheWay) {
  const auto outcomes = run({"size_change.264"}, "boxed.mp4");
  ASSERT_FALSE(outcomes[0].error) << outcomes[0].error->message();
  EXPECT_EQ(lines_.front()["width"], 320);
  EXPECT_EQ(lines_.back()["width"], 160);
  EXPECT_EQ(lines_.back()["detections"][0]["box"][2], 20);
  const Video video = read(out_ / "boxed.mp4");
  EXPECT_EQ(video.frames.size(), lines_.size());
  EXPECT_EQ(video.frames.back(), (geom::Size{320, 240}));
}

TEST_F(DetectRun, TurnedVideoIsAnalysedUpright) {
  const auto outcomes = run({"rotated.mp4"}, "boxed.mp4");
  ASSERT_FALSE(outcomes[0].error) << outcomes[0].error->message();
  EXPECT_EQ(lines_[0]["width"], 240);
  EXPECT_EQ(lines_[0]["height"], 320);
  const Video video = read(out_ / "boxed.mp4");
  EXPECT_EQ(video.frames[0], (geom::Size{240, 320}));
  EXPECT_EQ(av::find_video(video.info)->rotation, 0);
}

TEST_F(DetectRun, APictureHeldUprightIsAnalysedUpright) {
  std::ifstream file(clip("picture.jpg"), std::ios::binary);
  const std::string jpeg(std::istreambuf_iterator<char>(file), {});
  const fs::path held = out_ / "held.jpg";
  std::ofstream(held, std::ios::binary) << av::with_orientation(jpeg, 6);
  const auto outcomes = run({held.string()}, "boxed.jpg");
  ASSERT_FALSE(outcomes[0].error) << outcomes[0].error->message();
  EXPECT_EQ(lines_[0]["width"], 240);
  EXPECT_EQ(lines_[0]["height"], 320);
  EXPECT_EQ(read(out_ / "boxed.jpg").frames.at(0), (geom::Size{240, 320}));
}

TEST_F(DetectRun, OtherFormatsAndOddSizes) {
  for (const char* name : {"odd_444.mp4", "odd_mpeg4.avi", "h264_10bit.mp4", "vfr.mkv", "hevc.mp4",
                           "bt709_full.mp4", "stream.mjpeg", "msmpeg4.avi"}) {
    const auto outcomes = run({name}, "boxed.mp4");
    ASSERT_FALSE(outcomes[0].error) << name << ": " << outcomes[0].error->message();
    EXPECT_GT(lines_.size(), 9u) << name;
    EXPECT_EQ(read(out_ / "boxed.mp4").frames.size(), lines_.size()) << name;
  }
}

TEST_F(DetectRun, PicturesInOrderAmongVideos) {
  const auto outcomes = run({"picture.png", "picture.jpg", "mjpeg.avi", "picture.jpg"}, "boxed");
  ASSERT_EQ(outcomes.size(), 4u);
  for (const Outcome& outcome : outcomes) EXPECT_FALSE(outcome.error) << outcome.error->message();
  ASSERT_EQ(lines_.size(), 13u);
  EXPECT_EQ(lines_[0]["width"], 321);
  EXPECT_EQ(lines_[0]["detections"][0]["track"], nullptr);
  EXPECT_EQ(lines_[12]["source"], clip("picture.jpg"));
  EXPECT_EQ(read(out_ / "boxed/picture.jpg").frames.at(0), (geom::Size{321, 241}));
  EXPECT_TRUE(fs::exists(out_ / "boxed/picture-3.jpg"));
}

TEST_F(DetectRun, BadInputsAreNamedAndDoNotStopOthers) {
  const struct {
    const char *name, *sentence;
  } cases[] = {
      {"empty.mp4", "empty"},    {"garbage.mp4", "not a video"}, {"sound.m4a", "no video"},
      {"sound.mp3", "no video"}, {"", "no such file"},
  };
  for (const auto& c : cases) {
    const auto outcomes = run({c.name, "mjpeg.avi"}, "boxed");
    ASSERT_EQ(outcomes.size(), 2u) << c.name;
    ASSERT_TRUE(outcomes[0].error) << c.name;
    EXPECT_THAT(outcomes[0].error->message(), HasSubstr(c.sentence));
    EXPECT_FALSE(outcomes[1].error) << c.name;
    EXPECT_EQ(lines_.size(), 10u) << c.name;
    for (const auto& entry : fs::directory_iterator(out_ / "boxed"))
      EXPECT_EQ(entry.path().filename(), "mjpeg.mp4") << c.name;
    fs::remove_all(out_ / "boxed");
  }
}

TEST_F(DetectRun, OfACutFileTheRestIsKept) {
  const auto outcomes = run({"truncated.mp4"}, "boxed.mp4");
  ASSERT_TRUE(outcomes[0].error);
  EXPECT_THAT(outcomes[0].error->message(), HasSubstr("truncated.mp4"));
  EXPECT_GT(lines_.size(), 0u);
  EXPECT_EQ(read(out_ / "boxed.mp4").frames.size(), lines_.size());
}

TEST_F(DetectRun, StoppedOnRequestWhatWasDoneIsWhole) {
  detector_.stop_at = 20;
  const auto outcomes = run({"h264_aac.mp4", "mjpeg.avi"}, "boxed");
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_TRUE(outcomes[0].cut);
  EXPECT_FALSE(outcomes[0].error);
  EXPECT_GE(lines_.size(), 20u);
  EXPECT_LT(lines_.size(), 75u);
  EXPECT_EQ(read(out_ / "boxed/h264_aac.mp4").frames.size(), lines_.size());
}

TEST_F(DetectRun, ABrokenDetectorEndsTheRunAndLeavesNoVideo) {
  detector_.fail_at = 10;
  const auto outcomes = run({"h264_aac.mp4", "mjpeg.avi"}, "boxed");
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_TRUE(outcomes[0].fatal);
  EXPECT_THAT(outcomes[0].error->message(), HasSubstr("the network broke"));
  EXPECT_TRUE(fs::is_empty(out_ / "boxed"));
}

TEST_F(DetectRun, AnUnwritableVideoIsAnErrorOfThatInputAlone) {
  fs::create_directories(out_ / "boxed/h264_aac.mp4.part");
  const auto outcomes = run({"h264_aac.mp4", "mjpeg.avi"}, "boxed");
  ASSERT_EQ(outcomes.size(), 2u);
  ASSERT_TRUE(outcomes[0].error);
  EXPECT_THAT(outcomes[0].error->message(), HasSubstr("h264_aac.mp4.part"));
  EXPECT_FALSE(outcomes[1].error);
}

TEST_F(DetectRun, AFormatNobodyWritesIsNamed) {
  const auto outcomes = run({"mjpeg.avi"}, "boxed.xyz");
  ASSERT_TRUE(outcomes[0].error);
  EXPECT_THAT(outcomes[0].error->message(), HasSubstr(".mp4"));
  EXPECT_FALSE(anything_left());
}

TEST(ProgressLine, SaysRateAndRest) {
  EXPECT_EQ(progress_line("a.mp4", 50, 0.25, 10), "a.mp4  25%  50 frames  5.0 frames/s  0:30 left");
  EXPECT_EQ(progress_line("rtsp://cam", 50, std::nullopt, 10),
            "rtsp://cam  50 frames  5.0 frames/s");
}

}  // namespace
}  // namespace pasu::job
