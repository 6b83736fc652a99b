// Plays every tests/scenario/track_*.txt.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "track/scenario_reader.h"

namespace pasu::track {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(PASU_SOURCE_DIR) / "tests/scenario")) {
    const std::string stem = entry.path().stem();
    if (entry.path().extension() == ".txt" && stem.starts_with("track_")) names.push_back(stem);
  }
  std::ranges::sort(names);
  return names;
}

class TrackScenario : public testing::TestWithParam<std::string> {};

TEST_P(TrackScenario, Holds) {
  const fs::path path = fs::path(PASU_SOURCE_DIR) / "tests/scenario" / (GetParam() + ".txt");
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto scenario = read_scenario(text, path.filename());
  ASSERT_TRUE(scenario) << scenario.error().message();
  ASSERT_FALSE(scenario->frames.empty()) << "the scenario has no frames";
  ASSERT_FALSE(scenario->expectations.empty()) << "the scenario expects nothing";
  for (const std::string& failure : play(*scenario)) ADD_FAILURE() << failure;
}

INSTANTIATE_TEST_SUITE_P(All, TrackScenario, testing::ValuesIn(scenario_names()),
                         [](const auto& param) { return param.param; });

TEST(ScenarioReader, NamesTheLineItDoesNotUnderstand) {
  const auto scenario = read_scenario("every 0.1 from 0 to 1\nwalk A 0 until 1\n", "x.txt");
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().message(), "x.txt:2: not understood: walk A 0 until 1");
}

TEST(ScenarioReader, AWrongExpectationFails) {
  const char* text =
      "every 0.1 from 0 to 1\n"
      "walk A 0 to 1: 0 0 40 100 -> 50 0 40 100 score 0.9\n"
      "walk B 0 to 1: 300 0 40 100 -> 350 0 40 100 score 0.9\n"
      "never A\nids 3\nsame C\nalways B from 0\ndifferent A *\n";
  const auto scenario = read_scenario(text, "x.txt");
  ASSERT_TRUE(scenario);
  EXPECT_EQ(play(*scenario).size(), 4u);
}

}  // namespace
}  // namespace pasu::track
