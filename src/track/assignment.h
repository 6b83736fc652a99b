// Who goes with whom at the least total cost: optimal assignment on a sparse bipartite graph.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pasu::track {

/// Row `row` may be matched with column `col` for `cost`.
struct Edge {
  uint32_t row = 0;
  uint32_t col = 0;
  float cost = 0;  ///< Finite.
};

/// Minimises the sum of the matched edges' costs plus `unmatched_cost` for each row left alone.
///
/// The graph falls apart into components (people far from each other share no edge); each is
/// solved exactly by shortest augmenting paths (Hungarian method, O(rows^2 * columns)), so the
/// whole is optimal. Keeps its buffers: no allocation once it has seen a graph of the size.
class Assignment {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  /// The column of each row, or kNone. Valid until the next call. At most one edge a pair.
  std::span<const uint32_t> solve(uint32_t rows, uint32_t cols, std::span<const Edge> edges,
                                  float unmatched_cost);

 private:
  uint32_t find(uint32_t node);
  void group_by_component(uint32_t rows, uint32_t cols, std::span<const Edge> edges);
  void solve_component(std::span<const Edge> edges, float unmatched_cost);
  void solve_dense(float unmatched_cost);

  std::vector<uint32_t> parent_;         // Union-find over rows, then columns.
  std::vector<Edge> sorted_;             // Edges, one component after the other.
  std::vector<uint32_t> edges_before_;   // By component root: where its edges start in sorted_.
  std::vector<uint32_t> column_of_row_;  // The answer.
  std::vector<uint32_t> local_;          // Graph's row or column number to the component's.

  std::vector<uint32_t> rows_, cols_;  // The component's rows and columns, as the graph's numbers.
  std::vector<double> cost_;           // [rows, cols + rows]: the last block is "left alone".
  std::vector<double> row_potential_, col_potential_, slack_;
  std::vector<uint32_t> row_of_col_, previous_col_;
  std::vector<uint8_t> visited_;
};

}  // namespace pasu::track
