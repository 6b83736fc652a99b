#include "pixel/detail/luma_kernels.h"

namespace pasu::pixel {
namespace {

void add_rows(const uint8_t* pixel, ptrdiff_t stride, int rows, int n, uint16_t* sums) {
  for (int i = 0; i < n; ++i) sums[i] = pixel[i];
  for (int row = 1; row < rows; ++row) {
    pixel += stride;
    for (int i = 0; i < n; ++i) sums[i] = static_cast<uint16_t>(sums[i] + pixel[i]);
  }
}

void add_columns(const uint16_t* sums, const int* first, const int* width, uint32_t* out) {
  for (int j = 0; j < SmallLuma::kWidth; ++j) {
    uint32_t sum = 0;
    for (int i = 0; i < width[j]; ++i) sum += sums[first[j] + i];
    out[j] = sum;
  }
}

}  // namespace

const LumaKernels& scalar_luma_kernels() {
  static constexpr LumaKernels kKernels{"scalar", add_rows, add_columns};
  return kKernels;
}

}  // namespace pasu::pixel
