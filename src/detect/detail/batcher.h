// Batcher: pictures of many callers through one Backend, on threads of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "detect/backend.h"

namespace pasu::detect::detail {

/// A caller writes its picture straight into a request's input; one inference thread a stream takes
/// the oldest request in which nobody is writing any more. So a batch is what came while the
/// threads were busy, and nobody waits for company. Two requests a stream: one is inferred while
/// the next is filled. Thread-safe.
class Batcher {
 public:
  /// What came out for one picture. Borrowed until the callback returns.
  struct Output {
    std::span<const Tensor> tensors;
    int image = 0;  ///< The picture's place in the batch.
  };
  using Fill = std::function<void(uint8_t* input)>;
  using Done = std::function<void(Result<Output>)>;

  [[nodiscard]] static Result<std::unique_ptr<Batcher>> create(std::shared_ptr<Backend> backend);
  /// Waits until every picture submitted is done.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// Calls `fill` on this thread, then `done` exactly once on an inference thread, from where
  /// nothing may be submitted. Blocks while no request has room.
  void submit(const Fill& fill, Done done);

  /// The most pictures under way at once.
  [[nodiscard]] size_t pictures_max() const { return slots_.size() * batch_max_; }

 private:
  /// A request and the pictures in it. Guarded by mutex_, but for what the comments say.
  struct Slot {
    std::unique_ptr<Request> request;  // Written to without the lock by those who fill it.
    std::vector<Done> waiting;         // One a picture.
    size_t writing = 0;                // Pictures reserved but not written yet.
  };

  Batcher(std::shared_ptr<Backend> backend, std::vector<Slot> slots);
  void run();
  [[nodiscard]] Slot* roomy();
  [[nodiscard]] Slot* ready();
  void infer(Slot& slot);

  const std::shared_ptr<Backend> backend_;
  const size_t batch_max_;
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<Slot> slots_;
  std::vector<Slot*> free_;
  std::deque<Slot*> filling_;  // Oldest first.
  bool stopping_ = false;
  metrics::Counter pictures_, failures_;
  metrics::Histogram seconds_;
  std::vector<std::thread> threads_;
};

}  // namespace pasu::detect::detail
