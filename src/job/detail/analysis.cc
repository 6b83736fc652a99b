#include "job/detail/analysis.h"

#include <algorithm>
#include <chrono>
#include <memory>

namespace pasu::job::detail {

std::future<Found> begin_detection(detect::Detector& detector, media::Frame frame) {
  auto promise = std::make_shared<std::promise<Found>>();
  auto answer = promise->get_future();
  detector.submit(std::move(frame),
                  [promise](Found found) { promise->set_value(std::move(found)); });
  return answer;
}

Sampler::Sampler(double fps) {
  if (fps > 0) period_ = media::Pts(static_cast<int64_t>(1e9 / fps));
}

bool Sampler::is_due(media::Pts pts) {
  if (!period_) return true;
  // A clock that jumped back begins anew. Half a millisecond of grace: 10 frames/s must not become
  // 5 by rounding.
  const bool jumped = due_ && pts < *due_ - *period_;
  if (due_ && !jumped && pts + std::chrono::microseconds(500) < *due_) return false;
  // The grid keeps the rate exact where the source's is no multiple; after a gap it begins anew.
  due_ = due_ && !jumped && pts - *due_ < *period_ ? *due_ + *period_ : pts + *period_;
  return true;
}

Analysis::Analysis(const detect::DetectorInfo& detector, const Options& options)
    : labels_(detector.labels),
      options_(options),
      tracker_(track::options_for(options.threshold, options.fps)) {}

std::span<const Shown> Analysis::update(std::span<const geom::Detection> detections,
                                        geom::Size size, media::Pts pts) {
  if (first_size_.width == 0) first_size_ = size;
  const float scale_x = static_cast<float>(first_size_.width) / static_cast<float>(size.width);
  const float scale_y = static_cast<float>(first_size_.height) / static_cast<float>(size.height);
  track_of_.assign(detections.size(), nullptr);
  if (options_.tracked) {
    scaled_.assign(detections.begin(), detections.end());
    for (auto& [box, score, label] : scaled_)
      box = {box.x * scale_x, box.y * scale_y, box.w * scale_x, box.h * scale_y};
    for (const track::Track& track : tracker_.update(scaled_, pts)) {
      tracks_ = std::max(tracks_, track.id);
      if (track.seen) track_of_[static_cast<size_t>(track.detection)] = &track;
    }
  }
  shown_.clear();
  last_pts_ = pts;
  for (size_t i = 0; i < detections.size(); ++i) {
    const geom::Detection& detection = detections[i];
    if (detection.score < options_.threshold) continue;
    Shown& one = shown_.emplace_back();
    const auto label = static_cast<size_t>(detection.label);
    one.found.label = label < labels_.size() ? labels_[label] : std::to_string(label);
    one.found.score = detection.score;
    one.found.box = detection.box;
    if (const track::Track* track = track_of_[i]) {
      one.found.track = track->id;
      one.vx = track->vx / scale_x;
      one.vy = track->vy / scale_y;
    }
  }
  return shown_;
}

std::span<const draw::Mark> Analysis::marks_at(media::Pts pts) {
  marks_.clear();
  for (const auto& [found, vx, vy] : shown_) {
    draw::Mark& mark = marks_.emplace_back();
    mark.box = track::extrapolate({.box = found.box, .vx = vx, .vy = vy}, pts - last_pts_);
    mark.text = found.track == 0
                    ? fmt::format("{} {:.2f}", found.label, found.score)
                    : fmt::format("{} #{} {:.2f}", found.label, found.track, found.score);
    mark.color_id = found.track;
  }
  return marks_;
}

}  // namespace pasu::job::detail
