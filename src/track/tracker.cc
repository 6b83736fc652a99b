#include "track/tracker.h"

#include <algorithm>
#include <cmath>

#include "track/assignment.h"
#include "track/motion.h"

namespace pasu::track {
namespace {

constexpr float kPixelsMax = 1e6f;
constexpr float kSideMin = 1e-2f;

// Chosen on the simulated crowds of tracker_crowd_test.cc at 2 to 25 frames/s.
constexpr double kReach2 = 13.8;       // Squared distance gate: 99.9 % of a two-dimensional normal.
constexpr float kHeightRatioMin = .5;  // People do not double their height between two frames.
constexpr float kUnmatchedCost = 2.0f;  // Above every allowed pair's cost.
constexpr double kLowTrust = .4;        // A low score is often a person half hidden.
constexpr media::Pts kTentativeMax = std::chrono::milliseconds(250);
constexpr media::Pts kLowReach = std::chrono::milliseconds(500);
constexpr float kInside = .7f;  // On vtest.avi, where .6 to .9 differ little.

bool usable(const geom::Detection& detection) {
  const geom::Box& box = detection.box;
  // Comparisons with NaN are false.
  return std::abs(box.x) <= kPixelsMax && std::abs(box.y) <= kPixelsMax && box.w >= kSideMin &&
         box.w <= kPixelsMax && box.h >= kSideMin && box.h <= kPixelsMax;
}

struct Person {
  Motion motion;
  Track track;  // track.id is 0 until confirmed.
  int hits = 1;
  int misses = 0;
  media::Pts sure{0};  // When last matched by a high score.
};

struct Gates {
  float iou_min = 0;
  bool by_distance = false;
};

}  // namespace

TrackerOptions options_for(float threshold, double fps) {
  TrackerOptions options;
  options.high = threshold;
  options.low = 0.7f * threshold;
  if (fps > 0) {
    const auto patience = std::chrono::duration_cast<media::Pts>(
        std::chrono::duration<double>(2.5 / std::max(fps, 1e-3)));
    options.lost_max = std::max(options.lost_max, patience);
  }
  return options;
}

struct Tracker::Impl {
  explicit Impl(const TrackerOptions& o) : options(o) {
    people.reserve(std::min<size_t>(options.tracks_max, 64));
  }

  void advance(media::Pts pts);
  void sort_out(std::span<const geom::Detection> detections);
  void associate(std::span<const geom::Detection> detections, std::vector<uint32_t>& candidates,
                 std::vector<uint32_t>& boxes, const Gates& gates, double trust);
  bool covered(const geom::Detection& detection) const;
  float cost(const Person& person, const geom::Detection& detection, const Gates& gates) const;
  void see(Person& person, const geom::Detection& detection, uint32_t index, double trust);
  void begin(std::span<const geom::Detection> detections);
  void forget();

  const TrackerOptions options;
  const MotionNoise noise;
  std::vector<Person> people;
  uint32_t last_id = 0;
  uint64_t refused = 0;
  bool started = false;
  media::Pts now{0};

