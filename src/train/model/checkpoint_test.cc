#include <filesystem>

#include <gmock/gmock.h>

#include "base/part_file.h"
#include "train/model/weights.h"

namespace pasu::train {
namespace {

using testing::HasSubstr;

Checkpoint example() {
  return {.facts = {{"graph", "model small\n"}, {"step", "12"}, {"empty", ""}},
          .arrays = {{"a/weights", {{2, 1, 1, 1}, {1.5f, -2.f}}},
                     {"none", {{0, 3}, {}}},
                     {"step", {{}, {7.f}}}}};
}

TEST(Checkpoint, RoundTrips) {
  const auto read = parse_checkpoint(as_bytes(write_checkpoint(example())));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, example());
}

TEST(Checkpoint, IsNoticedAtEveryCutAndFlip) {
  const std::string whole = write_checkpoint(example());
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(parse_checkpoint(as_bytes(whole).first(n))) << n;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_FALSE(parse_checkpoint(as_bytes(bad))) << i;
  }
  EXPECT_FALSE(parse_checkpoint(as_bytes(whole + "x")));
}

TEST(Checkpoint, SaysWhatIsWrong) {
  std::string later = write_checkpoint(example());
  later[7] = '2';
  EXPECT_EQ(parse_checkpoint(as_bytes(later)).error().code(), Errc::unsupported);
  std::string bad = write_checkpoint(example());
  bad.back() ^= 1;
  EXPECT_THAT(parse_checkpoint(as_bytes(bad)).error().message(),
              HasSubstr("array 'step' is damaged"));
  EXPECT_EQ(parse_checkpoint(as_bytes("PK\3\4 and so on")).error().code(), Errc::malformed);
}

TEST(Checkpoint, FileIsNamedInErrors) {
  const std::string path =
      (std::filesystem::temp_directory_path() / "pasu_checkpoint_test.ckpt").string();
  ASSERT_TRUE(save_checkpoint(example(), path));
  const auto read = load_checkpoint(path);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, example());
  ASSERT_TRUE(write_file(path, as_bytes("PASUCKP1")));
  EXPECT_THAT(load_checkpoint(path).error().message(), HasSubstr(path));
  std::filesystem::remove(path);
  EXPECT_EQ(load_checkpoint(path).error().code(), Errc::not_found);
}

}  // namespace
}  // namespace pasu::train
