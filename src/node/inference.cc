#include "node/inference.h"

#include <algorithm>
#include <pthread.h>

#include "gate/closer_look.h"

namespace pasu::node {

Inference::Inference(std::shared_ptr<detect::Detector> detector)
    : detector_(std::move(detector)), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "inference");
}

Inference::~Inference() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  thread_.join();
}

void Inference::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return stopping_ || !first_.empty() || !usual_.empty(); });
    if (stopping_) return;
    Lane* lane = dequeue();
    if (!lane->waiting_) continue;
    Lane::Job job = std::move(*lane->waiting_);
    lane->waiting_.reset();
    lane->running_ = true;
    lock.unlock();
    look_at(lane, std::move(job));
  }
}

// A frame and its parts, until all have their answers.
struct Inference::Gathering {
  using Found = Result<std::vector<geom::Detection>>;
  Lane::Job job;
  std::mutex mutex;
  size_t missing = 0;
  Found whole = std::vector<geom::Detection>{};
  std::vector<std::vector<geom::Detection>> parts;

  Found take() {
    if (!whole) return std::move(whole);
    const geom::Size size{job.frame.width, job.frame.height};
    for (size_t i = 0; i < parts.size(); ++i) gate::add_part(*whole, parts[i], job.parts[i], size);
    return std::move(whole);
  }
};

// Waits while every inference request is busy: this is what bounds the work under way.
void Inference::look_at(Lane* lane, Lane::Job job) {
  auto all = std::make_shared<Gathering>();
  all->job = std::move(job);
  const size_t parts = all->job.parts.size();
  all->parts.resize(parts);
  all->missing = parts + 1;
  const auto arrived = [this, lane, all] {
    {
      std::lock_guard lock(all->mutex);
      if (--all->missing > 0) return;
    }
    all->job.done(all->take());
    finish(lane);
  };
  detector_->submit(all->job.frame.share(), [all, arrived](auto detections) {
    all->whole = std::move(detections);
    arrived();
  });
  for (size_t i = 0; i < parts; ++i)
    detector_->submit(gate::part_of(all->job.frame, all->job.parts[i]),
                      [all, arrived, i](auto detections) {
                        // Without an answer the part just adds nothing.
                        if (detections) all->parts[i] = std::move(*detections);
                        arrived();
                      });
}

void Inference::enqueue(Lane* lane) {
  lane->queued_ = true;
  (lane->waiting_->turn == Turn::first ? first_ : usual_).push_back(lane);
}

Inference::Lane* Inference::dequeue() {
  constexpr int kFirstInRowMax = 3;
  const bool first = !first_.empty() && (usual_.empty() || first_in_row_ < kFirstInRowMax);
  first_in_row_ = first ? first_in_row_ + 1 : 0;
  std::deque<Lane*>& queue = first ? first_ : usual_;
  Lane* lane = queue.front();
  queue.pop_front();
  lane->queued_ = false;
  return lane;
}

void Inference::finish(Lane* lane) {
  std::lock_guard lock(mutex_);
  lane->running_ = false;
  if (lane->waiting_ && !lane->queued_) enqueue(lane);
  // Under the lock: a lane waiting in its destructor, and its owner after it, are gone as soon as
  // the lane is let go.
  idle_.notify_all();
  ready_.notify_one();
}

bool Inference::Lane::submit(media::Frame frame, std::vector<geom::Box> parts, Turn turn,
                             Done done) {
  bool replaced;
  {
    std::lock_guard lock(owner_.mutex_);
    replaced = waiting_.has_value();
    waiting_ = Job{std::move(frame), std::move(parts), turn, std::move(done)};
    // One frame of a camera at a time: its tracker wants them in order.
    if (!queued_ && !running_) owner_.enqueue(this);
  }
  owner_.ready_.notify_one();
  return !replaced;
}

bool Inference::Lane::busy() const {
  std::lock_guard lock(owner_.mutex_);
  return running_ || waiting_.has_value();
}

Inference::Lane::~Lane() {
  std::unique_lock lock(owner_.mutex_);
  waiting_.reset();
  if (queued_) {
    std::erase(owner_.first_, this);
    std::erase(owner_.usual_, this);
  }
  queued_ = false;
  owner_.idle_.wait(lock, [&] { return !running_; });
}

}  // namespace pasu::node
