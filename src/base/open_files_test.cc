#include "base/open_files.h"

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace pasu {
namespace {

class OpenFilesTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0); }
  void TearDown() override { ::setrlimit(RLIMIT_NOFILE, &before_); }
  void limit(rlim_t count) {
    rlimit tight = before_;
    tight.rlim_cur = count;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  }
  rlimit before_{};
};

TEST_F(OpenFilesTest, TheLastOnesAreKept) {
  limit(200);
  EXPECT_EQ(descriptors_kept(), 50u);
  EXPECT_FALSE(is_one_of_the_last(149, 50));
  EXPECT_TRUE(is_one_of_the_last(150, 50));
  EXPECT_TRUE(is_one_of_the_last(199, 0 + 1));
}

TEST_F(OpenFilesTest, TheLimitIsRaisedToWhatMayBe) {
  limit(100);
  EXPECT_EQ(raise_open_files_limit(), before_.rlim_max);
}

}  // namespace
}  // namespace pasu
