// One sample: pictures chosen, drawn, varied.
#pragma once

#include <span>

#include "train/load/detail/random.h"
#include "train/load/loader.h"

namespace pasu::train::detail {

struct SampleJob {
  const BatchPlan& plan;
  size_t picture = 0;
  std::span<const uint32_t> others;  ///< Where mosaics and replacements are drawn from.
};

/// Draws into `rgb`, H W 3 of the plan's size. Errors: malformed (Loader::kTriesMax pictures did
/// not decode).
[[nodiscard]] Result<Batch::Entry> make_sample(PictureSet& pictures, const SampleJob& job,
                                               Random random, std::span<uint8_t> rgb);

}  // namespace pasu::train::detail
