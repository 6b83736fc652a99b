#include "base/read_file.h"

#include <filesystem>
#include <unistd.h>

#include <gmock/gmock.h>

#include "base/part_file.h"

namespace pasu {
namespace {

using ::testing::HasSubstr;

TEST(ReadFile, WholeUpToTheLimitAndNotBeyond) {
  const std::string path = testing::TempDir() + "pasu_read_file_" + std::to_string(::getpid());
  std::string bytes(200'000, 'x');
  bytes[70'000] = '\0';
  ASSERT_TRUE(write_file(path, as_bytes(bytes)));
  EXPECT_EQ(read_file(path, 200'000).value(), bytes);
  const auto over = read_file(path, 199'999);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), Errc::too_large);
  EXPECT_THAT(over.error().message(), HasSubstr(path));
  ASSERT_TRUE(write_file(path, {}));
  EXPECT_EQ(read_file(path, 0).value(), "");
  std::filesystem::remove(path);
}

TEST(ReadFile, WhatCannotBeReadIsNamed) {
  EXPECT_EQ(read_file("/nonexistent/a", 9).error().code(), Errc::not_found);
  EXPECT_EQ(read_file("/dev/null/a", 9).error().code(), Errc::not_found);
  const auto folder = read_file("/tmp", 9);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code(), Errc::io);
  EXPECT_THAT(folder.error().message(), HasSubstr("/tmp: cannot be read"));
  EXPECT_EQ(read_file("/dev/zero", 9).error().code(), Errc::too_large);
}

}  // namespace
}  // namespace pasu
