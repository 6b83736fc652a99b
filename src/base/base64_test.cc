#include "base/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu {
namespace {

struct Case {
  const char* plain;
  const char* encoded;
};

// RFC 4648 section 10.
const Case kCases[] = {{"", ""},
                       {"f", "Zg=="},
                       {"fo", "Zm8="},
                       {"foo", "Zm9v"},
                       {"foob", "Zm9vYg=="},
                       {"fooba", "Zm9vYmE="},
                       {"foobar", "Zm9vYmFy"},
                       {"\xff\xef\xfe", "/+/+"}};

TEST(Base64, BothWays) {
  for (const auto& [plain, encoded] : kCases) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    const auto back = from_base64(encoded);
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_EQ(as_text(*back), plain);
  }
}

TEST(Base64, PaddingMayBeMissing) {
  EXPECT_EQ(as_text(from_base64("Zg").value()), "f");
  EXPECT_EQ(as_text(from_base64("Zm8").value()), "fo");
}

TEST(Base64, WhatIsNoBase64IsNamed) {
  for (const char* text : {"Z", "Zm9vY", "Zg===", "Zm 9", "Zm-v", "Z=m9"}) {
    const auto result = from_base64(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code(), Errc::malformed);
  }
  EXPECT_THAT(from_base64("Zm-v").error().message(), testing::HasSubstr("byte 2"));
}

}  // namespace
}  // namespace pasu
