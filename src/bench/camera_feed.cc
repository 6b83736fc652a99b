#include "bench/camera_feed.h"

#include <algorithm>
#include <queue>
#include <thread>

#include "bench/camera_player.h"
#include "hub/registry.h"
#include "net/rtsp_server.h"

namespace pasu::bench {
namespace {

// What is due so soon is sent with what is due now: one waking for many cameras.
constexpr auto kTogether = std::chrono::milliseconds(2);
constexpr auto kStopLook = std::chrono::milliseconds(50);
constexpr std::string_view kScheme = "memory:";

MonoTime start_of(const FeedPlan& plan) {
  return MonoTime(std::chrono::nanoseconds(plan.start_ns));
}

struct Camera {
  CameraPlayer player;
  std::unique_ptr<hub::Publication> publication;
};
struct Due {
  MonoTime at;
  size_t camera;
  bool operator>(const Due& other) const { return at > other.at; }
};

void play(std::vector<Camera>& cameras, const std::atomic<bool>& stop) {
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue;
  const auto plan_next = [&](size_t i) {
    if (const auto due = cameras[i].player.due()) queue.push({*due, i});
  };
  for (size_t i = 0; i < cameras.size(); ++i) plan_next(i);
  while (!queue.empty() && !stop) {
    const MonoTime now = system_clock().now();
    if (queue.top().at > now) {
      std::this_thread::sleep_until(std::min(queue.top().at + kTogether, now + kStopLook));
      continue;
    }
    const size_t camera = queue.top().camera;
    queue.pop();
    cameras[camera].publication->publish(cameras[camera].player.next());
    plan_next(camera);
  }
}

class MemorySource final : public node::Source {
 public:
  MemorySource(const CameraClip& clip, const CameraPlan& plan, MonoTime start,
               const std::atomic<bool>& stop)
      : tracks_{clip.video}, player_(clip, plan, start), stop_(stop) {
    // As who comes late to a live camera: from its next key frame on.
    const MonoTime now = system_clock().now();
    while (player_.due() && *player_.due() < now) (void)player_.next();
    for (waits_ = true; player_.due() && waits_;) {
      CameraPlayer ahead = player_;
      waits_ = !ahead.next().key;
      if (waits_) player_ = ahead;
    }
  }
  const hub::Tracks& tracks() const override { return tracks_; }
  Result<Unit> read() override {
    const auto due = player_.due();
    if (!due) return fail(Errc::unavailable, "the plan is at its end");
    for (MonoTime now = system_clock().now(); now < *due; now = system_clock().now()) {
      if (stop_) return fail(Errc::cancelled, "stopped");
      std::this_thread::sleep_until(std::min(*due, now + kStopLook));
    }
    if (stop_) return fail(Errc::cancelled, "stopped");
    Unit out;
    out.unit = player_.next();
    return out;
  }

 private:
  const hub::Tracks tracks_;
  CameraPlayer player_;
  const std::atomic<bool>& stop_;
  bool waits_ = false;
};

}  // namespace

Result<void> feed_cameras(const FeedPlan& plan, const std::function<void(int)>& on_port,
                          const std::atomic<bool>& stop) {
  std::vector<CameraClip> clips;
  for (const std::string& path : plan.clips) clips.push_back(TRY(CameraClip::load(path, stop)));
  hub::Registry registry;
  net::IoThreads threads(1);
  std::vector<Camera> cameras;
  for (size_t i = 0; i < plan.cameras.size(); ++i) {
    const CameraClip& clip = clips[plan.cameras[i].clip];
    auto publication = TRY(registry.publish(camera_name(i)));
    TRY(publication->set_tracks({clip.video}));
    cameras.push_back(
        {CameraPlayer(clip, plan.cameras[i], start_of(plan)), std::move(publication)});
  }
  net::RtspServerOptions options;
  options.plain->address = "127.0.0.1";
  options.plain->port = 0;
  options.auth.may = [](auto, auto, auto) { return true; };
  const auto server = TRY(net::RtspServer::start(threads, registry, std::move(options)));
  on_port(server->port());
  play(cameras, stop);
  return {};
}

node::SourceFactory memory_cameras(const FeedPlan& plan, const std::vector<CameraClip>& clips) {
  return [&](const std::string& url, const node::Patience&,
             const std::atomic<bool>& stop) -> Result<std::unique_ptr<node::Source>> {
    for (size_t i = 0; i < plan.cameras.size(); ++i) {
      if (url != std::string(kScheme) + camera_name(i)) continue;
      const CameraPlan& camera = plan.cameras[i];
      return std::make_unique<MemorySource>(clips[camera.clip], camera, start_of(plan), stop);
    }
    return fail(Errc::not_found, "{}: there is no such camera", url);
  };
}

}  // namespace pasu::bench
