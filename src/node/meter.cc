#include "node/meter.h"

namespace pasu::node {
namespace {

metrics::Counter counter(const std::string& name, const char* help, const std::string& camera) {
  return metrics::registry().counter("pasu_node_" + name + "_total", help, {{"camera", camera}});
}

}  // namespace

Meter::Meter(const std::string& camera, const Clock& clock, double inference_cpu_ms)
    : camera_(camera),
      clock_(clock),
      inference_cpu_ms_(inference_cpu_ms),
      units_total_(counter("access_units", "Compressed pictures received.", camera)),
      bytes_total_(counter("bytes", "Bytes of compressed video received.", camera)),
      decoded_total_(counter("frames_decoded", "Frames decoded.", camera)),
      analysed_total_(counter("frames_analysed", "Frames that the detector saw.", camera)),
      reconnects_total_(counter("reconnects", "Sessions begun again after a loss.", camera)),
      packets_lost_total_(counter("packets_lost", "Packets that never came.", camera)),
      packets_bad_total_(counter("packets_bad", "Packets that could not be read.", camera)),
      units_damaged_total_(counter(
          "units_damaged", "Pictures and sounds that came damaged and were left out.", camera)),
      latency_(metrics::registry().histogram("pasu_node_boxes_latency_seconds",
                                             "From a frame's arrival to its boxes.",
                                             {{"camera", camera}}, metrics::latency_bounds())) {}

void Meter::unit_arrived(size_t bytes) {
  units_total_.add();
  bytes_total_.add(static_cast<double>(bytes));
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  units_.add(1, now);
  bytes_.add(static_cast<double>(bytes), now);
}

void Meter::unit_to_analyse() {
  std::lock_guard lock(mutex_);
  to_analyse_.add(1, clock_.now());
}

void Meter::frame_decoded() {
  decoded_total_.add();
  std::lock_guard lock(mutex_);
  decoded_.add(1, clock_.now());
}

void Meter::decode_failed() {
  drop("damaged");
  std::lock_guard lock(mutex_);
  failed_.add(1, clock_.now());
}

void Meter::frame_analysed(MonoTime arrival, bool replayed) {
  analysed_total_.add();
  const auto now = clock_.now();
  const double ms = std::chrono::duration<double, std::milli>(now - arrival).count();
  if (!replayed) latency_.observe(ms / 1e3);
  std::lock_guard lock(mutex_);
  analysed_.add(1, now);
  if (replayed) return;
  // A slow mean that follows within about ten frames.
  latency_ms_ = latency_ms_ == 0 ? ms : latency_ms_ * 0.9 + ms * 0.1;
}

void Meter::pictures_inferred(size_t count) {
  std::lock_guard lock(mutex_);
  cpu_.add(inference_cpu_ms_ * static_cast<double>(count), clock_.now());
}

void Meter::drop(const std::string& cause, uint64_t count) {
  std::lock_guard lock(mutex_);
  const auto [at, is_new] = drops_.try_emplace(cause);
  if (is_new)
    at->second.total = metrics::registry().counter("pasu_node_frames_dropped_total",
                                                   "Frames not looked at, by cause.",
                                                   {{"camera", camera_}, {"cause", cause}});
  at->second.count += count;
  at->second.total.add(static_cast<double>(count));
}

void Meter::lost(const Source::Losses& now, const Source::Losses& before) {
  const auto add = [](const metrics::Counter& counter, uint64_t to, uint64_t from) {
    if (to > from) counter.add(static_cast<double>(to - from));
  };
  add(packets_lost_total_, now.packets_lost, before.packets_lost);
  add(packets_bad_total_, now.packets_bad, before.packets_bad);
  add(units_damaged_total_, now.units_damaged, before.units_damaged);
}

void Meter::reconnected() {
  reconnects_total_.add();
  std::lock_guard lock(mutex_);
  ++reconnects_;
}

void Meter::cpu_used(double ms) {
  std::lock_guard lock(mutex_);
  cpu_.add(ms, clock_.now());
}

Meter::Health Meter::health() {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  return {.source_fps = to_analyse_.per_second(now),
          .decoded_fps = decoded_.per_second(now),
          .failed_fps = failed_.per_second(now),
          .analysed_fps = analysed_.per_second(now)};
}

CameraFigures Meter::figures() {
  const auto now = clock_.now();
  std::lock_guard lock(mutex_);
  CameraFigures out;
  out.source_fps = units_.per_second(now);
  out.decoded_fps = decoded_.per_second(now);
  out.analysed_fps = analysed_.per_second(now);
  out.bit_rate = bytes_.per_second(now) * 8;
  out.cpu_ms_per_s = cpu_.per_second(now);
  out.latency_ms = latency_ms_;
  for (const auto& [cause, dropped] : drops_) out.drops[cause] = dropped.count;
  out.reconnects = reconnects_;
  return out;
}

}  // namespace pasu::node
