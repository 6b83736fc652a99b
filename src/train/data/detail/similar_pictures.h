// Pictures that look nearly alike, found without comparing each with each.
#pragma once

#include <array>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "train/data/detail/decode_picture.h"

namespace pasu::data::detail {

class SimilarPictures {
 public:
  using Name = std::pair<size_t, size_t>;  ///< Split and picture.
  /// Of 256 bits; measured on fixed cameras' frames and on photos, docs/ref/data.md.
  static constexpr int kDistanceMax = 12;

  /// An earlier picture that looks like this one, if any; the picture is remembered in any case.
  [[nodiscard]] std::optional<Name> add(const Looks& looks, Name name);

 private:
  // Of 16 parts of 16 bits at least 4 are the same where no more than 12 bits differ, so it is
  // enough to look up 13 of them; a part shared by very many pictures tells nothing.
  static constexpr size_t kParts = 13, kSharedMax = 256;
  struct One {
    Looks looks;
    Name name;
  };
  std::vector<One> all_;
  std::array<std::unordered_map<uint16_t, std::vector<uint32_t>>, kParts> by_part_;
};

}  // namespace pasu::data::detail
