#include "track/assignment.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace pasu::track {
namespace {

constexpr float kAlone = 2.0f;

float cost_of(std::span<const uint32_t> columns, std::span<const Edge> edges) {
  float total = 0;
  for (uint32_t row = 0; row < columns.size(); ++row) {
    const auto edge = std::ranges::find_if(
        edges, [&](const Edge& e) { return e.row == row && e.col == columns[row]; });
    EXPECT_EQ(edge == edges.end(), columns[row] == Assignment::kNone) << "matched without an edge";
    total += edge == edges.end() ? kAlone : edge->cost;
  }
  return total;
}

// Tries every assignment of rows from `row` on.
float least_cost(uint32_t row, uint32_t rows, std::span<const Edge> edges, uint32_t taken) {
  if (row == rows) return 0;
  float best = kAlone + least_cost(row + 1, rows, edges, taken);
  for (const Edge& edge : edges)
    if (edge.row == row && (taken >> edge.col & 1) == 0)
      best = std::min(best, edge.cost + least_cost(row + 1, rows, edges, taken | 1u << edge.col));
  return best;
}

TEST(Assignment, NothingToMatch) {
  Assignment assignment;
  EXPECT_TRUE(assignment.solve(0, 0, {}, kAlone).empty());
  const auto columns = assignment.solve(2, 3, {}, kAlone);
  ASSERT_EQ(columns.size(), 2u);
  EXPECT_EQ(columns[0], Assignment::kNone);
}

TEST(Assignment, PrefersTheBestTotalToTheBestPair) {
  // The greedy choice (0, 0) would cost 0.1 + 1.9.
  const std::vector<Edge> edges = {{0, 0, .1f}, {0, 1, .3f}, {1, 0, .2f}, {1, 1, 1.9f}};
  Assignment assignment;
  const auto columns = assignment.solve(2, 2, edges, kAlone);
  EXPECT_EQ(columns[0], 1u);
  EXPECT_EQ(columns[1], 0u);
}

TEST(Assignment, LeavesAloneWhatCostsMore) {
  const std::vector<Edge> edges = {{0, 0, 2.5f}, {1, 1, 2.5f}, {1, 0, 1.0f}};
  Assignment assignment;
  const auto columns = assignment.solve(2, 2, edges, kAlone);
  EXPECT_EQ(columns[0], Assignment::kNone);
  EXPECT_EQ(columns[1], 0u);
}

TEST(Assignment, OptimalOnRandomGraphs) {
  std::mt19937 random(7);
  const auto unit = [&] { return static_cast<float>(random() / 4294967296.0); };
  Assignment assignment;  // One for all, so that leftovers of the last graph would show.
  for (int round = 0; round < 3000; ++round) {
    const uint32_t rows = random() % 7, cols = random() % 7;
    const float density = unit();
    std::vector<Edge> edges;
    for (uint32_t row = 0; row < rows; ++row)
      for (uint32_t col = 0; col < cols; ++col)
        if (unit() < density) edges.push_back({row, col, unit() * 2.5f});
    std::ranges::shuffle(edges, random);
    const auto columns = assignment.solve(rows, cols, edges, kAlone);
    ASSERT_EQ(columns.size(), rows);
    std::vector<uint32_t> used;
    for (const uint32_t col : columns)
      if (col != Assignment::kNone) used.push_back(col);
    std::ranges::sort(used);
    ASSERT_EQ(std::ranges::adjacent_find(used), used.end()) << "a column went to two rows";
    ASSERT_NEAR(cost_of(columns, edges), least_cost(0, rows, edges, 0), 1e-4) << "round " << round;
  }
}

}  // namespace
}  // namespace pasu::track
