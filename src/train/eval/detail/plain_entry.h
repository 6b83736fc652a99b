// One result in the form that nearly all files have, read at the speed of a byte scan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "train/data/dataset.h"

namespace pasu::eval::detail {

struct PlainEntry {
  int64_t picture = 0, category = 0;
  data::Box box;
  double score = 0;
};

/// Bytes of the entry that `text` begins with, where it is an object of the four keys alone, each
/// once, with finite numbers and whole ids; 0 where it is anything else, right or wrong: then a
/// strict reader must look.
[[nodiscard]] size_t read_plain_entry(std::string_view text, PlainEntry& out);

}  // namespace pasu::eval::detail
