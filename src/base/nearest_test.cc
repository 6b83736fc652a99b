#include "base/nearest.h"

#include <gtest/gtest.h>

namespace pasu {
namespace {

TEST(Nearest, DistanceCountsSwapsOnce) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("camera", "camrea"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Nearest, FindsSlipsAndRefusesStrangers) {
  const std::vector<std::string> keys{"listen", "threshold", "name"};
  EXPECT_EQ(nearest("treshold", keys), "threshold");
  EXPECT_EQ(nearest("lisetn", keys), "listen");
  EXPECT_EQ(nearest("retention", keys), std::nullopt);
  EXPECT_EQ(nearest(std::string(5000, 'x'), keys), std::nullopt);
}

}  // namespace
}  // namespace pasu
