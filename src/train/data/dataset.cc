#include "train/data/dataset.h"

#include <algorithm>

namespace pasu::data {

const Category* DataSet::category(int64_t id) const {
  const auto found = std::ranges::find(categories, id, &Category::id);
  return found == categories.end() ? nullptr : &*found;
}

const Category* DataSet::category(std::string_view name) const {
  const auto found = std::ranges::find(categories, name, &Category::name);
  return found == categories.end() ? nullptr : &*found;
}

}  // namespace pasu::data
