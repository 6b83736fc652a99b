#include "base/json_text.h"

#include <gtest/gtest.h>

namespace pasu {
namespace {

TEST(JsonText, QuotesAndEscapes) {
  EXPECT_EQ(json_text(""), R"("")");
  EXPECT_EQ(json_text("정문 \"1\"\\\n\x01"), R"("정문 \"1\"\\\n\u0001")");
}

TEST(JsonText, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(json_text("a\xFF"
                      "b"),
            "\"a\uFFFDb\"");
}

}  // namespace
}  // namespace pasu
