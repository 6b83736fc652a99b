#include "bench/cameras_bench.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/process_usage.h"
#include "bench/camera_feed.h"
#include "bench/cameras_score.h"
#include "bench/feed_process.h"
#include "bench/pass_time.h"

namespace pasu::bench {
namespace {

constexpr std::chrono::seconds kLead{3}, kConnectMax{90};
constexpr auto kLook = std::chrono::milliseconds(100);

MonoTime::duration to_duration(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(1e9 * seconds));
}

/// Everything of one run that has to be destroyed in order.
class Run {
 public:
  Run(const CamerasLoad& load, const std::function<void(const std::string&)>& on_step,
      const std::atomic<bool>& stop)
      : load_(load), on_step_(on_step), stop_(stop) {}

  Result<CamerasCost> go() {
    TRY(read_clips());
    TRY(begin());
    TRY(connect());
    on_step_(fmt::format("settling for {:.0f} s", load_.settle));
    TRY(pass_time(to_duration(load_.settle), stop_));
    on_step_(fmt::format("measuring for {:.0f} s", load_.seconds));
    TRY(measure());
    score();
    return cost_;
  }

 private:
  Result<void> read_clips() {
    detect::DetectorOptions options;
    options.model = load_.model;
    options.input = {load_.model_width, load_.model_height};
    options.streams = 1;
    options.score_min = 0.1f;
    const auto detector = TRY(detect::Detector::open(options));
    for (const std::string& path : load_.clips) {
      on_step_(fmt::format("who is in {}", path));
      clips_.push_back(TRY(CameraClip::load(path, stop_)));
      people_.push_back(
          TRY(find_people(clips_.back(), *detector, detector->info().threshold, stop_)));
    }
    return {};
  }

  Result<void> begin() {
    plan_.clips = load_.clips;
    const double most = std::chrono::duration<double>(kLead + kConnectMax).count();
    plan_.cameras = TRY(make_plans({.cameras = load_.cameras,
                                    .active = load_.active,
                                    .seconds = most + load_.settle + load_.seconds,
                                    .seed = load_.seed},
                                   clips_, people_));
    plan_.start_ns = (system_clock().now() + kLead).time_since_epoch().count();
    const bool in_memory = load_.transport == FeedTransport::memory;
    if (!in_memory) feed_ = TRY(FeedProcess::start(plan_, stop_));
    node::ServerConfig config;
    config.streaming.rtsp_port = config.streaming.rtsps_port = 0;
    config.streaming.rtmp_port = config.streaming.rtmps_port = 0;
    config.model = load_.model;
    config.model_width = load_.model_width;
    config.model_height = load_.model_height;
    config.data = scratch_.file("data");
    for (size_t i = 0; i < load_.cameras; ++i) {
      node::CameraConfig camera;
      camera.name = camera_name(i);
      camera.url = in_memory ? "memory:" + camera.name
                             : fmt::format("rtsp://127.0.0.1:{}/{}", feed_->port(), camera.name);
      camera.fps = load_.fps;
      camera.sleeps = load_.sleeps;
      config.cameras.push_back(std::move(camera));
    }
    std::this_thread::sleep_until(start());
    began_ = system_clock().now();
    node_ = TRY(node::Node::create(
        std::move(config), in_memory ? memory_cameras(plan_, clips_) : node::SourceFactory()));
    notes_.listen(*node_);
    return {};
  }

  [[nodiscard]] MonoTime start() const {
    return MonoTime(std::chrono::nanoseconds(plan_.start_ns));
  }

  Result<void> connect() {
    on_step_(fmt::format("connecting {} cameras", load_.cameras));
    while (system_clock().now() < began_ + kConnectMax) {
      TRY(pass_time(kLook, stop_));
      const auto cameras = node_->cameras();
      cost_.not_connected = static_cast<int>(std::ranges::count_if(
          cameras, [](const auto& camera) { return !node::shows_pictures(camera.state); }));
      cost_.connect_s = std::chrono::duration<double>(system_clock().now() - began_).count();
      if (cost_.not_connected == 0) return {};
    }
    return {};
  }

