#include "job/json_lines.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace pasu::job {
namespace {

namespace fs = std::filesystem;

FrameBoxes example() {
  return {.source = "a.mp4",
          .frame = 2,
          .pts = std::chrono::milliseconds(80),
          .size = {768, 432},
          .boxes = {{.label = "person", .score = 0.91f, .box = {1.5f, 2, 30.25f, 40}, .track = 3},
                    {.label = "bike", .score = 0.5f, .box = {0, 0, 1, 1}, .track = 0}}};
}

TEST(JsonLines, AsDocumented) {
  EXPECT_EQ(to_json(example()),
            R"({"source":"a.mp4","frame":2,"pts":0.08,"width":768,"height":432,"detections":[)"
            R"({"label":"person","score":0.91,"box":[1.5,2,30.25,40],"track":3},)"
            R"({"label":"bike","score":0.5,"box":[0,0,1,1],"track":null}]})");
}

TEST(JsonLines, OddNamesStayJson) {
  FrameBoxes frame = example();
  for (const char* name : {"a\"b\\c\n.mp4", "\xff\xfe.mp4", "\xec\x82\xac\xeb\x9e\x8c.mp4"}) {
    frame.source = name;
    EXPECT_TRUE(nlohmann::json::accept(to_json(frame))) << name;
  }
}

TEST(JsonLines, TheFileHasItsNameOnlyWhenWhole) {
  const fs::path path =
      fs::path(testing::TempDir()) / ("pasu_lines_" + std::to_string(getpid()) + ".jsonl");
  {
    const auto lines = JsonLines::create(path);
    ASSERT_TRUE(lines);
    ASSERT_TRUE((*lines)->write(example()));
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_FALSE(fs::exists(path.string() + ".part"));
  const auto lines = JsonLines::create(path);
  ASSERT_TRUE((*lines)->write(example()));
  EXPECT_FALSE(fs::exists(path));
  ASSERT_TRUE((*lines)->finish());
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, to_json(example()));
  fs::remove(path);
}

TEST(JsonLines, UnwritablePlaces) {
  const auto lines = JsonLines::create("/no/such/folder/x.jsonl");
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().code(), Errc::io);
  EXPECT_THAT(lines.error().message(), testing::HasSubstr("/no/such/folder/x.jsonl"));
}

TEST(JsonLines, AFullDiskIsSaidAtTheEndAtTheLatest) {
  const auto lines = JsonLines::create("/dev/full");
  ASSERT_TRUE(lines);
  (void)(*lines)->write(example());
  const auto finished = (*lines)->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code(), Errc::no_space);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace pasu::job
