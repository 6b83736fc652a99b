#include "bench/shadow.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "bench/pass_time.h"
#include "job/scratch.h"

namespace pasu::bench {
namespace {

constexpr int kSeenMin = 2;

/// Analysed frames by when they were taken.
std::map<MonoTime, Told> by_time(std::vector<Told> told) {
  const MonoTime zero = zero_of(told);
  std::map<MonoTime, Told> out;
  for (Told& one : told) {
    const MonoTime taken = zero + one.pts;
    out.try_emplace(taken, std::move(one));
  }
  return out;
}

bool is_told(const std::map<MonoTime, Told>& told, const std::vector<geom::Box>& boxes,
             MonoTime from, MonoTime to) {
  for (auto at = told.lower_bound(from); at != told.end() && at->first < to; ++at)
    if (shows_any(at->second, boxes)) return true;
  return false;
}

Result<std::vector<node::CameraConfig>> chosen(const ShadowOptions& options) {
  std::vector<node::CameraConfig> out;
  for (const node::CameraConfig& camera : options.config.cameras) {
    const bool named = std::ranges::find(options.only, camera.name) != options.only.end();
    if (!options.only.empty() && !named) continue;
    if (camera.enabled && camera.fps > 0 && camera.url != node::kPublish) out.push_back(camera);
  }
  for (const std::string& name : options.only)
    if (std::ranges::find(out, name, &node::CameraConfig::name) == out.end())
      return fail(Errc::not_found, "there is no camera '{}' that is analysed and pulled", name);
  if (out.empty()) return fail(Errc::not_found, "no camera of the configuration is analysed");
  return out;
}

/// The same cameras once more, by a server that nobody else sees.
struct Watch {
  job::Scratch scratch;
  Notes notes;
  std::unique_ptr<node::Node> node;
  std::map<std::string, double> cpu_ms, awake;

  Result<void> start(node::ServerConfig config, bool sleeps) {
    config.data = scratch.file("data");
    config.streaming = {};
    config.streaming.rtsp_port = config.streaming.rtsps_port = 0;
    config.streaming.rtmp_port = config.streaming.rtmps_port = 0;
    for (node::CameraConfig& camera : config.cameras) camera.sleeps = sleeps;
    node = TRY(node::Node::create(std::move(config)));
    notes.listen(*node);
    return {};
  }
  void look() {
    for (const auto& camera : node->cameras()) {
      cpu_ms[camera.config.name] += camera.figures.cpu_ms_per_s;
      awake[camera.config.name] += camera.figures.awake ? 1 : 0;
    }
  }
};

Result<void> pass(double seconds, const std::atomic<bool>& stop,
                  const std::function<void()>& each_second) {
  for (int i = 0; i < static_cast<int>(seconds); ++i) {
    TRY(pass_time(std::chrono::seconds(1), stop));
    each_second();
  }
  return {};
}

}  // namespace

ShadowCamera compare_runs(std::vector<Told> full, std::vector<Told> gated, MonoTime from,
                          MonoTime to) {
  constexpr std::chrono::seconds kSecond{1};
  const auto every = by_time(std::move(full)), through = by_time(std::move(gated));
  ShadowCamera out;
  for (MonoTime second = from; second + kSecond <= to; second += kSecond) {
    std::map<uint32_t, std::vector<geom::Box>> people;
    const auto begin = every.lower_bound(second), end = every.lower_bound(second + kSecond);
    for (auto at = begin; at != end; ++at)
      for (const Told::Person& person : at->second.people)
        people[person.track].push_back(person.box);
    const auto analysed =
        std::distance(through.lower_bound(second), through.lower_bound(second + kSecond));
    const bool was_awake = 2 * analysed >= std::distance(begin, end);
    for (const auto& [track, boxes] : people) {
      if (boxes.size() < kSeenMin) continue;
      ++out.person_seconds;
      if (!was_awake && !is_told(through, boxes, second - kSecond, second + 2 * kSecond))
        ++out.missed;
    }
  }
  return out;
}

Result<ShadowCost> shadow_cameras(const ShadowOptions& options,
                                  const std::function<void(const std::string&)>& on_step,
                                  const std::atomic<bool>& stop) {
  node::ServerConfig config = options.config;
  config.cameras = TRY(chosen(options));
  on_step(fmt::format("watching {} cameras twice", config.cameras.size()));
  Watch full, gated;
  TRY(full.start(config, false));
  TRY(gated.start(config, true));
  TRY(pass(options.settle, stop, [] {}));
  on_step(fmt::format("comparing for {:.0f} s", options.seconds));
  ShadowCost out;
  const MonoTime from = system_clock().now();
  TRY(pass(options.seconds, stop, [&] {
    full.look();
    gated.look();
    out.analysed_share = std::min(out.analysed_share, full.node->status().analysed_share);
  }));
  const MonoTime to = system_clock().now() - std::chrono::seconds(2);
  for (const node::CameraConfig& camera : config.cameras) {
    ShadowCamera one =
        compare_runs(full.notes.take(camera.name), gated.notes.take(camera.name), from, to);
    one.name = camera.name;
    one.awake_share = gated.awake[camera.name] / options.seconds;
    one.full_ms = full.cpu_ms[camera.name] / options.seconds;
    one.gated_ms = gated.cpu_ms[camera.name] / options.seconds;
    out.cameras.push_back(std::move(one));
  }
  return out;
}

}  // namespace pasu::bench
