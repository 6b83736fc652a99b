#include "net/detail/unit_queue.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::net::detail {
namespace {

media::AccessUnit unit(int stream, int64_t number, bool key, size_t size = 10) {
  media::AccessUnit out;
  out.stream = stream;
  out.pts = media::Pts(number);
  out.key = key;
  out.data = Bytes::copy(std::vector<uint8_t>(size));
  return out;
}

std::vector<int64_t> drain(UnitQueue& queue) {
  std::vector<int64_t> out;
  while (const auto next = queue.pop()) out.push_back(next->pts.count());
  return out;
}

TEST(UnitQueue, DropsToTheNextKeyUnitOfTheTrack) {
  UnitQueue queue({.units = 2, .bytes = 1000});
  EXPECT_TRUE(queue.push(unit(0, 1, true)));
  EXPECT_TRUE(queue.push(unit(0, 2, false)));
  EXPECT_FALSE(queue.push(unit(0, 3, false)));  // Full.
  EXPECT_EQ(queue.pop()->pts.count(), 1);
  EXPECT_FALSE(queue.push(unit(0, 4, false)));  // There is room, but 3 is missing.
  EXPECT_TRUE(queue.push(unit(0, 5, true)));
  EXPECT_EQ(queue.dropped(), 2u);
  EXPECT_THAT(drain(queue), testing::ElementsAre(2, 5));
}

TEST(UnitQueue, OneTracksLossIsNotAnothers) {
  UnitQueue queue({.units = 100, .bytes = 25});
  EXPECT_TRUE(queue.push(unit(0, 1, true)));
  EXPECT_FALSE(queue.push(unit(0, 2, true, 20)));  // Too many bytes.
  EXPECT_TRUE(queue.push(unit(1, 3, false)));
  EXPECT_FALSE(queue.push(unit(0, 4, false, 1)));
  EXPECT_EQ(queue.bytes(), 20u);
  EXPECT_THAT(drain(queue), testing::ElementsAre(1, 3));
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_TRUE(queue.push(unit(0, 5, true, 20)));
}

}  // namespace
}  // namespace pasu::net::detail
