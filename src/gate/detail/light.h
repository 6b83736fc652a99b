// What the light, or the camera's exposure, did between two pictures.
#pragma once

#include "gate/detail/kernels.h"

namespace pasu::gate {

/// The line now = gain * before + offset that most of the picture follows, by medians: what moves
/// on less than a third of it does not bend the line. Identity where nothing changed.
[[nodiscard]] Tone estimate_tone(const uint8_t* before, const uint8_t* now);

}  // namespace pasu::gate
