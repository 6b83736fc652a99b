// "Did you mean": the nearest of a list of names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pasu {

/// Edit distance with swaps of neighbours counted once (optimal string alignment).
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `name`, if near enough to be a slip of the fingers (a third of its
/// length).
[[nodiscard]] std::optional<std::string> nearest(std::string_view name,
                                                 std::span<const std::string> candidates);

}  // namespace pasu
