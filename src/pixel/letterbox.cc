#include "pixel/letterbox.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "base/metrics.h"
#include "pixel/color.h"
#include "pixel/detail/kernels.h"
#include "pixel/detail/letterbox_with.h"

namespace pasu::pixel {
namespace {

using media::PixelFormat;

/// Tables of that many pairs of frame and input are kept per thread; the least used goes first.
constexpr size_t kPlansMax = 16;

bool is_rgb(PixelFormat format) {
  return format == PixelFormat::rgb24 || format == PixelFormat::bgr24;
}

/// Where one of the three channels lies: the sample of its first pixel, counted in its plane.
struct Channel {
  size_t plane = 0;
  int offset = 0;
};

/// How a format's planes and channels lie. A grey frame has one channel.
struct Layout {
  std::vector<int> planes;  ///< Samples of a pixel in each.
  std::vector<Channel> channels;

  static Layout of(PixelFormat format) {
    switch (format) {
      case PixelFormat::i420:
      case PixelFormat::i422:
      case PixelFormat::i444:
        return {{1, 1, 1}, {{0, 0}, {1, 0}, {2, 0}}};
      case PixelFormat::nv12:
        return {{1, 2}, {{0, 0}, {1, 0}, {1, 1}}};
      case PixelFormat::gray8:
        return {{1}, {{0, 0}}};
      case PixelFormat::rgb24:
        return {{3}, {{0, 0}, {0, 1}, {0, 2}}};
      case PixelFormat::bgr24:
        return {{3}, {{0, 2}, {0, 1}, {0, 0}}};
    }
    ASSERT(false);
  }
};

struct PlanePlan {
  int height = 0;
  int row_samples = 0;
  AxisFilter rows;
  AxisFilter columns;
};

/// The tables for one format, source size and input size.
struct Plan {
  PixelFormat format = PixelFormat::i420;
  geom::Letterbox box;
  Layout layout;
  std::vector<PlanePlan> planes;

  Plan(PixelFormat plan_format, const geom::Letterbox& plan_box)
      : format(plan_format), box(plan_box), layout(Layout::of(plan_format)) {
    for (size_t p = 0; p < layout.planes.size(); ++p) {
      const auto [width, height] =
          media::plane_size(format, box.source.width, box.source.height, static_cast<int>(p));
      const int pixel = layout.planes[p];
      // Chroma of half width is sited on the left luma pixel of its pair, of half height between
      // the two (H.264 E.2.1, type 0: what cameras send).
      const bool half_width = p > 0 && format != PixelFormat::i444;
      const bool half_height =
          p > 0 && (format == PixelFormat::i420 || format == PixelFormat::nv12);
      PlanePlan plane;
      plane.height = height;
      plane.row_samples = width * pixel;
      plane.rows =
          make_axis({.count = height, .pitch = half_height ? 2.0 : 1.0},
                    {.source = box.source.height, .outputs = box.scaled.height, .one = kRowsOne});
      plane.columns = make_axis(
          {.count = width, .pitch = half_width ? 2.0 : 1.0, .origin = half_width ? -0.5 : 0.0},
          {.source = box.source.width,
           .outputs = box.scaled.width,
           .one = kColumnsOne,
           .taps_multiple = 8,
           .outputs_multiple = kBlock,
           .step = pixel});
      planes.push_back(std::move(plane));
    }
  }
};

/// What a thread keeps from frame to frame.
struct Scratch {
  std::vector<std::unique_ptr<Plan>> plans;  // last used first
  std::vector<const uint8_t*> rows;
  std::vector<int16_t> mixed;                    // one source row
  std::array<std::vector<int16_t>, 3> channels;  // one output row each
  std::array<std::vector<uint8_t>, 3> rgb;

