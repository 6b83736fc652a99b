#include "base/part_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>

namespace pasu {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PartFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/pasu-part-XXXXXX";
    folder_ = ::mkdtemp(name);
    path_ = folder_ / "a.txt";
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_))
      out.push_back(entry.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_, path_;
};

TEST_F(PartFileTest, GetsItsNameWhenWhole) {
  {
    PartFile file = PartFile::create(path_, 0600).value();
    ASSERT_TRUE(file.write(as_bytes("ab")));
    ASSERT_TRUE(file.write(as_bytes("c")));
    ASSERT_TRUE(file.sync());
    EXPECT_THAT(files(), ElementsAre("a.txt.part"));
    ASSERT_TRUE(file.commit());
  }
  EXPECT_THAT(files(), ElementsAre("a.txt"));
  EXPECT_EQ(text(), "abc");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms(0600));
}

TEST_F(PartFileTest, WithoutCommitWhatWasThereStays) {
  ASSERT_TRUE(write_file(path_, as_bytes("before")));
  {
    PartFile file = PartFile::create(path_).value();
    ASSERT_TRUE(file.write(as_bytes("after")));
    PartFile moved = std::move(file);
    EXPECT_THAT(files(), ElementsAre("a.txt", "a.txt.part"));
  }
  EXPECT_THAT(files(), ElementsAre("a.txt"));
  EXPECT_EQ(text(), "before");
}

// /dev/full, whose every write fails as a full disk's does, in the part file's place.
TEST_F(PartFileTest, AFullDiskIsSaidAndWhatWasThereStays) {
  ASSERT_TRUE(write_file(path_, as_bytes("before")));
  fs::create_symlink("/dev/full", path_.string() + ".part");
  const auto written = write_file(path_, as_bytes("after"), {.mode = 0600, .sync = true});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), Errc::no_space);
  EXPECT_THAT(written.error().message(),
              HasSubstr(path_.string() + ": cannot be written: No space"));
  EXPECT_THAT(files(), ElementsAre("a.txt"));
  EXPECT_EQ(text(), "before");
}

TEST_F(PartFileTest, AFolderThatTakesNoFilesIsNamed) {
  const auto missing = PartFile::create(folder_ / "none/a.txt");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), Errc::io);
  EXPECT_THAT(missing.error().message(), HasSubstr("none/a.txt"));
  EXPECT_FALSE(write_file("/proc/a.txt", as_bytes("x")));  // Root may not either.
}

TEST_F(PartFileTest, AFolderOfItsNameIsNotReplaced) {
  fs::create_directory(path_);
  const auto written = write_file(path_, as_bytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), Errc::io);
  EXPECT_THAT(files(), ElementsAre("a.txt"));
}

TEST_F(PartFileTest, DevicesAndPipesAreWrittenAsTheyAre) {
  const auto full = write_file("/dev/full", as_bytes("x"));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), Errc::no_space);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));

  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  ASSERT_TRUE(write_file(path_, as_bytes("x"), {.mode = 0644, .sync = true}));
  EXPECT_TRUE(fs::is_fifo(path_));
  EXPECT_THAT(files(), ElementsAre("a.txt"));
}

}  // namespace
}  // namespace pasu
