// A training step without its loss: forward, sum of squares, backward. One thread; images/s is what
// counts.
#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/torch.h>

#include <benchmark/benchmark.h>

#include "train/model/models.h"
#include "train/net/network.h"

namespace {

using namespace pasu::train;

enum What { kForward, kStep };

void run(benchmark::State& state, What what, bool bfloat16) {
  mallopt(M_MMAP_MAX, 0);  // As pasu-train has it.
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 256 << 20);
  at::set_num_threads(1);
  const int64_t batch = state.range(0), width = state.range(1), height = width / 32 * 3 / 5 * 32;
  Network network = Network::create(pasu_person(), 1);
  network.train(true);
  network.use_bfloat16(bfloat16);
  const at::Tensor images = torch::randint(0, 256, {batch, 3, height, width}).to(at::kByte);
  for (auto _ : state) {
    const torch::AutoGradMode autograd(what == kStep);
    at::Tensor sum = torch::zeros({});
    for (const at::Tensor& out : network.forward(images)) sum = sum + out.square().mean();
    if (what == kStep) sum.backward();
    benchmark::DoNotOptimize(sum.item<float>());
  }
  state.SetItemsProcessed(state.iterations() * batch);
}

void forward_f32(benchmark::State& state) { run(state, kForward, false); }
void forward_bf16(benchmark::State& state) { run(state, kForward, true); }
void step_f32(benchmark::State& state) { run(state, kStep, false); }
void step_bf16(benchmark::State& state) { run(state, kStep, true); }

BENCHMARK(forward_f32)->Args({20, 320});
BENCHMARK(forward_bf16)->Args({20, 320});
BENCHMARK(step_f32)->Args({20, 320});
BENCHMARK(step_bf16)->Args({20, 320})->Args({11, 448})->Args({5, 640});

}  // namespace
