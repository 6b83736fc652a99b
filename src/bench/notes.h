// What a node told of its cameras, kept to be compared.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "detect/labels.h"
#include "geom/box.h"
#include "node/node.h"

namespace pasu::bench {

/// One analysed frame, as told.
struct Told {
  struct Person {
    uint32_t track = 0;
    geom::Box box;
  };
  MonoTime at{};
  media::Pts pts{0};  ///< Of the server's timeline of that camera.
  bool replayed = false;
  std::vector<Person> people;
};

/// When that camera's pts was 0: what was told with the least delay is taken to have had none.
[[nodiscard]] inline MonoTime zero_of(const std::vector<Told>& told) {
  auto zero = MonoTime::max();
  for (const Told& one : told) zero = std::min(zero, one.at - one.pts);
  return zero;
}

/// Whether one of the people told is in one of these boxes' place (IoU 0.3).
[[nodiscard]] inline bool shows_any(const Told& told, const std::vector<geom::Box>& boxes) {
  constexpr float kSameIou = 0.3f;
  for (const Told::Person& person : told.people)
    for (const geom::Box& box : boxes)
      if (geom::iou(person.box, box) >= kSameIou) return true;
  return false;
}

/// Listens to a node until destroyed, or the node is. Thread-safe.
class Notes {
 public:
  void listen(node::Node& node) {
    node::Listener listener;
    listener.on_detections = [this](const node::Detections& d) { add(d); };
    listening_ = node.listen(std::move(listener));
  }
  [[nodiscard]] std::vector<Told> take(const std::string& camera) {
    std::lock_guard lock(mutex_);
    return std::move(told_[camera]);
  }

 private:
  void add(const node::Detections& d) {
    Told one{system_clock().now(), d.pts, d.replayed, {}};
    for (const track::Track& track : d.tracks)
      if (detect::is_person(*d.labels, track.label)) one.people.push_back({track.id, track.box});
    std::lock_guard lock(mutex_);
    told_[d.camera].push_back(std::move(one));
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<Told>> told_;
  std::shared_ptr<void> listening_;
};

}  // namespace pasu::bench
