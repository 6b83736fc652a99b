#include "detect/detail/batcher.h"

#include <algorithm>
#include <pthread.h>

#include "base/clock.h"

namespace pasu::detect::detail {

Result<std::unique_ptr<Batcher>> Batcher::create(std::shared_ptr<Backend> backend) {
  std::vector<Slot> slots(static_cast<size_t>(backend->info().streams) * 2);
  for (Slot& slot : slots) slot.request = TRY(backend->make_request());
  return std::unique_ptr<Batcher>(new Batcher(std::move(backend), std::move(slots)));
}

Batcher::Batcher(std::shared_ptr<Backend> backend, std::vector<Slot> slots)
    : backend_(std::move(backend)),
      batch_max_(static_cast<size_t>(backend_->info().batches.back())),
      slots_(std::move(slots)) {
  auto& registry = metrics::registry();
  pictures_ = registry.counter("pasu_detect_pictures_total", "Pictures inferred.");
  failures_ = registry.counter("pasu_detect_failures_total", "Pictures whose inference failed.");
  seconds_ = registry.histogram("pasu_detect_inference_seconds",
                                "One inference, of a batch or not.", {}, metrics::latency_bounds());
  for (Slot& slot : slots_) free_.push_back(&slot);
  for (int i = 0; i < backend_->info().streams; ++i) {
    threads_.emplace_back([this] { run(); });
    pthread_setname_np(threads_.back().native_handle(), "infer");
  }
}

Batcher::~Batcher() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Batcher::Slot* Batcher::roomy() {
  if (!filling_.empty() && filling_.back()->waiting.size() < batch_max_) return filling_.back();
  if (free_.empty()) return nullptr;
  filling_.push_back(free_.back());
  free_.pop_back();
  return filling_.back();
}

Batcher::Slot* Batcher::ready() {
  const auto at = std::find_if(filling_.begin(), filling_.end(),
                               [](const Slot* slot) { return slot->writing == 0; });
  if (at == filling_.end()) return nullptr;
  Slot* slot = *at;
  filling_.erase(at);
  return slot;
}

void Batcher::submit(const Fill& fill, Done done) {
  std::unique_lock lock(mutex_);
  Slot* slot = nullptr;
  room_.wait(lock, [&] { return (slot = roomy()) != nullptr; });
  const auto index = static_cast<int>(slot->waiting.size());
  slot->waiting.push_back(std::move(done));
  ++slot->writing;
  lock.unlock();
  fill(slot->request->input(index));
  lock.lock();
  const bool whole = --slot->writing == 0;
  lock.unlock();
  if (whole) ready_.notify_one();
}

void Batcher::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    Slot* slot = nullptr;
    ready_.wait(lock, [&] {
      slot = ready();
      return slot != nullptr || (stopping_ && filling_.empty());
    });
    if (slot == nullptr) return;
    lock.unlock();
    infer(*slot);
    lock.lock();
    slot->waiting.clear();
    free_.push_back(slot);
    room_.notify_all();
  }
}

void Batcher::infer(Slot& slot) {
  const auto count = static_cast<int>(slot.waiting.size());
  const auto& batches = backend_->info().batches;
  for (int first = 0; first < count;) {
    // The largest batch that is compiled for and not larger than what is left.
    const int size = *std::prev(std::upper_bound(batches.begin(), batches.end(), count - first));
    const MonoTime start = system_clock().now();
    const Result<void> inferred = slot.request->infer(first, size);
    seconds_.observe(std::chrono::duration<double>(system_clock().now() - start).count());
    (inferred ? pictures_ : failures_).add(size);
    for (int image = 0; image < size; ++image) {
      // Taken out, so that what the callback holds ends with it.
      const Done done = std::move(slot.waiting[static_cast<size_t>(first + image)]);
      if (inferred)
        done(Output{slot.request->outputs(), image});
      else
        done(tl::unexpected(inferred.error()));
    }
    first += size;
  }
}

}  // namespace pasu::detect::detail
