// Scaling lists of H.265, which sequence and picture parameter sets both carry.
#pragma once

#include "bits/bit_reader.h"

namespace pasu::bits {

/// scaling_list_data() (H.265 7.3.4), passed over.
void skip_scaling_lists(BitReader& bits);

}  // namespace pasu::bits
