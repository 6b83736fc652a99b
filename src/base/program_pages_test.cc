#include "base/program_pages.h"

#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pasu {
namespace {

// Kilobytes of files that are mapped and held.
long file_pages_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
  }
  return -1;
}

TEST(ProgramPages, AreHeldAgainOnlyAsTheyAreUsed) {
  const long before = file_pages_kb();
  ASSERT_GT(before, 0);
  release_program_pages();
  EXPECT_LT(file_pages_kb(), before);
  // Code, constants and relocated tables (vtables, imported functions) are as they were.
  EXPECT_EQ(fmt::format("{} {:.2f}", "still", 0.25), "still 0.25");
  EXPECT_THROW((void)std::stol("no number"), std::invalid_argument);
}

}  // namespace
}  // namespace pasu
