// Samples a second and thread, from the pictures of ../shared where they are.
#include <filesystem>

#include <benchmark/benchmark.h>

#include "train/load/detail/sample_maker.h"
#include "train/load/loader.h"

namespace pasu::train {
namespace {

std::shared_ptr<PictureSet> pictures(size_t cache_bytes) {
  PictureSetOptions options;
  const std::string root = PASU_SOURCE_DIR "/../shared/data/train/";
  for (const char* name : {"nyc_traffic", "people_mixed", "indoor_robot"}) {
    SetOptions set;
    set.path = root + name;
    if (std::filesystem::exists(set.path)) options.sets.push_back(set);
  }
  options.cache_bytes_max = cache_bytes;
  auto opened = PictureSet::open(options);
  return opened ? *opened : nullptr;
}

struct Case {
  Augmentation augmentation = Augmentation::none();
  geom::Size size{320, 192};
  size_t cache_bytes = size_t{4} << 30;
};

void run(benchmark::State& state, const Case& one) {
  const auto set = pictures(one.cache_bytes);
  if (set == nullptr) {
    state.SkipWithError("no pictures in ../shared/data/train");
    return;
  }
  std::vector<uint32_t> all(set->size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint32_t>(i);
  if (one.cache_bytes > 0)
    for (size_t i = 0; i < all.size(); ++i) (void)set->decode(i);
  const BatchPlan plan{.size = one.size, .count = 1, .augmentation = &one.augmentation};
  std::vector<uint8_t> rgb(static_cast<size_t>(one.size.width * one.size.height) * 3);
  uint64_t i = 0;
  for (auto _ : state) {
    const detail::SampleJob job{.plan = plan, .picture = i % all.size(), .others = all};
    auto made = detail::make_sample(*set, job, detail::Random(1, 0, i++), rgb);
    benchmark::DoNotOptimize(made);
  }
  state.SetItemsProcessed(static_cast<int64_t>(i));
}

void whole(benchmark::State& state) { run(state, {.augmentation = Augmentation()}); }
void whole_640x384(benchmark::State& state) {
  run(state, {.augmentation = Augmentation(), .size = {640, 384}});
}
void whole_without_cache(benchmark::State& state) {
  run(state, {.augmentation = Augmentation(), .cache_bytes = 0});
}
void plain(benchmark::State& state) { run(state, {}); }

template <class F>
void part(benchmark::State& state, F&& change) {
  Case one;
  change(one.augmentation);
  run(state, one);
}

BENCHMARK(whole);
BENCHMARK(whole_640x384);
BENCHMARK(whole_without_cache);
BENCHMARK(plain);
BENCHMARK_CAPTURE(part, views, [](Augmentation& a) { a.plain = 0; });
BENCHMARK_CAPTURE(part, mosaics, [](Augmentation& a) { a.mosaic = 1; });
BENCHMARK_CAPTURE(part, photometric, [](Augmentation& a) { a.photometric = 1; });
BENCHMARK_CAPTURE(part, grey, [](Augmentation& a) { a.grey = 1; });
BENCHMARK_CAPTURE(part, noise, [](Augmentation& a) { a.noise = 1; });
BENCHMARK_CAPTURE(part, blur, [](Augmentation& a) { a.blur = 1; });
BENCHMARK_CAPTURE(part, low_resolution, [](Augmentation& a) { a.low_resolution = 1; });
BENCHMARK_CAPTURE(part, blocks, [](Augmentation& a) { a.blocks = 1; });

}  // namespace
}  // namespace pasu::train
