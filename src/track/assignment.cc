#include "track/assignment.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace pasu::track {
namespace {

constexpr double kForbidden = 1e9;  // Never chosen: a row's own "left alone" column is cheaper.

}  // namespace

std::span<const uint32_t> Assignment::solve(uint32_t rows, uint32_t cols,
                                            std::span<const Edge> edges, float unmatched_cost) {
  column_of_row_.assign(rows, kNone);
  if (edges.empty()) return column_of_row_;
  group_by_component(rows, cols, edges);
  const std::span<const Edge> sorted(sorted_);
  for (size_t begin = 0; begin < sorted.size();) {
    const uint32_t root = find(sorted[begin].row);
    size_t end = begin + 1;
    while (end < sorted.size() && find(sorted[end].row) == root) ++end;
    solve_component(sorted.subspan(begin, end - begin), unmatched_cost);
    begin = end;
  }
  return column_of_row_;
}

uint32_t Assignment::find(uint32_t node) {
  while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
  return node;
}

// A counting sort of the edges by their component.
void Assignment::group_by_component(uint32_t rows, uint32_t cols, std::span<const Edge> edges) {
  const uint32_t nodes = rows + cols;
  parent_.resize(nodes);
  for (uint32_t i = 0; i < nodes; ++i) parent_[i] = i;
  for (const Edge& edge : edges) {
    ASSERT(edge.row < rows && edge.col < cols);
    parent_[find(edge.row)] = find(rows + edge.col);
  }
  edges_before_.assign(nodes + 1, 0);
  for (const Edge& edge : edges) ++edges_before_[find(edge.row) + 1];
  for (uint32_t i = 0; i < nodes; ++i) edges_before_[i + 1] += edges_before_[i];
  sorted_.resize(edges.size());
  for (const Edge& edge : edges) sorted_[edges_before_[find(edge.row)]++] = edge;
  local_.assign(nodes, kNone);
}

void Assignment::solve_component(std::span<const Edge> edges, float unmatched_cost) {
  if (edges.size() == 1) {
    if (edges[0].cost < unmatched_cost) column_of_row_[edges[0].row] = edges[0].col;
    return;
  }
  const auto first_col = static_cast<uint32_t>(column_of_row_.size());
  const auto number = [&](std::vector<uint32_t>& list, uint32_t node, uint32_t name) {
    if (local_[node] != kNone) return;
    local_[node] = static_cast<uint32_t>(list.size());
    list.push_back(name);
  };
  rows_.clear();
  cols_.clear();
  for (const Edge& edge : edges) {
    number(rows_, edge.row, edge.row);
    number(cols_, first_col + edge.col, edge.col);
  }
  const size_t width = cols_.size() + rows_.size();
  cost_.assign(rows_.size() * width, kForbidden);
  for (const Edge& edge : edges)
    cost_[local_[edge.row] * width + local_[first_col + edge.col]] = edge.cost;
  for (size_t i = 0; i < rows_.size(); ++i) cost_[i * width + cols_.size() + i] = unmatched_cost;
  solve_dense(unmatched_cost);
}

// The Hungarian method with potentials: one shortest augmenting path a row. Row and column 0 are
// the path's artificial start, so real ones count from 1.
void Assignment::solve_dense(float unmatched_cost) {
  const size_t rows = rows_.size(), width = cols_.size() + rows;
  row_potential_.assign(rows + 1, 0);
  col_potential_.assign(width + 1, 0);
  row_of_col_.assign(width + 1, 0);
  previous_col_.assign(width + 1, 0);
  for (size_t row = 1; row <= rows; ++row) {
    slack_.assign(width + 1, std::numeric_limits<double>::infinity());
    visited_.assign(width + 1, 0);
    row_of_col_[0] = static_cast<uint32_t>(row);
    size_t col = 0;
    do {
      visited_[col] = 1;
      const size_t from = row_of_col_[col];
      const double* costs = &cost_[(from - 1) * width];
      double least = std::numeric_limits<double>::infinity();
      size_t next = 0;
      for (size_t j = 1; j <= width; ++j) {
        if (visited_[j]) continue;
        const double reduced = costs[j - 1] - row_potential_[from] - col_potential_[j];
        if (reduced < slack_[j]) {
          slack_[j] = reduced;
          previous_col_[j] = static_cast<uint32_t>(col);
        }
        if (slack_[j] < least) {
          least = slack_[j];
          next = j;
        }
      }
      for (size_t j = 0; j <= width; ++j) {
        if (visited_[j]) {
          row_potential_[row_of_col_[j]] += least;
          col_potential_[j] -= least;
        } else {
          slack_[j] -= least;
        }
      }
      col = next;
    } while (row_of_col_[col] != 0);
    for (; col != 0; col = previous_col_[col]) row_of_col_[col] = row_of_col_[previous_col_[col]];
  }
  for (size_t j = 1; j <= cols_.size(); ++j) {
    if (row_of_col_[j] == 0) continue;
    const size_t row = row_of_col_[j] - 1;
    if (cost_[row * width + j - 1] < unmatched_cost) column_of_row_[rows_[row]] = cols_[j - 1];
  }
}

}  // namespace pasu::track
