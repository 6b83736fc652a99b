// draw_marks on a 1080p frame: without marks it is the copy.
#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "draw/overlay.h"
#include "media/new_frame.h"

namespace pasu::draw {
namespace {

void draw(benchmark::State& state, media::PixelFormat format) {
  media::NewFrame source = media::new_frame(format, 1920, 1080);
  for (int p = 0; p < media::plane_count(format); ++p) {
    const auto i = static_cast<size_t>(p);
    std::memset(source.planes[i], 90,
                static_cast<size_t>(source.frame.planes[i].stride *
                                    media::plane_size(format, 1920, 1080, p).second));
  }
  std::vector<Mark> marks;
  for (uint32_t i = 0; i < static_cast<uint32_t>(state.range(0)); ++i)
    marks.push_back(
        {{static_cast<float>(i * 83 % 1700), static_cast<float>(60 + i * 131 % 700), 120, 300},
         "person " + std::to_string(i) + " 0.83",
         i});
  for (auto _ : state) benchmark::DoNotOptimize(draw_marks(source.frame, marks));
}

BENCHMARK_CAPTURE(draw, i420, media::PixelFormat::i420)
    ->Arg(0)
    ->Arg(20)
    ->Arg(200)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(draw, nv12, media::PixelFormat::nv12)
    ->Arg(0)
    ->Arg(20)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pasu::draw
