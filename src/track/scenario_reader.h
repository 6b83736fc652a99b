// Reads tests/scenario/track_*.txt (its README.md describes the format) and plays one to a Tracker.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "track/tracker.h"

namespace pasu::track {

/// One detection that a scenario gives to the tracker, and whose it is.
struct NamedBox {
  geom::Detection detection;
  std::string name;
};

struct ScenarioFrame {
  media::Pts pts{0};
  std::vector<NamedBox> boxes;
};

struct Expectation {
  enum class Kind { same, different, never, always, ids };
  Kind kind = Kind::same;
  std::string a, b;      ///< Names; one ending in * stands for all that begin so.
  media::Pts from{0};    ///< For `always`.
  size_t count = 0;      ///< For `ids`.
  std::string sentence;  ///< The line as written, with its number.
};

struct Scenario {
  TrackerOptions options;
  std::vector<ScenarioFrame> frames;
  std::vector<Expectation> expectations;
};

/// Errors name the line. `file` is only for them.
[[nodiscard]] Result<Scenario> read_scenario(const std::string& text, const std::string& file);

/// Plays the scenario and says which expectations fail and how; empty = all hold.
[[nodiscard]] std::vector<std::string> play(const Scenario& scenario);

}  // namespace pasu::track
