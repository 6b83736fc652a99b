#include "detect/labels.h"

namespace pasu::detect {

bool is_person(const std::vector<std::string>& labels, int label) {
  if (label < 0 || static_cast<size_t>(label) >= labels.size()) return labels.size() <= 1;
  const std::string& name = labels[static_cast<size_t>(label)];
  return name == "person" || name == "pedestrian";
}

}  // namespace pasu::detect
