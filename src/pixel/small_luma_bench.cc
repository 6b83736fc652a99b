// small_luma per frame, by both kernel sets.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "pixel/detail/luma_kernels.h"

namespace pasu::pixel {
namespace {

media::Frame noise(int width, int height) {
  auto bytes = std::make_shared<std::vector<uint8_t>>(static_cast<size_t>(width * height));
  uint32_t state = 1;
  for (auto& b : *bytes) b = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  media::Frame out;
  out.format = media::PixelFormat::gray8;
  out.width = width;
  out.height = height;
  out.planes[0] = {bytes->data(), width};
  out.owner = bytes;
  return out;
}

void small_luma(benchmark::State& state, const LumaKernels* kernels) {
  if (!kernels) return state.SkipWithError("this processor lacks it");
  const media::Frame frame =
      noise(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  SmallLuma out;
  for (auto _ : state) {
    small_luma_with(*kernels, frame, out);
    benchmark::DoNotOptimize(out.cells.data());
  }
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"w", "h"})->Unit(benchmark::kMicrosecond);
  b->Args({1920, 1080})->Args({1280, 720})->Args({640, 360})->Args({768, 576});
}

BENCHMARK_CAPTURE(small_luma, scalar, &scalar_luma_kernels())->Apply(sizes);
BENCHMARK_CAPTURE(small_luma, avx2, avx2_luma_kernels())->Apply(sizes);

}  // namespace
}  // namespace pasu::pixel