  Assignment assignment;
  std::vector<uint32_t> high, low;             // Detections still free, by index.
  std::vector<uint32_t> confirmed, tentative;  // People still unmatched, by index.
  std::vector<Edge> edges;
  std::vector<Track> reported;
};

Tracker::Tracker(const TrackerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

uint64_t Tracker::refused() const { return impl_->refused; }

std::span<const Track> Tracker::update(std::span<const geom::Detection> detections,
                                       media::Pts pts) {
  Impl& m = *impl_;
  m.advance(pts);
  m.sort_out(detections);
  m.confirmed.clear();
  m.tentative.clear();
  for (uint32_t i = 0; i < m.people.size(); ++i)
    (m.people[i].track.id != 0 ? m.confirmed : m.tentative).push_back(i);

  m.associate(detections, m.confirmed, m.high, {m.options.iou_high, true}, 1);
  std::erase_if(m.confirmed, [&](uint32_t i) {
    const Person& person = m.people[i];
    // Low scores carry a track for a while. For ever, and they would keep every bin and bush that
    // once looked like a person.
    if (pts - person.sure > m.options.lost_max) return true;
    return person.misses > 1 && pts - person.track.last > kLowReach;
  });
  m.associate(detections, m.confirmed, m.low, {m.options.iou_low, false}, kLowTrust);
  m.associate(detections, m.tentative, m.high, {m.options.iou_high, true}, 1);
  m.begin(detections);
  m.forget();

  m.reported.clear();
  for (const Person& person : m.people)
    if (person.track.id != 0 && pts - person.track.last <= m.options.predict_max)
      m.reported.push_back(person.track);
  std::ranges::sort(m.reported, {}, &Track::id);
  return m.reported;
}

// Everybody moves on to `pts`, or is forgotten where the clock jumped.
void Tracker::Impl::advance(media::Pts pts) {
  const bool jumped = started && (pts < now || static_cast<uint64_t>(pts.count()) -
                                                       static_cast<uint64_t>(now.count()) >
                                                   static_cast<uint64_t>(options.lost_max.count()));
  if (jumped) people.clear();
  const double seconds = people.empty() ? 0 : media::to_seconds(pts - now);
  for (Person& person : people) {
    if (seconds > 0) person.motion.predict(seconds, noise);
    person.track.box = person.motion.box();
    person.track.seen = false;
    person.track.detection = -1;
    ++person.misses;
  }
  started = true;
  now = pts;
}

void Tracker::Impl::sort_out(std::span<const geom::Detection> detections) {
  high.clear();
  low.clear();
  for (uint32_t i = 0; i < detections.size(); ++i) {
    const geom::Detection& detection = detections[i];
    if (!usable(detection) || std::isnan(detection.score)) {
      ++refused;
    } else if (detection.score >= options.high) {
      high.push_back(i);
    } else if (detection.score >= options.low) {
      low.push_back(i);
    }
  }
  const auto keep_best = [&](std::vector<uint32_t>& list, size_t room) {
    if (list.size() <= room) return;
    std::ranges::nth_element(list, list.begin() + static_cast<std::ptrdiff_t>(room), std::greater(),
                             [&](uint32_t i) { return detections[i].score; });
    refused += list.size() - room;
    list.resize(room);
  };
  keep_best(high, kDetectionsMax);
  keep_best(low, kDetectionsMax - high.size());
}

// Matches people with boxes; both lists keep what stays alone.
void Tracker::Impl::associate(std::span<const geom::Detection> detections,
                              std::vector<uint32_t>& candidates, std::vector<uint32_t>& boxes,
                              const Gates& gates, double trust) {
  if (candidates.empty() || boxes.empty()) return;
  edges.clear();
  for (uint32_t row = 0; row < candidates.size(); ++row) {
    const Person& person = people[candidates[row]];
    for (uint32_t col = 0; col < boxes.size(); ++col) {
      const geom::Detection& detection = detections[boxes[col]];
      if (detection.label != person.track.label) continue;
      const float c = cost(person, detection, gates);
      if (c < kUnmatchedCost) edges.push_back({row, col, c});
    }
  }
  constexpr uint32_t kTaken = Assignment::kNone;
  const auto columns = assignment.solve(static_cast<uint32_t>(candidates.size()),
                                        static_cast<uint32_t>(boxes.size()), edges, kUnmatchedCost);
  for (size_t row = 0; row < columns.size(); ++row) {
    if (columns[row] == Assignment::kNone) continue;
    const uint32_t index = boxes[columns[row]];
    see(people[candidates[row]], detections[index], index, trust);
    candidates[row] = kTaken;
    boxes[columns[row]] = kTaken;
  }
  std::erase(candidates, kTaken);
  std::erase(boxes, kTaken);
}

// From 0 (the box is where it was expected) to kUnmatchedCost (impossible): how little the boxes
// overlap and how far the centres are apart for the time that went by.
float Tracker::Impl::cost(const Person& person, const geom::Detection& detection,
                          const Gates& gates) const {
  const geom::Box& expected = person.track.box;
  const float iou = geom::iou(expected, detection.box);
  const double distance2 = person.motion.distance2(detection.box, noise);
  const float near = static_cast<float>(std::min(1.0, distance2 / kReach2));
  if (iou < gates.iou_min) {
    if (!gates.by_distance || distance2 > kReach2) return kUnmatchedCost;
    const float ratio = expected.h / detection.box.h;
    if (ratio < kHeightRatioMin || ratio > 1 / kHeightRatioMin) return kUnmatchedCost;
  }
  return (1 - iou) + near * 0.99f;
}

void Tracker::Impl::see(Person& person, const geom::Detection& detection, uint32_t index,
                        double trust) {
  person.motion.correct(detection.box, trust, noise);
  person.misses = 0;
  Track& track = person.track;
  if (track.id == 0 && ++person.hits >= options.confirm_hits) track.id = ++last_id;
  track.box = person.motion.box();
  track.vx = person.motion.vx();
  track.vy = person.motion.vy();
  track.score = detection.score;
  track.seen = true;
  track.detection = static_cast<int>(index);
  track.last = now;
  if (detection.score >= options.high) person.sure = now;
}

// Whether a track seen in this frame has most of the box, or lies mostly in it: then it is the same
// person boxed twice far more often than somebody else, who will be seen apart soon.
bool Tracker::Impl::covered(const geom::Detection& detection) const {
  return std::ranges::any_of(people, [&](const Person& person) {
    const Track& track = person.track;
    return track.id != 0 && track.seen && track.label == detection.label &&
           geom::intersection_area(track.box, detection.box) >
               kInside * std::min(track.box.area(), detection.box.area());
  });
}

void Tracker::Impl::begin(std::span<const geom::Detection> detections) {
  for (const uint32_t index : high) {
    if (covered(detections[index])) continue;
    if (people.size() >= options.tracks_max) {
      ++refused;
      continue;
    }
    const geom::Detection& detection = detections[index];
    Person person{.motion = Motion(detection.box, noise), .track = {}};
    Track& track = person.track;
    if (person.hits >= options.confirm_hits) track.id = ++last_id;
    track.box = detection.box;
    track.score = detection.score;
    track.label = detection.label;
    track.seen = true;
    track.detection = static_cast<int>(index);
    track.first = track.last = person.sure = now;
    people.push_back(person);
  }
}

void Tracker::Impl::forget() {
  std::erase_if(people, [&](const Person& person) {
    const media::Pts unseen = now - person.track.last;
    return unseen > (person.track.id != 0 ? options.lost_max : kTentativeMax);
  });
}

}  // namespace pasu::track
