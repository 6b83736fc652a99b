#include "train/load/preview.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "av/encoder.h"
#include "media/new_frame.h"

namespace pasu::train {
namespace {

using Color = std::array<uint8_t, 3>;
constexpr Color kPerson = {0, 255, 60}, kTeacher = {255, 220, 0}, kIgnored = {170, 170, 170};

/// The sheet being drawn.
struct Canvas {
  int width, height, stride;
  uint8_t* pixels;

  void put(int x, int y, const Color& color) const {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    std::copy(color.begin(), color.end(), pixels + std::ptrdiff_t{y} * stride + x * 3);
  }
  void outline(int x1, int y1, int x2, int y2, const Color& color) const {
    for (int x = x1; x <= x2; ++x) {
      put(x, y1, color);
      put(x, y2, color);
    }
    for (int y = y1; y <= y2; ++y) {
      put(x1, y, color);
      put(x2, y, color);
    }
  }
};

}  // namespace

Result<Bytes> preview(const std::vector<Sample>& samples, const PreviewOptions& options) {
  if (samples.empty()) return fail(Errc::invalid_argument, "no sample to show");
  const geom::Size size = samples.front().size;
  for (const Sample& sample : samples)
    if (sample.size != size)
      return fail(Errc::invalid_argument, "samples of {}x{} and of {}x{} on one sheet", size.width,
                  size.height, sample.size.width, sample.size.height);
  constexpr int kGap = 2;
  const auto n = static_cast<int>(samples.size());
  const int columns = std::clamp(
      options.columns > 0
          ? options.columns
          : static_cast<int>(std::lround(std::sqrt(n * 1.2 * size.height / size.width) * 1.2)),
      1, n);
  const int rows = (n + columns - 1) / columns;
  media::NewFrame sheet =
      media::new_frame(media::PixelFormat::rgb24, columns * (size.width + kGap) - kGap,
                       rows * (size.height + kGap) - kGap);
  const Canvas canvas{sheet.frame.width, sheet.frame.height, sheet.frame.planes[0].stride,
                      sheet.planes[0]};
  std::memset(canvas.pixels, 0,
              static_cast<size_t>(canvas.stride) * static_cast<size_t>(canvas.height));
  const auto row_bytes = static_cast<size_t>(size.width) * 3;
  for (int i = 0; i < n; ++i) {
    const Sample& sample = samples[static_cast<size_t>(i)];
    const int x0 = i % columns * (size.width + kGap), y0 = i / columns * (size.height + kGap);
    for (int y = 0; y < size.height; ++y)
      std::memcpy(canvas.pixels + std::ptrdiff_t{y0 + y} * canvas.stride + x0 * 3,
                  sample.rgb.data() + static_cast<size_t>(y) * row_bytes, row_bytes);
    for (const Truth& truth : sample.truths) {
      const Color& color = truth.ignore ? kIgnored : truth.score < 1 ? kTeacher : kPerson;
      const auto edge = [](float at, int last) {
        return std::clamp(static_cast<int>(std::lround(at)), 0, last);
      };
      canvas.outline(x0 + edge(truth.x1, size.width - 1), y0 + edge(truth.y1, size.height - 1),
                     x0 + edge(truth.x2 - 1, size.width - 1),
                     y0 + edge(truth.y2 - 1, size.height - 1), color);
    }
  }
  return av::encode_jpeg(sheet.frame, options.quality);
}

std::vector<Sample> samples_of(const Batch& batch) {
  std::vector<Sample> out;
  const size_t bytes = batch.samples.empty() ? 0 : batch.rgb.size() / batch.samples.size();
  for (size_t i = 0; i < batch.samples.size(); ++i) {
    const auto begin = batch.rgb.begin() + static_cast<std::ptrdiff_t>(i * bytes);
    out.push_back({.size = batch.size,
                   .rgb = {begin, begin + static_cast<std::ptrdiff_t>(bytes)},
                   .truths = batch.samples[i].truths,
                   .name = batch.samples[i].name,
                   .picture = batch.samples[i].picture});
  }
  return out;
}

}  // namespace pasu::train
