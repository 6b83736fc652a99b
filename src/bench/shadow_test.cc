#include "bench/shadow.h"

#include <gtest/gtest.h>

namespace pasu::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr MonoTime kStart{seconds(1000)};
constexpr geom::Box kBox{10, 10, 20, 50}, kElsewhere{300, 10, 20, 50};

// A run whose timeline began `offset` before kStart.
struct Watched {
  milliseconds offset;
  std::vector<Told> told;
  void tell(milliseconds at, std::vector<Told::Person> people,
            milliseconds delay = milliseconds(4)) {
    told.push_back({kStart + at + delay, at + offset, false, std::move(people)});
  }
};

// Somebody from the second to the fourth second, of five frames each.
Watched full_run() {
  Watched out{seconds(50), {}};
  for (int i = 0; i < 50; ++i) {
    const bool there = i >= 10 && i < 25;
    out.tell(milliseconds(200) * i,
             there ? std::vector<Told::Person>{{7, kBox}} : std::vector<Told::Person>{});
  }
  return out;
}

TEST(Shadow, WhoIsNeverToldIsMissed) {
  Watched gated{seconds(3), {}};
  gated.tell(milliseconds(100), {});
  gated.tell(milliseconds(4100), {{1, kElsewhere}});
  const auto out = compare_runs(full_run().told, gated.told, kStart, kStart + seconds(10));
  EXPECT_EQ(out.person_seconds, 3);
  EXPECT_EQ(out.missed, 3);
}

TEST(Shadow, ABoxNearbyInTimeDoesWhateverTheTimelines) {
  Watched gated{seconds(3), {}};
  gated.tell(milliseconds(100), {});
  gated.tell(milliseconds(3100), {{1, kBox}}, milliseconds(900));  // Told late, of then.
  const auto out = compare_runs(full_run().told, gated.told, kStart, kStart + seconds(10));
  EXPECT_EQ(out.person_seconds, 3);
  EXPECT_EQ(out.missed, 0);
}

TEST(Shadow, WhoWasAwakeMissedNobody) {
  Watched gated{seconds(3), {}};
  for (int i = 0; i < 50; ++i) gated.tell(milliseconds(200) * i, {});
  EXPECT_EQ(compare_runs(full_run().told, gated.told, kStart, kStart + seconds(10)).missed, 0);
}

}  // namespace
}  // namespace pasu::bench
