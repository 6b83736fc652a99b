// Whole runs: stopped, resumed, refused.
#include "train/fit/run.h"

#include <filesystem>
#include <fstream>
#include <torch/torch.h>

#include <gmock/gmock.h>

#include "base/read_file.h"
#include "train/fit/run_log.h"
#include "train/fit/test_settings.h"
#include "train/load/test_pictures.h"
#include "train/model/weights.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::vector<data::Box> kBoxes = {{40, 30, 40, 60},  {10, 5, 30, 90},  {90, 50, 24, 40},
                                       {0, 0, 0, 0},      {60, 20, 50, 70}, {20, 60, 16, 30},
                                       {100, 10, 40, 100}};
const std::atomic<bool> kGoOn = false;

std::string fresh(const std::string& name) {
  const fs::path folder = fs::temp_directory_path() / ("pasu_run_" + name);
  fs::remove_all(folder);
  return folder.string();
}

Settings settings_of(const std::string& name, int64_t steps) {
  Settings out = small_settings(red_set("run_" + name, {160, 120}, kBoxes), steps);
  out.checkpoint_every = 4;
  out.evaluate_every = 6;
  out.late_augmentation = Augmentation::none();
  EvalSet set{.name = "same", .pictures = out.pictures};
  out.evaluations = {set};
  return out;
}

Checkpoint last(const std::string& folder) {
  auto checkpoint = load_checkpoint(folder + "/last.ckpt");
  EXPECT_TRUE(checkpoint) << checkpoint.error().message();
  return checkpoint ? *checkpoint : Checkpoint();
}

TEST(Run, StoppedAndResumedItEndsAsIfItHadNotBeen) {
  const Settings settings = settings_of("resume", 12);
  const std::string whole = fresh("whole"), parts = fresh("parts");
  const auto done = run(settings, {.folder = whole}, kGoOn);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->finished);
  for (const int64_t stop : {1, 6, 7, 11}) {
    const auto part =
        run(settings, {.folder = parts, .resume = fs::exists(parts), .stop_after = stop}, kGoOn);
    ASSERT_TRUE(part) << part.error().message();
    EXPECT_FALSE(part->finished);
    EXPECT_EQ(part->step, stop);
    EXPECT_FALSE(fs::exists(parts + "/final.ckpt"));
  }
  const auto rest = run(settings, {.folder = parts, .resume = true}, kGoOn);
  ASSERT_TRUE(rest) << rest.error().message();
  EXPECT_EQ(rest->best_score, done->best_score);
  const Checkpoint a = last(whole), b = last(parts);
  EXPECT_EQ(a.facts, b.facts);
  EXPECT_TRUE(a.arrays == b.arrays);
  for (const char* name : {"/best.ckpt", "/final.ckpt"})
    EXPECT_TRUE(load_checkpoint(whole + name).value() == load_checkpoint(parts + name).value());
}

TEST(Run, TheLogHasNoStepTwice) {
  const Settings settings = settings_of("log", 8);
  const std::string folder = fresh("log");
  ASSERT_TRUE(run(settings, {.folder = folder}, kGoOn));
  // As if it had been killed after step 8 with the checkpoint of step 4.
  fs::remove(folder + "/last.ckpt");
  ASSERT_TRUE(run(settings, {.folder = fresh("log_4"), .stop_after = 4}, kGoOn));
  fs::copy(fs::temp_directory_path() / "pasu_run_log_4/last.ckpt", folder + "/last.ckpt");
  std::ofstream(folder + "/log.jsonl", std::ios::app) << "{\"kind\":\"train\",\"st";
  ASSERT_TRUE(run(settings, {.folder = folder, .resume = true}, kGoOn));
  size_t measured = 0, trained = 0;
  const auto lines = read_log(folder + "/log.jsonl").value();
  for (const LogLine& line : lines) {
    measured += line.kind == "mean" ? 1 : 0;
    trained += line.kind == "train" ? 1 : 0;
  }
  EXPECT_EQ(measured, 2U);  // Steps 6 and 8.
  EXPECT_EQ(trained, 1U);
}

