#include "flow/executor.h"

#include <future>
#include <pthread.h>
#include <string>

#include "base/assert.h"

namespace pasu::flow {

Executor::Executor(size_t threads, const std::string& name) {
  ASSERT(threads > 0);
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { run(); });
    // The kernel keeps 15 characters.
    pthread_setname_np(threads_.back().native_handle(),
                       (name.substr(0, 11) + "-" + std::to_string(i)).c_str());
  }
}

Executor::~Executor() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Executor::post(Task task) {
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  ready_.notify_one();
}

size_t Executor::backlog() const {
  std::lock_guard lock(mutex_);
  return tasks_.size();
}

void Executor::run() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [&] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

struct Strand::State : std::enable_shared_from_this<Strand::State> {
  explicit State(Executor& e) : executor(e) {}

  void run_one() {
    Executor::Task task;
    {
      std::lock_guard lock(mutex);
      task = std::move(tasks.front());
      tasks.pop_front();
    }
    task();
    bool more;
    {
      std::lock_guard lock(mutex);
      more = !tasks.empty();
      running = more;
    }
    // One task a turn, so that a busy strand does not starve its neighbours.
    if (more) executor.post([self = shared_from_this()] { self->run_one(); });
  }

  Executor& executor;
  std::mutex mutex;
  std::deque<Executor::Task> tasks;
  bool running = false;
};

Strand::Strand(Executor& executor) : state_(std::make_shared<State>(executor)) {}

void Strand::post(Executor::Task task) {
  {
    std::lock_guard lock(state_->mutex);
    state_->tasks.push_back(std::move(task));
    if (state_->running) return;
    state_->running = true;
  }
  state_->executor.post([state = state_] { state->run_one(); });
}

void Strand::drain() {
  std::promise<void> done;
  post([&] { done.set_value(); });
  done.get_future().wait();
}

}  // namespace pasu::flow