  Result<double> feed_seconds() { return feed_ ? feed_->cpu_seconds() : Result<double>(0.0); }

  Result<void> measure() {
    from_ = system_clock().now();
    const auto drops_before = drops();
    const double cpu = process_cpu_seconds(), feed = TRY(feed_seconds());
    double awake = 0, source = 0, share = 0, thrifty = 0;
    int looks = 0;
    for (to_ = from_ + to_duration(load_.seconds); system_clock().now() < to_; ++looks) {
      TRY(pass_time(
          std::min<MonoTime::duration>(std::chrono::seconds(1), to_ - system_clock().now()),
          stop_));
      const auto server = node_->status();
      share += server.analysed_share;
      thrifty += server.key_frames_only == gate::Thrift::none ? 0 : 1;
      for (const auto& camera : node_->cameras()) {
        awake += camera.figures.awake ? 1 : 0;
        source += camera.figures.source_fps;
      }
    }
    to_ = system_clock().now();
    cost_.seconds = std::chrono::duration<double>(to_ - from_).count();
    cost_.cores = (process_cpu_seconds() - cpu) / cost_.seconds;
    cost_.feed_cores = (TRY(feed_seconds()) - feed) / cost_.seconds;
    cost_.rss_mb = process_rss_mb();
    const double all = static_cast<double>(load_.cameras) * std::max(looks, 1);
    cost_.analysed_share = share / std::max(looks, 1);
    cost_.thrifty_share = thrifty / std::max(looks, 1);
    cost_.awake_share = awake / all;
    cost_.source_fps = source / all;
    for (const auto& [cause, count] : drops()) {
      const auto before = drops_before.find(cause);
      const uint64_t more = count - (before == drops_before.end() ? 0 : before->second);
      if (more > 0) cost_.drops[cause] = more;
    }
    // What was sent last has its boxes a little later.
    return pass_time(std::chrono::seconds(1), stop_);
  }

  [[nodiscard]] std::map<std::string, uint64_t> drops() const {
    std::map<std::string, uint64_t> out;
    for (const auto& camera : node_->cameras())
      for (const auto& [cause, count] : camera.figures.drops) out[cause] += count;
    return out;
  }

  void score() {
    cost_.cameras = load_.cameras;
    std::vector<double> wake, boxes;
    double analysed = 0;
    for (size_t i = 0; i < load_.cameras; ++i) {
      auto told = notes_.take(camera_name(i));
      analysed += static_cast<double>(std::ranges::count_if(
          told, [&](const Told& one) { return one.at >= from_ && one.at < to_; }));
      const CameraPlan& plan = plan_.cameras[i];
      const Score one = score_camera({&clips_[plan.clip], &people_[plan.clip], &plan, start()},
                                     std::move(told), load_.fps, from_, to_);
      cost_.person_seconds += one.person_seconds;
      cost_.missed += one.missed;
      wake.insert(wake.end(), one.wake_ms.begin(), one.wake_ms.end());
      boxes.insert(boxes.end(), one.boxes_ms.begin(), one.boxes_ms.end());
    }
    cost_.wake_ms = spread_of(std::move(wake));
    cost_.boxes_ms = spread_of(std::move(boxes));
    cost_.analysed_fps = analysed / cost_.seconds / static_cast<double>(load_.cameras);
  }

  const CamerasLoad& load_;
  const std::function<void(const std::string&)>& on_step_;
  const std::atomic<bool>& stop_;
  job::Scratch scratch_;
  std::vector<CameraClip> clips_;
  std::vector<PresenceByGop> people_;
  FeedPlan plan_;
  Notes notes_;
  std::unique_ptr<FeedProcess> feed_;
  std::unique_ptr<node::Node> node_;
  MonoTime began_{}, from_{}, to_{};
  CamerasCost cost_;
};

}  // namespace

Result<CamerasCost> bench_cameras(const CamerasLoad& load,
                                  const std::function<void(const std::string&)>& on_step,
                                  const std::atomic<bool>& stop) {
  return Run(load, on_step, stop).go();
}

}  // namespace pasu::bench
