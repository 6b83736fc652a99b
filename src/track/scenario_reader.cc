#include "track/scenario_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <set>
#include <sstream>

namespace pasu::track {
namespace {

media::Pts seconds(double s) { return media::Pts(std::llround(s * 1e9)); }

// What the lines of one section (up to `restart`) say, before it is turned into frames.
struct Walk {
  std::string name;
  double from = 0, to = 0;
  geom::Box first, last;
  float score = 0;
};
struct Span {
  std::string name;
  double from = 0, to = 0;
  float score = 0;
};
struct Section {
  std::vector<Walk> walks;
  std::vector<Span> hides, scores, drops;
  std::vector<std::pair<double, NamedBox>> boxes;
  std::set<int64_t> times;
};

bool fits(const std::string& pattern, const std::string& name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

bool within(const Span& span, double t) { return t >= span.from - 1e-6 && t <= span.to + 1e-6; }

class Reader {
 public:
  Result<Scenario> read(const std::string& text, const std::string& file);

 private:
  bool statement(const std::string& verb);
  bool walk();
  bool crowd();
  bool box();
  bool expect(const std::string& verb);
  void end_section();
  void add_frame(double t);

  bool number(double& out);
  bool number(float& out);
  bool word(const char* expected);
  bool name(std::string& out) { return static_cast<bool>(line_ >> out); }
  bool read_box(geom::Box& out) {
    return number(out.x) && number(out.y) && number(out.w) && number(out.h);
  }
  bool span(double& from, double& to) { return number(from) && word("to") && number(to); }

  Scenario scenario_;
  Section section_;
  std::istringstream line_;
  std::string sentence_;
  std::map<std::string, int> label_of_;  // By pattern of names.
  std::map<std::string, int> labels_;
  double jitter_ = 0;
  std::mt19937 random_{1};
};

bool Reader::number(double& out) {
  std::string token;
  if (!(line_ >> token)) return false;
  if (token.ends_with(':')) token.pop_back();
  char* end = nullptr;
  out = std::strtod(token.c_str(), &end);  // Takes "nan" and "inf" too.
  return end != token.c_str() && *end == 0;
}

bool Reader::number(float& out) {
  double value = 0;
  if (!number(value)) return false;
  out = static_cast<float>(value);
  return true;
}

bool Reader::word(const char* expected) {
  std::string token;
  return line_ >> token && token == expected;
}

Result<Scenario> Reader::read(const std::string& text, const std::string& file) {
  std::istringstream lines(text);
  std::string line;
  for (int at = 1; std::getline(lines, line); ++at) {
    line = line.substr(0, line.find('#'));
    line_ = std::istringstream(line);
    sentence_ = fmt::format("line {}: {}", at, line);
    std::string verb, rest;
    if (!(line_ >> verb)) continue;
    if (!statement(verb) || line_ >> rest)
      return fail(Errc::malformed, "{}:{}: not understood: {}", file, at, line);
  }
  end_section();
  return std::move(scenario_);
}

bool Reader::statement(const std::string& verb) {
  TrackerOptions& options = scenario_.options;
  if (verb == "threshold") {
    float threshold = 0;
    if (!number(threshold)) return false;
    options = options_for(threshold, 0);
    return true;
  }
  if (verb == "jitter") return number(jitter_);
  if (verb == "every") {
    double step = 0, from = 0, to = 0;
    if (!number(step) || step <= 0 || !word("from") || !span(from, to)) return false;
    for (int i = 0; from + i * step <= to + 1e-6; ++i)
      section_.times.insert(seconds(from + i * step).count());
    return true;
  }
  if (verb == "label") {
    std::string who, label;
    if (!name(who) || !name(label)) return false;
    label_of_[who] = labels_.try_emplace(label, static_cast<int>(labels_.size())).first->second;
    return true;
  }
  if (verb == "walk") return walk();
  if (verb == "crowd") return crowd();
  if (verb == "box") return box();
  if (verb == "hide" || verb == "score") {
    Span s;
    if (!name(s.name) || !span(s.from, s.to)) return false;
    if (verb == "score" && !number(s.score)) return false;
    (verb == "hide" ? section_.hides : section_.scores).push_back(s);
    return true;
  }
  if (verb == "drop") {
    Span s;
    if (!span(s.from, s.to)) return false;
    section_.drops.push_back(s);
    return true;
  }
  if (verb == "restart") {
    end_section();
    return true;
  }
  return expect(verb);
}

// walk NAME FROM to TO: X Y W H -> X Y W H score S
bool Reader::walk() {
  Walk w;
  if (!name(w.name) || !span(w.from, w.to) || !read_box(w.first) || !word("->") ||
      !read_box(w.last) || !word("score") || !number(w.score))
    return false;
  section_.walks.push_back(w);
  return true;
}

// crowd NAME COLUMNS x ROWS FROM to TO: X Y W H step DX DY walks DX DY score S
bool Reader::crowd() {
  double columns = 0, rows = 0;
  geom::Box step, moved;
  Walk one;
  std::string prefix;
  if (!name(prefix) || !number(columns) || !word("x") || !number(rows) || !span(one.from, one.to) ||
      !read_box(one.first) || !word("step") || !number(step.x) || !number(step.y) ||
      !word("walks") || !number(moved.x) || !number(moved.y) || !word("score") ||
      !number(one.score))
    return false;
  const geom::Box origin = one.first;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      one.name = fmt::format("{}{}", prefix, section_.walks.size());
      one.first.x = origin.x + static_cast<float>(column) * step.x;
      one.first.y = origin.y + static_cast<float>(row) * step.y;
      one.last = one.first;
      one.last.x += moved.x;
      one.last.y += moved.y;
      section_.walks.push_back(one);
    }
  }
  return true;
}

// box T X Y W H SCORE NAME
bool Reader::box() {
  double t = 0;
  NamedBox named;
  if (!number(t) || !read_box(named.detection.box) || !number(named.detection.score) ||
      !name(named.name))
    return false;
  section_.times.insert(seconds(t).count());
  section_.boxes.emplace_back(t, named);
  return true;
}

bool Reader::expect(const std::string& verb) {
  Expectation e;
  e.sentence = sentence_;
  using Kind = Expectation::Kind;
  static const std::map<std::string, Kind> kKinds = {{"same", Kind::same},
                                                     {"different", Kind::different},
                                                     {"never", Kind::never},
                                                     {"always", Kind::always},
                                                     {"ids", Kind::ids}};
  const auto kind = kKinds.find(verb);
  if (kind == kKinds.end()) return false;
  e.kind = kind->second;
  scenario_.expectations.push_back(e);
  Expectation& out = scenario_.expectations.back();
  double value = 0;
  switch (e.kind) {
    case Kind::ids:
      if (!number(value)) return false;
      out.count = static_cast<size_t>(value);
      return true;
    case Kind::different:
      return name(out.a) && name(out.b);
    case Kind::always:
      if (!name(out.a) || !word("from") || !number(value)) return false;
      out.from = seconds(value);
      return true;
    default:
      return name(out.a);
  }
}

void Reader::end_section() {
  for (const int64_t time : section_.times) add_frame(static_cast<double>(time) / 1e9);
  section_ = {};
}

void Reader::add_frame(double t) {
  for (const Span& drop : section_.drops)
    if (within(drop, t)) return;
  ScenarioFrame frame{.pts = seconds(t), .boxes = {}};
  for (const auto& [at, named] : section_.boxes)
    if (std::abs(at - t) < 1e-6) frame.boxes.push_back(named);
  for (const Walk& w : section_.walks) {
    if (t < w.from - 1e-6 || t > w.to + 1e-6) continue;
    if (std::ranges::any_of(section_.hides, [&](const Span& hide) {
          return fits(hide.name, w.name) && within(hide, t);
        }))
      continue;
    const auto part = static_cast<float>(w.to > w.from ? (t - w.from) / (w.to - w.from) : 0);
    const auto between = [&](float a, float b) { return a + (b - a) * part; };
    const auto shaken = [&](float v) {
      const double unit = random_() / 4294967295.0 * 2 - 1;
      return v + static_cast<float>(unit * jitter_);
    };
    NamedBox named{.detection = {}, .name = w.name};
    named.detection.box = {
        shaken(between(w.first.x, w.last.x)), shaken(between(w.first.y, w.last.y)),
        shaken(between(w.first.w, w.last.w)), shaken(between(w.first.h, w.last.h))};
    named.detection.score = w.score;
    for (const Span& span : section_.scores)
      if (fits(span.name, w.name) && within(span, t)) named.detection.score = span.score;
    frame.boxes.push_back(named);
  }
  for (NamedBox& named : frame.boxes)
    for (const auto& [pattern, label] : label_of_)
      if (fits(pattern, named.name)) named.detection.label = label;
  scenario_.frames.push_back(std::move(frame));
}

// What the tracker made of each named person: the ids by frame, 0 where there was none.
struct Seen {
  std::vector<std::pair<media::Pts, uint32_t>> ids;
  [[nodiscard]] std::set<uint32_t> distinct() const {
    std::set<uint32_t> out;
    for (const auto& [pts, id] : ids)
      if (id != 0) out.insert(id);
    return out;
  }
};

std::string list(const std::set<uint32_t>& ids) {
  std::string out;
  for (const uint32_t id : ids) out += fmt::format(" {}", id);
  return out.empty() ? " none" : out;
}

std::optional<std::string> judge(const Expectation& e, const std::map<std::string, Seen>& people,
                                 size_t ids_in_all) {
  using Kind = Expectation::Kind;
  if (e.kind == Kind::ids)
    return ids_in_all == e.count
               ? std::nullopt
               : std::optional(fmt::format("{}: there were {} ids", e.sentence, ids_in_all));
  bool anybody = false;
  for (const auto& [name, seen] : people) {
    if (!fits(e.a, name)) continue;
    anybody = true;
    const auto ids = seen.distinct();
    if (e.kind == Kind::same && ids.size() != 1)
      return fmt::format("{}: {} had ids{}", e.sentence, name, list(ids));
    if (e.kind == Kind::never && !ids.empty())
      return fmt::format("{}: {} had ids{}", e.sentence, name, list(ids));
    if (e.kind == Kind::always)
      for (const auto& [pts, id] : seen.ids)
        if (pts >= e.from && id == 0)
          return fmt::format("{}: {} had no id at {} s", e.sentence, name, media::to_seconds(pts));
    if (e.kind != Kind::different) continue;
    for (const auto& [other, other_seen] : people) {
      if (other == name || !fits(e.b, other)) continue;
      for (const uint32_t id : other_seen.distinct())
        if (ids.contains(id))
          return fmt::format("{}: {} and {} both had id {}", e.sentence, name, other, id);
    }
  }
  if (!anybody) return fmt::format("{}: nobody is called {}", e.sentence, e.a);
  return std::nullopt;
}

}  // namespace

Result<Scenario> read_scenario(const std::string& text, const std::string& file) {
  return Reader().read(text, file);
}

std::vector<std::string> play(const Scenario& scenario) {
  Tracker tracker(scenario.options);
  std::map<std::string, Seen> people;
  std::set<uint32_t> ids;
  std::vector<geom::Detection> detections;
  for (const ScenarioFrame& frame : scenario.frames) {
    detections.clear();
    for (const NamedBox& named : frame.boxes) {
      detections.push_back(named.detection);
      people[named.name].ids.emplace_back(frame.pts, 0);
    }
    for (const Track& track : tracker.update(detections, frame.pts)) {
      ids.insert(track.id);
      if (track.seen)
        people[frame.boxes[static_cast<size_t>(track.detection)].name].ids.back().second = track.id;
    }
  }
  std::vector<std::string> failures;
  for (const Expectation& e : scenario.expectations)
    if (auto failure = judge(e, people, ids.size())) failures.push_back(*failure);
  return failures;
}

}  // namespace pasu::track
