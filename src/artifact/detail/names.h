// The manifest's words: names of enumerators, and which outputs each family has.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "artifact/manifest.h"

namespace pasu::artifact::detail {

struct Role {
  const char* name;
  bool optional = false;
};

[[nodiscard]] std::span<const Role> roles(Family family);
[[nodiscard]] bool is_role_of(Family family, std::string_view role);
[[nodiscard]] std::string roles_text(Family family);

/// Errors: malformed, with the names there are and the nearest.
template <class E>
[[nodiscard]] Result<E> from_name(std::string_view name);
/// "a, b, c"
template <class E>
[[nodiscard]] std::string names();

/// None empty, none repeated, none with control characters, not too many.
[[nodiscard]] Result<void> check_labels(const std::vector<std::string>& labels);

}  // namespace pasu::artifact::detail
