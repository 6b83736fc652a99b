#include "base/part_folder.h"

#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

namespace pasu {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PartFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/pasu-part-folder-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(PartFolderTest, VanishesUnlessItIsKept) {
  const fs::path part = folder_ / "a.part";
  {
    const auto made = PartFolder::create(part);
    ASSERT_TRUE(made) << made.error().message();
    std::ofstream(made->path() / "file") << "text";
  }
  EXPECT_FALSE(fs::exists(part));
}

TEST_F(PartFolderTest, KeptItHasItsNameAndAllThatIsInIt) {
  fs::create_directories(folder_ / "a.part");
  std::ofstream(folder_ / "a.part/old") << "left by somebody who was killed";
  {
    auto made = PartFolder::create(folder_ / "a.part");
    ASSERT_TRUE(made) << made.error().message();
    std::ofstream(made->path() / "file") << "text";
    ASSERT_TRUE(made->keep_as(folder_ / "a"));
  }
  EXPECT_TRUE(fs::exists(folder_ / "a/file"));
  EXPECT_FALSE(fs::exists(folder_ / "a/old"));
  EXPECT_FALSE(fs::exists(folder_ / "a.part"));
}

TEST_F(PartFolderTest, SaysWhatCannotBeMade) {
  EXPECT_THAT(PartFolder::create("/dev/null/a").error().message(),
              HasSubstr("/dev/null/a: cannot"));
  auto made = PartFolder::create(folder_ / "a.part");
  ASSERT_TRUE(made);
  const auto kept = made->keep_as(folder_ / "none/a");
  ASSERT_FALSE(kept);
  EXPECT_THAT(kept.error().message(), HasSubstr("none/a: cannot be made"));
}

}  // namespace
}  // namespace pasu
