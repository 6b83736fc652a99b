// A fixed pool of workers, and strands: work that never runs on two of them at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace pasu::flow {

/// A fixed number of threads that run tasks in the order they came. The destructor runs what is
/// queued.
class Executor {
 public:
  using Task = std::function<void()>;

  explicit Executor(size_t threads, const std::string& name = "worker");
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void post(Task task);
  [[nodiscard]] size_t threads() const { return threads_.size(); }
  /// Tasks waiting for a worker.
  [[nodiscard]] size_t backlog() const;

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Runs its tasks one after another on an executor, so their objects need no locks.
///
/// Unbounded by itself: whoever posts holds the bound (a Queue, or "one task under way"). The
/// executor must outlive it; tasks still queued when it is destroyed run all the same.
class Strand {
 public:
  explicit Strand(Executor& executor);
  void post(Executor::Task task);
  /// Blocks until everything posted so far has run. Not from one of its own tasks.
  void drain();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pasu::flow
