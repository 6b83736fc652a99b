#include "base/result.h"

#include <memory>

#include <gtest/gtest.h>

namespace pasu {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::invalid_argument, "{} is odd", n);
  return n / 2;
}

Result<void> check(int n) {
  if (n < 0) return fail(Errc::too_large, "negative");
  return {};
}

Result<int> quarter(int n) {
  TRY(check(n));
  int once = TRY(half(n));
  return TRY(half(once));
}

TEST(Result, TryPassesValuesAndErrors) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message(), "3 is odd");
  EXPECT_EQ(quarter(-4).error().code(), Errc::too_large);
}

TEST(Result, ContextReadsOutsideIn) {
  auto result = with_context(with_context(half(3), "slice"), "camera gate");
  EXPECT_EQ(result.error().message(), "camera gate: slice: 3 is odd");
  EXPECT_EQ(result.error().code(), Errc::invalid_argument);
}

TEST(Result, TryMovesWhatCannotBeCopied) {
  auto outer = []() -> Result<std::unique_ptr<int>> {
    auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
    auto value = TRY(make());
    return value;
  };
  EXPECT_EQ(**outer(), 7);
}

}  // namespace
}  // namespace pasu
