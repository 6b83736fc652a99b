// The one door from all cameras to the detector: each camera's newest frame, in turn.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "detect/detector.h"
#include "media/frame.h"

namespace pasu::node {

/// Cameras hand over frames without waiting; one thread feeds the detector, camera after camera in
/// the order they came. Each camera has one place: a newer frame replaces one that still waits
/// (counted by the caller through submit()'s answer).
class Inference {
 public:
  using Done = detect::Detector::Done;
  /// Cameras with somebody in them come first, but for one in four others.
  enum class Turn { first, usual };

  /// A camera's place in the queue.
  class Lane {
   public:
    explicit Lane(Inference& owner) : owner_(owner) {}
    /// Drops what waits and blocks until a frame under way is done; `done` is never called after
    /// it.
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    /// `parts` of the frame are looked at by themselves as well, and what is found in them is
    /// added. False where this frame took the place of one that had not been looked at.
    bool submit(media::Frame frame, std::vector<geom::Box> parts, Turn turn, Done done);
    /// A frame waits or is under way.
    [[nodiscard]] bool busy() const;

   private:
    friend class Inference;
    struct Job {
      media::Frame frame;
      std::vector<geom::Box> parts;
      Turn turn = Turn::usual;
      Done done;
    };
    Inference& owner_;
    std::optional<Job> waiting_;  // All guarded by owner_.mutex_.
    bool queued_ = false;
    bool running_ = false;
  };

  explicit Inference(std::shared_ptr<detect::Detector> detector);
  ~Inference();
  [[nodiscard]] const detect::DetectorInfo& info() const { return detector_->info(); }

 private:
  struct Gathering;
  void run();
  void look_at(Lane* lane, Lane::Job job);
  void finish(Lane* lane);
  void enqueue(Lane* lane);
  [[nodiscard]] Lane* dequeue();

  std::shared_ptr<detect::Detector> detector_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::condition_variable idle_;
  std::deque<Lane*> first_, usual_;
  int first_in_row_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pasu::node
