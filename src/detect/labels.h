// What the labels of models mean to us.
#pragma once

#include <string>
#include <vector>

namespace pasu::detect {

/// Whether `labels[label]` means a person. A model of one class without names finds people.
[[nodiscard]] bool is_person(const std::vector<std::string>& labels, int label);

}  // namespace pasu::detect
