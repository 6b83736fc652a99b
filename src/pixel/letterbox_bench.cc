// letterbox_u8 per frame: both kernel sets and, beside them, swscale's fast bilinear filter.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

extern "C" {
#include <libswscale/swscale.h>
}

#include "pixel/detail/letterbox_with.h"

namespace pasu::pixel {
namespace {

media::Frame noise(media::PixelFormat format, int width, int height) {
  const auto size = static_cast<size_t>(width) * static_cast<size_t>(height);
  auto bytes = std::make_shared<std::vector<uint8_t>>(size * 3);
  uint32_t state = 1;
  for (auto& b : *bytes) b = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
  media::Frame out;
  out.format = format;
  out.width = width;
  out.height = height;
  const uint8_t* p = bytes->data();
  switch (format) {
    case media::PixelFormat::rgb24:
      out.planes = {{{p, width * 3}, {}, {}}};
      break;
    case media::PixelFormat::nv12:
      out.planes = {{{p, width}, {p + size, width}, {}}};
      break;
    default:
      out.planes = {{{p, width}, {p + size, width / 2}, {p + size * 5 / 4, width / 2}}};
  }
  out.owner = bytes;
  return out;
}

geom::Letterbox box_of(const benchmark::State& state) {
  return geom::Letterbox::fit({static_cast<int>(state.range(0)), static_cast<int>(state.range(1))},
                              {static_cast<int>(state.range(2)), static_cast<int>(state.range(3))});
}

void letterbox(benchmark::State& state, const Kernels* kernels, media::PixelFormat format) {
  if (!kernels) return state.SkipWithError("this processor lacks it");
  const geom::Letterbox box = box_of(state);
  const media::Frame frame = noise(format, box.source.width, box.source.height);
  std::vector<uint8_t> out(static_cast<size_t>(box.input.width * box.input.height * 3));
  for (auto _ : state) {
    letterbox_u8_with(*kernels, frame, box, ChannelOrder::rgb, out.data());
    benchmark::DoNotOptimize(out.data());
  }
}

void swscale(benchmark::State& state) {
  const geom::Letterbox box = box_of(state);
  const media::Frame frame = noise(media::PixelFormat::i420, box.source.width, box.source.height);
  std::vector<uint8_t> out(static_cast<size_t>(box.input.width * box.input.height * 3) + 64);
  SwsContext* scaler = sws_getContext(frame.width, frame.height, AV_PIX_FMT_YUV420P,
                                      box.scaled.width, box.scaled.height, AV_PIX_FMT_RGB24,
                                      SWS_FAST_BILINEAR, nullptr, nullptr, nullptr);
  const uint8_t* const from[] = {frame.planes[0].data, frame.planes[1].data, frame.planes[2].data};
  const int from_stride[] = {frame.planes[0].stride, frame.planes[1].stride,
                             frame.planes[2].stride};
  uint8_t* const to[] = {out.data()};
  const int to_stride[] = {box.input.width * 3};
  for (auto _ : state) {
    sws_scale(scaler, from, from_stride, 0, frame.height, to, to_stride);
    benchmark::DoNotOptimize(out.data());
  }
  sws_freeContext(scaler);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"w", "h", "W", "H"})->Unit(benchmark::kMicrosecond);
  b->Args({1920, 1080, 320, 192})->Args({640, 360, 320, 192})->Args({768, 576, 320, 192});
  b->Args({1920, 1080, 640, 384});
}

BENCHMARK_CAPTURE(letterbox, scalar_i420, &scalar_kernels(), media::PixelFormat::i420)
    ->Apply(sizes);
BENCHMARK_CAPTURE(letterbox, avx2_i420, avx2_kernels(), media::PixelFormat::i420)->Apply(sizes);
BENCHMARK_CAPTURE(letterbox, avx2_nv12, avx2_kernels(), media::PixelFormat::nv12)->Apply(sizes);
BENCHMARK_CAPTURE(letterbox, avx2_rgb24, avx2_kernels(), media::PixelFormat::rgb24)->Apply(sizes);
BENCHMARK(swscale)->Apply(sizes);

}  // namespace
}  // namespace pasu::pixel
