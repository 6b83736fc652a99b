// A contact sheet of what the loader makes: the boxes drawn on the samples, to look at.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "train/load/sample.h"

namespace pasu::train {

struct PreviewOptions {
  int columns = 0;  ///< 0: about as many as rows.
  int quality = 92;
};

/// A JPEG of all samples, which must be of one size. Objects are green where a person annotated
/// them, yellow where a teacher did, to be ignored ones are grey.
/// Errors: invalid_argument (none, or of several sizes), those of the encoder.
[[nodiscard]] Result<Bytes> preview(const std::vector<Sample>& samples,
                                    const PreviewOptions& options = {});

/// The samples of a batch, each with pixels of its own.
[[nodiscard]] std::vector<Sample> samples_of(const Batch& batch);

}  // namespace pasu::train