TEST(Run, RefusesWhatItWouldSpoil) {
  const Settings settings = settings_of("refuse", 2);
  const std::string folder = fresh("refuse");
  ASSERT_TRUE(run(settings, {.folder = folder}, kGoOn));
  const auto again = run(settings, {.folder = folder}, kGoOn);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), Errc::exists);
  EXPECT_THAT(again.error().message(), HasSubstr("--resume"));

  Settings other = settings;
  other.model.head = 12;
  const auto another = run(other, {.folder = folder, .resume = true}, kGoOn);
  ASSERT_FALSE(another);
  EXPECT_THAT(another.error().message(), HasSubstr("another network"));

  other = settings;
  other.model.classes = 2;
  const auto classes = run(other, {.folder = fresh("classes")}, kGoOn);
  ASSERT_FALSE(classes);
  EXPECT_THAT(classes.error().message(), HasSubstr("num_classes is 2"));
}

TEST(Run, DamagedCheckpointsAreNamed) {
  const Settings settings = settings_of("damage", 2);
  const std::string folder = fresh("damage"), path = folder + "/last.ckpt";
  ASSERT_TRUE(run(settings, {.folder = folder}, kGoOn));
  const std::string bytes = read_file(path, 1 << 26).value();
  std::string flipped = bytes;
  flipped[bytes.size() - 100] ^= 1;
  for (const std::string& bad : {bytes.substr(0, bytes.size() / 2), flipped, std::string("no")}) {
    std::ofstream(path, std::ios::binary) << bad;
    const auto result = run(settings, {.folder = folder, .resume = true}, kGoOn);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("last.ckpt"));
  }
  // The averages alone are no state to resume from, but weights to begin with.
  fs::copy_file(folder + "/best.ckpt", path, fs::copy_options::overwrite_existing);
  const auto result = run(settings, {.folder = folder, .resume = true}, kGoOn);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("no checkpoint of a training run"));
  EXPECT_TRUE(run(settings, {.folder = fresh("from"), .from = path}, kGoOn));
}

TEST(Run, ResumedItSaysWhichBoxesChanged) {
  Settings settings = settings_of("boxes", 4);
  settings.pictures.sets[0].name = settings.evaluations[0].pictures.sets[0].name = "street";
  const std::string folder = fresh("boxes");
  const auto resume = [&](int64_t steps) {
    testing::internal::CaptureStderr();
    EXPECT_TRUE(run(settings, {.folder = folder, .resume = true, .stop_after = steps}, kGoOn));
    return testing::internal::GetCapturedStderr();
  };
  ASSERT_TRUE(run(settings, {.folder = folder, .stop_after = 1}, kGoOn));
  EXPECT_THAT(resume(2), Not(HasSubstr("not as it was trained")));
  auto boxes = kBoxes;
  boxes[2].w += 3;
  ASSERT_EQ(red_set("run_boxes", {160, 120}, boxes), settings.pictures.sets[0].path);
  EXPECT_THAT(resume(3), HasSubstr("last.ckpt: not as it was trained so far: the boxes of "
                                   "evaluation set 'street'; the boxes of set 'street'; it goes on "
                                   "with what there is now"));
  EXPECT_THAT(resume(4), Not(HasSubstr("not as it was trained")));
}

TEST(Run, StopsAtOnceAndWritesACheckpoint) {
  const std::atomic<bool> stop = true;
  const Settings settings = settings_of("stop", 50);
  const std::string folder = fresh("stop");
  const auto result = run(settings, {.folder = folder}, stop);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->finished);
  EXPECT_TRUE(fs::exists(folder + "/last.ckpt"));
}

}  // namespace
}  // namespace pasu::train
