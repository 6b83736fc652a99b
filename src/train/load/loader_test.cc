#include "train/load/loader.h"

#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "train/load/test_pictures.h"

namespace pasu::train {
namespace {

using testing::HasSubstr;

const std::vector<data::Box> kBoxes = {{40, 30, 40, 60},  {10, 5, 30, 90},  {90, 50, 24, 40},
                                       {0, 0, 0, 0},      {60, 20, 50, 70}, {20, 60, 16, 30},
                                       {100, 10, 40, 100}};
constexpr geom::Size kSize{160, 120};

std::shared_ptr<PictureSet> pictures(const std::string& name, double weight = 1) {
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set(name, kSize, kBoxes);
  set.weight = weight;
  options.sets = {set};
  return PictureSet::open(options).value();
}

/// Batches of two sizes in turn.
BatchPlan plan_of(uint64_t number, const Augmentation& augmentation) {
  return number % 2 == 0 ? BatchPlan{.size = {160, 96}, .count = 3, .augmentation = &augmentation}
                         : BatchPlan{.size = {96, 128}, .count = 2, .augmentation = &augmentation};
}

void expect_equal(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.number, b.number);
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.size, b.size);
  EXPECT_TRUE(a.rgb == b.rgb) << "batch " << a.number;
  ASSERT_EQ(a.count(), b.count());
  for (size_t i = 0; i < a.count(); ++i) {
    EXPECT_EQ(a.samples[i].name, b.samples[i].name);
    EXPECT_EQ(a.samples[i].truths, b.samples[i].truths);
  }
}

TEST(Loader, TheSameBatchesWhateverTheThreadsAndAfterAResume) {
  const Augmentation augmentation;
  const auto set = pictures("resume");
  const auto make = [&](int threads) {
    LoaderOptions options;
    options.pictures = set;
    options.plan = [&](uint64_t number) { return plan_of(number, augmentation); };
    options.seed = 7;
    options.threads = threads;
    return Loader::create(options).value();
  };
  const auto one = make(1), three = make(3), resumed = make(2);
  LoaderState middle;
  std::vector<Batch> batches;
  for (int i = 0; i < 12; ++i) {
    batches.push_back(one->next().value());
    expect_equal(batches.back(), three->next().value());
    if (i == 4) middle = one->state();
  }
  EXPECT_EQ(middle.batch, 5u);
  EXPECT_EQ(middle.epoch, 1u);  // 13 samples of epochs of 7.
  EXPECT_EQ(middle.position, 6u);
  (void)resumed->next();
  resumed->restore(middle);
  EXPECT_EQ(resumed->state(), middle);
  for (size_t i = 5; i < batches.size(); ++i) expect_equal(batches[i], resumed->next().value());
}

TEST(Loader, ProcessesShareABatch) {
  const auto set = pictures("processes");
  const auto make = [&](int process, int processes, int count) {
    LoaderOptions options;
    options.pictures = set;
    options.plan = [=](uint64_t) { return BatchPlan{.size = {64, 64}, .count = count}; };
    options.process = process;
    options.processes = processes;
    return Loader::create(options).value();
  };
  const auto all = make(0, 1, 4), first = make(0, 2, 2), second = make(1, 2, 2);
  for (int i = 0; i < 5; ++i) {
    const Batch whole = all->next().value(), a = first->next().value(), b = second->next().value();
    EXPECT_EQ(whole.samples[0].name, a.samples[0].name);
    EXPECT_EQ(whole.samples[1].name, b.samples[0].name);
    EXPECT_EQ(whole.samples[2].name, a.samples[1].name);
    EXPECT_EQ(whole.samples[3].name, b.samples[1].name);
    EXPECT_EQ(first->state(), second->state());
  }
}

TEST(Loader, WeightsSayHowOften) {
  PictureSetOptions options;
  SetOptions often, seldom;
  often.path = red_set("often", kSize, {kBoxes[0], kBoxes[1]});
  often.weight = 3;
  seldom.path = red_set("seldom", kSize, std::vector<data::Box>(8, kBoxes[2]));
  seldom.weight = 0.5;
  options.sets = {often, seldom};
  const auto loader =
      Loader::create({.pictures = PictureSet::open(options).value(),
                      .plan = [](uint64_t) { return BatchPlan{.size = {32, 32}, .count = 100}; }})
          .value();
  EXPECT_EQ(loader->epoch_samples(), 10);
  std::map<std::string, int> counts;
  for (int i = 0; i < 10; ++i) {
    const Batch batch = loader->next().value();
    for (const auto& sample : batch.samples) ++counts[sample.name];
  }
  EXPECT_NEAR(counts["pasu_load_often/0.jpg"], 300, 20);
  EXPECT_NEAR(counts["pasu_load_seldom/3.jpg"], 50, 20);
}

TEST(Loader, AnEpochHasEachPictureOnce) {
  const auto loader =
      Loader::create({.pictures = pictures("epoch"),
                      .plan = [](uint64_t) { return BatchPlan{.size = {32, 32}, .count = 7}; }})
          .value();
  std::vector<std::string> first, second;
  const Batch one = loader->next().value(), two = loader->next().value();
  for (const auto& sample : one.samples) first.push_back(sample.name);
  for (const auto& sample : two.samples) second.push_back(sample.name);
  EXPECT_NE(first, second);
  EXPECT_EQ(std::set(first.begin(), first.end()).size(), 7u);
  EXPECT_EQ(std::set(second.begin(), second.end()).size(), 7u);
}

TEST(Loader, DamagedPicturesAreReplaced) {
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set("replaced", kSize, kBoxes);
  for (const char* name : {"1", "4"}) std::ofstream(set.path + "/images/" + name + ".jpg") << "no";
  options.sets = {set};
  const auto opened = PictureSet::open(options).value();
  const auto plan = [](uint64_t) { return BatchPlan{.size = {32, 32}, .count = 7}; };
  const auto loader = Loader::create({.pictures = opened, .plan = plan}).value();
  const Batch batch = loader->next().value();
  ASSERT_EQ(batch.count(), 7u);
  for (const auto& sample : batch.samples)
    EXPECT_THAT(sample.name,
                testing::Not(testing::AnyOf(HasSubstr("/1.jpg"), HasSubstr("/4.jpg"))));
  EXPECT_EQ(opened->counts().failed, 2u);

  for (size_t i = 0; i < kBoxes.size(); ++i)
    std::ofstream(set.path + "/images/" + std::to_string(i) + ".jpg") << "no";
  const auto none =
      Loader::create({.pictures = PictureSet::open(options).value(), .plan = plan}).value();
  EXPECT_THAT(none->next().error().message(), HasSubstr("one after another did not decode"));
}

TEST(Loader, WhatCannotBeLoadedIsSaidAtOnce) {
  const auto set = pictures("wrong");
  EXPECT_EQ(Loader::create({}).error().code(), Errc::invalid_argument);
  EXPECT_EQ(Loader::create({.pictures = set, .plan = {}}).error().code(), Errc::invalid_argument);
  LoaderOptions options{.pictures = set,
                        .plan = [](uint64_t) { return BatchPlan{.size = {32, 32}, .count = 1}; }};
  options.process = 2;
  options.processes = 2;
  EXPECT_THAT(Loader::create(options).error().message(), HasSubstr("process 2 of 2"));
  EXPECT_THAT(Loader::create({.pictures = pictures("weightless", 0), .plan = options.plan})
                  .error()
                  .message(),
              HasSubstr("weight 0"));
}

}  // namespace
}  // namespace pasu::train
