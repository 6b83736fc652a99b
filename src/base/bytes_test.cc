#include "base/bytes.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace pasu {
namespace {

TEST(Bytes, CopyIsPaddedWithZeros) {
  std::vector<uint8_t> source(100, 0xAB);
  Bytes bytes = Bytes::copy(source);
  source.assign(100, 0);
  EXPECT_EQ(bytes.size(), 100u);
  EXPECT_TRUE(std::all_of(bytes.data(), bytes.data() + 100, [](uint8_t b) { return b == 0xAB; }));
  EXPECT_TRUE(std::all_of(bytes.data() + 100, bytes.data() + 100 + Bytes::kPadding,
                          [](uint8_t b) { return b == 0; }));
}

TEST(Bytes, CopiesShareStorage) {
  Bytes a = Bytes::copy(as_bytes("watch"));
  Bytes b = a;
  a = {};
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(as_text(b), "watch");
}

TEST(Bytes, EmptyCopyIsFine) { EXPECT_EQ(Bytes::copy({}).size(), 0u); }

}  // namespace
}  // namespace pasu
