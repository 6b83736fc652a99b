// Once warm, update() allocates nothing: this program counts every call of operator new.
#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include <gtest/gtest.h>

#include "track/tracker.h"

namespace {
std::atomic<size_t> g_allocations = 0;
}

// Not inlined: gcc would then warn of free() on what `new` gave.
[[gnu::noinline]] void* operator new(size_t size) {
  ++g_allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace pasu::track {
namespace {

// A crowd that comes and goes: everybody walks, a third hides in turn, one in ten is unsure.
std::vector<geom::Detection> crowd_at(int frame) {
  std::vector<geom::Detection> crowd;
  for (int i = 0; i < 60; ++i) {
    if ((frame / 20 + i) % 3 == 0) continue;
    geom::Detection one;
    one.box = {static_cast<float>(30 * (i % 20) + frame % 50), static_cast<float>(90 * (i / 20)),
               40, 100};
    one.score = i % 10 == 0 && frame % 4 == 0 ? 0.3f : 0.8f;
    crowd.push_back(one);
  }
  return crowd;
}

TEST(TrackerAllocation, NoneOnceWarm) {
  std::vector<std::vector<geom::Detection>> frames;
  for (int i = 0; i < 300; ++i) frames.push_back(crowd_at(i));
  Tracker tracker;
  media::Pts pts{0};
  const auto play = [&] {
    for (const auto& frame : frames)
      (void)tracker.update(frame, pts += std::chrono::milliseconds(40));
  };
  g_allocations = 0;
  play();
  EXPECT_GT(g_allocations, 0u) << "the counter does not count";
  g_allocations = 0;
  play();
  EXPECT_EQ(g_allocations, 0u);
}

}  // namespace
}  // namespace pasu::track
