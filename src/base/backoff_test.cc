#include "base/backoff.h"

#include <gtest/gtest.h>

namespace pasu {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesToItsLimitAndIsSpread) {
  Backoff backoff;
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) EXPECT_EQ(backoff.next(0), expected);
  EXPECT_EQ(backoff.next(0.999), 15015ms);
  backoff.reset();
  EXPECT_EQ(backoff.next(0), 1s);
}

TEST(Backoff, ByItsOptions) {
  Backoff backoff({.first = 3s, .last = 5s, .spread = 0.9});
  EXPECT_EQ(backoff.next(0), 3s);
  EXPECT_EQ(backoff.next(0), 5s);
  EXPECT_EQ(backoff.next(0.5), 2750ms);
}

}  // namespace
}  // namespace pasu
