#include "bench/camera_plan.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/guard.h"

namespace pasu::bench {
namespace {

using nlohmann::json;

/// A stretch of a clip, [begin, end) GOPs.
struct Stretch {
  uint32_t begin = 0, end = 0;
  [[nodiscard]] uint32_t size() const { return end - begin; }
};

/// A clip's stretches with people, widened by a GOP, and its longest one without.
struct Stretches {
  std::vector<Stretch> busy;
  Stretch quiet;
};

Stretches stretches_of(const PresenceByGop& people) {
  const size_t count = people.size();
  std::vector<bool> busy(count, false);
  for (size_t g = 0; g < count; ++g)
    if (!people[g].empty())
      for (size_t i = g > 0 ? g - 1 : 0; i <= std::min(g + 1, count - 1); ++i) busy[i] = true;
  Stretches out;
  for (size_t begin = 0; begin < count;) {
    size_t end = begin;
    while (end < count && busy[end] == busy[begin]) ++end;
    const Stretch one{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    if (busy[begin])
      out.busy.push_back(one);
    else if (one.size() > out.quiet.size())
      out.quiet = one;
    begin = end;
  }
  return out;
}

double gop_seconds(const CameraClip& clip) {
  return static_cast<double>(clip.units()) / clip.fps / static_cast<double>(clip.gops.size());
}

/// Writes a camera's GOPs until there are enough.
class Writer {
 public:
  Writer(std::vector<uint32_t>& out, size_t wanted) : out_(out), wanted_(wanted) {}
  [[nodiscard]] bool done() const { return out_.size() >= wanted_; }
  void stretch(const Stretch& stretch, size_t skip = 0) {
    for (uint32_t g = stretch.begin; g < stretch.end && !done(); ++g)
      if (skip > 0)
        --skip;
      else
        out_.push_back(g);
  }
  /// The stretch over and over.
  void repeat(const Stretch& stretch, size_t gops) {
    for (size_t i = 0; i < gops && !done(); ++i)
      out_.push_back(stretch.begin + static_cast<uint32_t>(i % stretch.size()));
  }

 private:
  std::vector<uint32_t>& out_;
  const size_t wanted_;
};

// How many empty GOPs follow `busy` ones.
size_t empty_after(size_t busy, double active) {
  return static_cast<size_t>(static_cast<double>(busy) * (1 - active) / active);
}

void write_active(Writer& writer, const Stretches& in, double active, std::mt19937& random) {
  if (active <= 0) {
    while (!writer.done()) writer.repeat(in.quiet, in.quiet.size());
    return;
  }
  size_t at = random() % in.busy.size();
  // Begins anywhere in the round of a stretch and the emptiness after it.
  size_t skip = random() % (in.busy[at].size() + empty_after(in.busy[at].size(), active));
  while (!writer.done()) {
    const Stretch& busy = in.busy[at];
    writer.stretch(busy, skip);
    const size_t empty = empty_after(busy.size(), active);
    const size_t skipped = skip > busy.size() ? skip - busy.size() : 0;
    if (in.quiet.size() > 0) writer.repeat(in.quiet, empty - std::min(skipped, empty));
    skip = 0;
    at = (at + 1) % in.busy.size();
  }
}

Result<void> check(const PlanOptions& options, const CameraClip& clip, const Stretches& in) {
  if (!options.active) return {};
  if (*options.active > 0 && in.busy.empty())
    return fail(Errc::invalid_argument,
                "{}: nobody is in it, so no camera can show anybody; take another clip or "
                "--active 0",
                clip.path);
  if (*options.active < 1 && in.quiet.size() == 0)
    return fail(Errc::invalid_argument,
                "{}: somebody is in it all along, so no camera can be quiet; take another clip "
                "or --active 1",
                clip.path);
  return {};
}

}  // namespace

Result<std::vector<CameraPlan>> make_plans(const PlanOptions& options,
                                           const std::vector<CameraClip>& clips,
                                           const std::vector<PresenceByGop>& people) {
  std::vector<Stretches> stretches;
  for (size_t i = 0; i < clips.size(); ++i) {
    stretches.push_back(stretches_of(people[i]));
    TRY(check(options, clips[i], stretches.back()));
  }
  std::mt19937 random(options.seed);
  std::vector<CameraPlan> out(options.cameras);
  for (size_t i = 0; i < out.size(); ++i) {
    CameraPlan& plan = out[i];
    plan.clip = i % clips.size();
    const double gop = gop_seconds(clips[plan.clip]);
    plan.phase =
        std::chrono::nanoseconds(static_cast<int64_t>(1e9 * gop * (random() % 4096) / 4096));
    Writer writer(plan.gops, static_cast<size_t>(options.seconds / gop) + 2);
    if (options.active) {
      write_active(writer, stretches[plan.clip], *options.active, random);
      continue;
    }
    const Stretch whole{0, static_cast<uint32_t>(clips[plan.clip].gops.size())};
    writer.stretch(whole, random() % whole.size());
    while (!writer.done()) writer.stretch(whole);
  }
  return out;
}

std::string to_text(const FeedPlan& plan) {
  json cameras = json::array();
  for (const CameraPlan& camera : plan.cameras)
    cameras.push_back(
        {{"clip", camera.clip}, {"phase_ns", camera.phase.count()}, {"gops", camera.gops}});
  return json{{"clips", plan.clips}, {"start_ns", plan.start_ns}, {"cameras", std::move(cameras)}}
      .dump();
}

Result<FeedPlan> parse_feed_plan(std::string_view text) {
  return guard(
      [&]() -> Result<FeedPlan> {
        const json root = json::parse(text);
        FeedPlan out;
        out.clips = root.at("clips").get<std::vector<std::string>>();
        out.start_ns = root.at("start_ns").get<int64_t>();
        for (const json& camera : root.at("cameras"))
          out.cameras.push_back({camera.at("clip").get<size_t>(),
                                 std::chrono::nanoseconds(camera.at("phase_ns").get<int64_t>()),
                                 camera.at("gops").get<std::vector<uint32_t>>()});
        return out;
      },
      Errc::malformed);
}

std::string camera_name(size_t index) { return fmt::format("cam{:04}", index); }

}  // namespace pasu::bench
