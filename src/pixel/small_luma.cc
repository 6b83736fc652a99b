#include "pixel/small_luma.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "pixel/detail/luma_kernels.h"

namespace pasu::pixel {
namespace {

using media::PixelFormat;

constexpr int kWidth = SmallLuma::kWidth, kHeight = SmallLuma::kHeight;

/// The pixels of a cell on an axis.
struct Span {
  int first, count;
};
Span span_of(int cell, int cells, int pixels) {
  const auto edge = [&](int i) { return static_cast<int>(int64_t{i} * pixels / cells); };
  const int first = std::min(edge(cell), pixels - 1);
  return {first, std::max(1, edge(cell + 1) - first)};
}

bool is_rgb(PixelFormat format) {
  return format == PixelFormat::rgb24 || format == PixelFormat::bgr24;
}

// BT.601-7 2.5.1, of a sum of 256.
constexpr uint32_t kRed = 77, kGreen = 150, kBlue = 29;

/// The sums of rows of three samples a pixel, as sums of luma.
void add_rgb_columns(const uint16_t* sums, const int* first, const int* width, bool bgr,
                     uint32_t* out) {
  const uint32_t share[3] = {bgr ? kBlue : kRed, kGreen, bgr ? kRed : kBlue};
  for (int j = 0; j < kWidth; ++j) {
    uint32_t sum = 0;
    for (int i = first[j]; i < first[j] + width[j]; ++i)
      for (int c = 0; c < 3; ++c) sum += share[c] * sums[3 * i + c];
    out[j] = (sum + 128) >> 8;
  }
}

}  // namespace

void small_luma_with(const LumaKernels& kernels, const media::Frame& frame, SmallLuma& out) {
  ASSERT(frame.width > 0 && frame.height > 0 && frame.planes[0].data != nullptr);
  const int n = frame.width * media::samples_per_pixel(frame.format, 0);
  thread_local std::vector<uint16_t> sums;
  sums.resize(static_cast<size_t>(n) + LumaKernels::kPadding);

  int first[kWidth], width[kWidth];
  for (int j = 0; j < kWidth; ++j) {
    const Span span = span_of(j, kWidth, frame.width);
    first[j] = span.first;
    width[j] = span.count;
  }
  float share[kWidth] = {};
  int share_rows = 0;
  for (int y = 0; y < kHeight; ++y) {
    const Span span = span_of(y, kHeight, frame.height);
    const int step = (span.count + LumaKernels::kRowsMax - 1) / LumaKernels::kRowsMax;
    const int rows = span.count / step;
    const ptrdiff_t stride = frame.planes[0].stride;
    kernels.add_rows(frame.planes[0].data + span.first * stride, step * stride, rows, n,
                     sums.data());
    uint32_t total[kWidth];
    if (is_rgb(frame.format))
      add_rgb_columns(sums.data(), first, width, frame.format == PixelFormat::bgr24, total);
    else
      kernels.add_columns(sums.data(), first, width, total);
    if (rows != share_rows)
      for (int j = 0; j < kWidth; ++j) share[j] = 1.0f / static_cast<float>(rows * width[j]);
    share_rows = rows;
    uint8_t* cell = out.cells.data() + y * kWidth;
    for (int j = 0; j < kWidth; ++j) {
      const auto sum = static_cast<float>(static_cast<int>(total[j]));
      // Never negative. NOLINTNEXTLINE(bugprone-incorrect-roundings)
      cell[j] = static_cast<uint8_t>(static_cast<int>(sum * share[j] + 0.5f));
    }
  }
}

void small_luma(const media::Frame& frame, SmallLuma& out) {
  static const LumaKernels& best =
      avx2_luma_kernels() ? *avx2_luma_kernels() : scalar_luma_kernels();
  small_luma_with(best, frame, out);
}

}  // namespace pasu::pixel