  const Plan& plan(PixelFormat format, const geom::Letterbox& box) {
    static const metrics::Counter built =
        metrics::registry().counter("pasu_pixel_letterbox_plans_built_total",
                                    "Tables computed to scale one frame size to one input size.");
    const auto found = std::find_if(plans.begin(), plans.end(), [&](const auto& plan) {
      return plan->format == format && plan->box == box;
    });
    if (found != plans.end()) {
      std::rotate(plans.begin(), found, found + 1);
    } else {
      built.add();
      if (plans.size() == kPlansMax) plans.pop_back();
      plans.insert(plans.begin(), std::make_unique<Plan>(format, box));
    }
    return *plans.front();
  }
};

FixedYuvToRgb fixed(const YuvToRgb& k) {
  const auto q13 = [](double value) { return static_cast<int16_t>(std::lround(value * 8192)); };
  return {static_cast<int16_t>(std::lround(k.black * (1 << kSampleBits))),
          q13(k.luma),
          q13(k.red_v),
          q13(k.green_u),
          q13(k.green_v),
          q13(k.blue_u)};
}

/// Output row `y` of `plane` in `scratch.mixed`, still of the source's width.
void mix_rows(const Kernels& kernels, const PlanePlan& plane, const media::Plane& pixels, int y,
              Scratch& scratch) {
  const auto row = static_cast<size_t>(y);
  const int16_t* weight = plane.rows.weight.data() + row * static_cast<size_t>(plane.rows.taps);
  int taps = plane.rows.taps;
  while (taps > 1 && weight[taps - 1] == 0) --taps;
  scratch.rows.clear();
  for (int t = 0; t < taps; ++t)
    scratch.rows.push_back(pixels.data +
                           static_cast<std::ptrdiff_t>(plane.rows.first[row] + t) * pixels.stride);
  const size_t samples = static_cast<size_t>(plane.row_samples + plane.columns.taps + kBlock);
  if (scratch.mixed.size() < samples) scratch.mixed.resize(samples);
  kernels.mix_rows(scratch.rows.data(), weight, taps, plane.row_samples, scratch.mixed.data());
}

}  // namespace

void letterbox_u8_with(const Kernels& kernels, const media::Frame& frame,
                       const geom::Letterbox& box, ChannelOrder order, uint8_t* out) {
  ASSERT(frame.width == box.source.width && frame.height == box.source.height);
  thread_local Scratch scratch;
  const Plan& plan = scratch.plan(frame.format, box);
  const FixedYuvToRgb colors = fixed(YuvToRgb::of(frame.matrix, frame.full_range));
  const int width = box.scaled.width;
  const auto padded = plan.planes[0].columns.first.size();
  for (auto& channel : scratch.channels) channel.assign(padded, 128 << kSampleBits);
  for (auto& channel : scratch.rgb) channel.resize(padded);

  std::array<const int16_t*, 3> sums{};
  std::array<uint8_t*, 3> rgb{};
  for (size_t c = 0; c < 3; ++c) {
    sums[c] = scratch.channels[c].data();
    rgb[c] = scratch.rgb[c].data();
  }
  std::array<const uint8_t*, 3> packed{rgb[0], rgb[1], rgb[2]};
  if (order == ChannelOrder::bgr) std::swap(packed[0], packed[2]);

  const size_t row_bytes = static_cast<size_t>(box.input.width) * 3;
  const size_t left = static_cast<size_t>(box.offset_x) * 3;
  const size_t right = left + static_cast<size_t>(width) * 3;
  std::memset(out, geom::Letterbox::kFill, row_bytes * static_cast<size_t>(box.offset_y));
  uint8_t* row = out + row_bytes * static_cast<size_t>(box.offset_y);
  for (int y = 0; y < box.scaled.height; ++y, row += row_bytes) {
    for (size_t p = 0; p < plan.planes.size(); ++p) {
      mix_rows(kernels, plan.planes[p], frame.planes[p], y, scratch);
      for (size_t c = 0; c < plan.layout.channels.size(); ++c) {
        const Channel& channel = plan.layout.channels[c];
        if (channel.plane == p)
          kernels.mix_columns(scratch.mixed.data() + channel.offset, plan.planes[p].columns,
                              scratch.channels[c].data());
      }
    }
    if (is_rgb(plan.format)) {
      for (size_t c = 0; c < 3; ++c) kernels.round(sums[c], static_cast<int>(padded), rgb[c]);
    } else {
      kernels.yuv_to_rgb(sums, colors, static_cast<int>(padded), rgb);
    }
    std::memset(row, geom::Letterbox::kFill, left);
    kernels.interleave(packed, width, row + left);
    std::memset(row + right, geom::Letterbox::kFill, row_bytes - right);
  }
  std::memset(row, geom::Letterbox::kFill,
              static_cast<size_t>(out + row_bytes * static_cast<size_t>(box.input.height) - row));
}

void letterbox_u8(const media::Frame& frame, const geom::Letterbox& box, ChannelOrder order,
                  uint8_t* out) {
  const Kernels* fast = avx2_kernels();
  letterbox_u8_with(fast ? *fast : scalar_kernels(), frame, box, order, out);
}

}  // namespace pasu::pixel
