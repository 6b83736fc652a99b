#include "base/markup.h"

#include <gtest/gtest.h>

namespace pasu {
namespace {

TEST(Markup, NothingInItIsATagOrEndsAnAttribute) {
  EXPECT_EQ(escaped_markup("a < b > \"c\" & 정문"), "a &lt; b &gt; &quot;c&quot; &amp; 정문");
  EXPECT_EQ(escaped_markup("&lt;"), "&amp;lt;");
  EXPECT_EQ(escaped_markup(""), "");
}

}  // namespace
}  // namespace pasu
