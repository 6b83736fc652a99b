// Independent pieces of work on a few threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace pasu::eval::detail {

/// `wanted` threads, 0 for as many as there are cores.
inline size_t thread_count(int wanted) {
  return wanted > 0 ? static_cast<size_t>(wanted)
                    : std::max<size_t>(std::thread::hardware_concurrency(), 1);
}

/// Calls `make_worker()` on each of at most `threads` threads, and what it gives with 0 ...
/// `count` - 1, each once, lower numbers begun first.
template <class MakeWorker>
void parallel(size_t count, size_t threads, MakeWorker&& make_worker) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    auto worker = make_worker();
    for (size_t i = 0; (i = next.fetch_add(1, std::memory_order_relaxed)) < count;) worker(i);
  };
  std::vector<std::thread> others;
  for (size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

}  // namespace pasu::eval::detail
