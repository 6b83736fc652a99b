#include "train/load/loader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "train/load/detail/sample_maker.h"

namespace pasu::train {
namespace {

using Order = std::vector<uint32_t>;

/// The pictures of an epoch in order.
std::shared_ptr<const Order> order_of(const PictureSet& pictures, uint64_t seed, uint64_t epoch) {
  constexpr uint64_t kOrder = ~uint64_t{0};  // No sample has this position.
  detail::Random random(seed, epoch, kOrder);
  Order out;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const double weight = pictures.set_of(i).weight;
    const double whole = std::floor(weight);
    const bool once_more = random.chance(static_cast<float>(weight - whole));
    out.insert(out.end(), static_cast<size_t>(whole) + (once_more ? 1 : 0),
               static_cast<uint32_t>(i));
  }
  if (out.empty()) out.push_back(static_cast<uint32_t>(random.below(pictures.size())));
  for (size_t i = out.size() - 1; i > 0; --i) std::swap(out[i], out[random.below(i + 1)]);
  return std::make_shared<const Order>(std::move(out));
}

/// A batch while workers make its samples.
struct Making {
  struct Job {
    uint64_t epoch = 0, position = 0;
    std::shared_ptr<const Order> order;
  };
  BatchPlan plan;
  Batch batch;
  std::vector<Job> jobs;
  LoaderState after;
  // Guarded by the loader's mutex.
  size_t begun = 0, done = 0;
  std::optional<Error> error;
};

class ThreadedLoader final : public Loader {
 public:
  explicit ThreadedLoader(LoaderOptions options) : options_(std::move(options)) {
    for (size_t i = 0; i < options_.pictures->size(); ++i)
      epoch_samples_ += options_.pictures->set_of(i).weight;
    for (int i = 0; i < std::max(1, options_.threads); ++i)
      threads_.emplace_back([this] { work(); });
  }
  ~ThreadedLoader() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Result<Batch> next() override {
    const auto begun = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    made_.wait(lock, [&] {
      return !queue_.empty() && queue_.front()->done == queue_.front()->jobs.size();
    });
    const std::shared_ptr<Making> making = std::move(queue_.front());
    queue_.pop_front();
    state_ = making->after;
    lock.unlock();
    work_.notify_all();
    waited_ += std::chrono::steady_clock::now() - begun;
    if (making->error) return tl::unexpected<Error>(*making->error);
    return std::move(making->batch);
  }

  LoaderState state() const override { return state_; }

  void restore(const LoaderState& state) override {
    {
      const std::lock_guard lock(mutex_);
      queue_.clear();
      state_ = ahead_ = state;
    }
    work_.notify_all();
  }

  double epoch_samples() const override { return epoch_samples_; }
  double waited_seconds() const override { return std::chrono::duration<double>(waited_).count(); }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      std::shared_ptr<Making> making;
      work_.wait(lock, [&] { return stopping_ || (making = with_work()) != nullptr; });
      if (stopping_) return;
      const size_t index = making->begun++;
      lock.unlock();
      const Making::Job& job = making->jobs[index];
      Batch& batch = making->batch;
      const size_t bytes = batch.rgb.size() / batch.samples.size();
      auto made = detail::make_sample(
          *options_.pictures,
          {.plan = making->plan, .picture = (*job.order)[job.position], .others = *job.order},
          detail::Random(options_.seed, job.epoch, job.position),
          std::span(batch.rgb).subspan(index * bytes, bytes));
      lock.lock();
      if (made)
        batch.samples[index] = std::move(*made);
      else
        making->error = made.error();
      if (++making->done == making->jobs.size()) made_.notify_all();
    }
  }

  /// The first batch of which a sample is not begun, a new one where there is room; or null.
  std::shared_ptr<Making> with_work() {
    for (const auto& making : queue_)
      if (making->begun < making->jobs.size()) return making;
    if (queue_.size() >= static_cast<size_t>(std::max(1, options_.batches_ahead))) return nullptr;
    queue_.push_back(begin_batch());
    return queue_.back();
  }

  std::shared_ptr<Making> begin_batch() {
    auto out = std::make_shared<Making>();
    out->plan = options_.plan(ahead_.batch);
    const auto count = static_cast<size_t>(std::max(1, out->plan.count));
    const auto processes = static_cast<size_t>(options_.processes);
    LoaderState at = ahead_;
    std::shared_ptr<const Order> order = epoch_order(at.epoch);
    for (size_t i = 0; i < count * processes; ++i) {
      for (; at.position >= order->size(); order = epoch_order(++at.epoch))
        at.position -= order->size();
      if (i == 0) out->batch.epoch = at.epoch;
      if (i % processes == static_cast<size_t>(options_.process))
        out->jobs.push_back({at.epoch, at.position, order});
      ++at.position;
    }
    ++at.batch;
    out->after = at;
    out->batch.number = ahead_.batch;
    out->batch.size = out->plan.size;
    out->batch.samples.resize(count);
    out->batch.rgb.resize(count * static_cast<size_t>(out->plan.size.width) *
                          static_cast<size_t>(out->plan.size.height) * 3);
    ahead_ = at;
    return out;
  }

  std::shared_ptr<const Order> epoch_order(uint64_t epoch) {
    if (!order_ || order_epoch_ != epoch) {
      order_ = order_of(*options_.pictures, options_.seed, epoch);
      order_epoch_ = epoch;
    }
    return order_;
  }

  const LoaderOptions options_;
  double epoch_samples_ = 0;
  LoaderState state_;                             // The caller's.
  std::chrono::steady_clock::duration waited_{};  // The caller's.

  std::mutex mutex_;
  std::condition_variable work_, made_;
  std::deque<std::shared_ptr<Making>> queue_;  // In order of batches.
  LoaderState ahead_;                          // Of the batch after those in queue_.
  std::shared_ptr<const Order> order_;
  uint64_t order_epoch_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::unique_ptr<Loader>> Loader::create(LoaderOptions options) {
  if (options.pictures == nullptr || options.pictures->size() == 0)
    return fail(Errc::invalid_argument, "no pictures to train on");
  if (options.processes < 1 || options.process < 0 || options.process >= options.processes)
    return fail(Errc::invalid_argument, "process {} of {}", options.process, options.processes);
  double samples = 0;
  for (size_t i = 0; i < options.pictures->size(); ++i)
    samples += options.pictures->set_of(i).weight;
  if (samples <= 0) return fail(Errc::invalid_argument, "all data sets have weight 0");
  const BatchPlan first = options.plan ? options.plan(0) : BatchPlan{};
  if (first.size.width < 1 || first.size.height < 1 || first.count < 1)
    return fail(Errc::invalid_argument, "a batch of {} samples of {}x{}", first.count,
                first.size.width, first.size.height);
  return std::make_unique<ThreadedLoader>(std::move(options));
}

}  // namespace pasu::train
