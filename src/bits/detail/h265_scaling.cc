#include "bits/detail/h265_scaling.h"

#include <algorithm>

namespace pasu::bits {

void skip_scaling_lists(BitReader& bits) {
  for (int size = 0; size < 4; ++size) {
    const uint32_t step = size == 3 ? 3 : 1;
    for (uint32_t matrix = 0; matrix < 6 && bits.ok(); matrix += step) {
      if (!bits.flag()) {  // scaling_list_pred_mode_flag
        bits.ue("scaling_list_pred_matrix_id_delta", matrix / step);
        continue;
      }
      if (size > 1) bits.se("scaling_list_dc_coef_minus8", -7, 247);
      const int coefficients = std::min(64, 1 << (4 + 2 * size));
      for (int i = 0; i < coefficients && bits.ok(); ++i) {
        bits.se("scaling_list_delta_coef", -128, 127);
      }
    }
  }
}

}  // namespace pasu::bits
