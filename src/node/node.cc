#include "node/node.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/process_usage.h"
#include "net/client.h"
#include "node/camera.h"
#include "node/camera_check.h"
#include "node/camera_store.h"

namespace pasu::node {
namespace {

// CPU time of one inference, by looking at a grey picture a few times before any camera runs.
double measure_inference_cpu_ms(detect::Detector& detector) {
  constexpr int kWarm = 2, kRuns = 10, kWidth = 640, kHeight = 360;
  auto pixels = std::make_shared<std::vector<uint8_t>>(size_t{kWidth} * kHeight, uint8_t{128});
  media::Frame frame;
  frame.width = kWidth;
  frame.height = kHeight;
  frame.format = media::PixelFormat::gray8;
  frame.planes[0] = {pixels->data(), kWidth};
  frame.owner = pixels;
  for (int i = 0; i < kWarm; ++i) (void)detector.detect(frame);
  const double before = process_cpu_seconds();
  for (int i = 0; i < kRuns; ++i) (void)detector.detect(frame);
  return (process_cpu_seconds() - before) * 1e3 / kRuns;
}

detect::DetectorOptions detector_options(const ServerConfig& config) {
  detect::DetectorOptions out;
  out.model = config.model;
  out.input = {static_cast<int>(config.model_width), static_cast<int>(config.model_height)};
  // Scores too low to begin a track may still continue one (TrackerOptions::low).
  out.score_min = 0.1f;
  return out;
}

class NodeImpl final : public Node {
 public:
  NodeImpl(const ServerConfig& config, std::unique_ptr<Streaming> streaming, CameraStore store,
           SourceFactory open_source)
      : detector_options_(detector_options(config)),
        streaming_(std::move(streaming)),
        cores_(static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))),
        workers_(config.workers > 0 ? static_cast<size_t>(config.workers)
                                    : static_cast<size_t>(cores_)),
        store_(std::move(store)) {
    context_.workers = &workers_;
    context_.governor = &governor_;
    context_.streaming = streaming_.get();
    context_.open_source = std::move(open_source);
    if (!context_.open_source)
      context_.open_source = [this](const std::string& url, Patience patience,
                                    const std::atomic<bool>& stop) {
        return net::is_stream_url(url)
                   ? open_net_source(streaming_->threads().next(), url, std::move(patience), stop)
                   : open_av_source(url, stop);
      };
    context_.on_detections = [this](const Detections& d) {
      tell([&](const Listener& l) {
        if (l.on_detections) l.on_detections(d);
      });
    };
    context_.on_camera = [this](const CameraStatus& s) {
      tell([&](const Listener& l) {
        if (l.on_camera) l.on_camera(s);
      });
    };
  }

  Result<void> begin() {
    // The first camera of a server that has none yet will most likely be analysed.
    if (store_.cameras().empty()) TRY(prepare_for({}));
    for (const auto& camera : store_.cameras()) TRY(prepare_for(camera));
    for (const auto& camera : store_.cameras())
      cameras_.push_back(std::make_shared<Camera>(camera, context_));
    ticker_ = std::thread([this] { tick(); });
    return {};
  }

  ~NodeImpl() override {
    if (!ticker_.joinable()) return;
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stop_ticker_.notify_all();
    ticker_.join();
    stop_all();
  }

  ServerStatus status() const override {
    ServerStatus out;
    out.version = PASU_VERSION;
    out.started = started_;
    out.now = system_clock().utc();
    out.cores = cores_;
    out.rss_mb = process_rss_mb();
    const Governor::Limits limits = governor_.limits();
    out.analysed_share = limits.share;
    out.key_frames_only = limits.thrift;
    out.rtsp_port = streaming_->rtsp_port();
    out.rtmp_port = streaming_->rtmp_port();
    for (const auto& camera : snapshot()) {
      const CameraStatus one = camera->status();
      out.people += one.people;
      ++out.cameras;
      if (shows_pictures(one.state)) ++out.cameras_live;
      if (shows_pictures(one.state) && one.figures.awake) ++out.cameras_awake;
    }
    std::lock_guard lock(mutex_);
    out.model = model_;
    out.cpu = cpu_;
    if (ticks_ > Rate::kSeconds && out.cameras_live > 0 && cpu_ > 0) {
      // Cameras like the mean of today's, up to nine tenths of the cores.
      const double each = cpu_ / out.cameras_live;
      out.headroom_cameras = std::max(0, static_cast<int>((0.9 * cores_ - cpu_) / each));
    }
    return out;
  }

  std::vector<CameraStatus> cameras() const override {
    std::vector<CameraStatus> out;
    for (const auto& camera : snapshot()) out.push_back(camera->status());
    return out;
  }

  Result<CameraStatus> camera(const std::string& name) const override {
    return TRY(find(name))
    ->status();
  }

  Result<CameraStatus> add(const CameraConfig& config) override {
    TRY(check_camera(config));
    std::lock_guard edit(edit_mutex_);
    TRY(check_free(config.name));
    if (snapshot().size() >= kCamerasMax)
      return fail(Errc::unavailable, "there are {} cameras, which is the most a server takes",
                  kCamerasMax);
    TRY(prepare_for(config));
    TRY(store_.put(config));
    return start(config, std::nullopt);
  }

  Result<CameraStatus> change(const std::string& name, const CameraConfig& wanted) override {
    std::lock_guard edit(edit_mutex_);
    const auto old = TRY(find(name));
    CameraConfig config = wanted;
    config.url = restore_credentials(config.url, old->config().url);
    config.sub = restore_credentials(config.sub, old->config().sub);
    TRY(check_camera(config));
    if (config.name != name) TRY(check_free(config.name));
    TRY(prepare_for(config));
    TRY(store_.replace(name, config));
    if (config == old->config()) return old->status();
    return start(config, name);
  }

  Result<void> remove(const std::string& name) override {
    std::lock_guard edit(edit_mutex_);
    auto old = TRY(find(name));
    TRY(store_.remove(name));
    {
      std::lock_guard lock(mutex_);
      std::erase(cameras_, old);
    }
    // Someone may hold it for a moment longer (a picture being made): whoever lets go last destroys
    // it.
    old->stop();
    tell([&](const Listener& l) {
      if (l.on_removed) l.on_removed(name);
    });
    return {};
  }

  Result<Bytes> frame_jpeg(const std::string& name, bool boxes, int width) override {
    return TRY(find(name))
    ->frame_jpeg(boxes, width);
  }

  Result<std::unique_ptr<hub::VideoReader>> watch(const std::string& name) override {
    return TRY(find(name))
    ->watch();
  }

  std::shared_ptr<void> listen(Listener listener) override {
    auto kept = std::make_shared<Listener>(std::move(listener));
    std::lock_guard lock(listeners_mutex_);
    std::erase_if(listeners_, [](const auto& weak) { return weak.expired(); });
    listeners_.push_back(kept);
    return kept;
  }

 private:
  using Cameras = std::vector<std::shared_ptr<Camera>>;
  static constexpr size_t kCamerasMax = 1000;  // Each has a thread.

  Cameras snapshot() const {
    std::lock_guard lock(mutex_);
    return cameras_;
  }

  Result<std::shared_ptr<Camera>> find(const std::string& name) const {
    std::string names;
    for (const auto& camera : snapshot()) {
      if (camera->config().name == name) return camera;
      names += fmt::format("{}'{}'", names.empty() ? "" : ", ", camera->config().name);
    }
    return fail(Errc::not_found, "there is no camera '{}'; {}", name,
                names.empty() ? "there are none yet" : "the cameras are " + names);
  }

  Result<void> check_free(const std::string& name) const {
    if (find(name))
      return fail(Errc::exists, "name: there is a camera '{}' already; choose another name", name);
    return {};
  }

  // The model is loaded for the first camera that is analysed: a server that only passes cameras on
  // needs none.
  Result<void> prepare_for(const CameraConfig& config) {
    if (config.fps == 0 || inference_) return {};
    std::shared_ptr<detect::Detector> detector = TRY(detect::Detector::open(detector_options_));
    const auto& info = detector->info();
    context_.inference_cpu_ms = measure_inference_cpu_ms(*detector);
    context_.labels = std::make_shared<std::vector<std::string>>(info.labels);
    {
      std::lock_guard lock(mutex_);
      model_ = fmt::format("{} ({}, {}x{})", info.name, info.precision, info.input.width,
                           info.input.height);
    }
    inference_ = std::make_unique<Inference>(std::move(detector));
    context_.inference = inference_.get();
    return {};
  }

  // Starts a camera in the place of `instead`, or at the end.
  CameraStatus start(const CameraConfig& config, const std::optional<std::string>& instead) {
    std::shared_ptr<Camera> old;
    if (instead) {
      std::lock_guard lock(mutex_);
      const auto at = std::find_if(cameras_.begin(), cameras_.end(),
                                   [&](const auto& c) { return c->config().name == *instead; });
      old = *at;
    }
    // First one goes, then the other comes: many cameras take one connection only.
    if (old) old->stop();
    auto made = std::make_shared<Camera>(config, context_);
    {
      std::lock_guard lock(mutex_);
      if (old)
        std::replace(cameras_.begin(), cameras_.end(), old, made);
      else
        cameras_.push_back(made);
    }
    if (instead && *instead != config.name)
      tell([&](const Listener& l) {
        if (l.on_removed) l.on_removed(*instead);
      });
    const CameraStatus status = made->status();
    tell([&](const Listener& l) {
      if (l.on_camera) l.on_camera(status);
    });
    return status;
  }

  void stop_all() {
    Cameras cameras;
    {
      std::lock_guard lock(mutex_);
      cameras.swap(cameras_);
    }
    for (const auto& camera : cameras) camera->ask_to_stop();
    for (const auto& camera : cameras) camera->stop();
  }

  void tell(const std::function<void(const Listener&)>& call) const {
    std::vector<std::shared_ptr<Listener>> listeners;
    {
      std::lock_guard lock(listeners_mutex_);
      for (const auto& weak : listeners_)
        if (auto listener = weak.lock()) listeners.push_back(std::move(listener));
    }
    for (const auto& listener : listeners) call(*listener);
  }

  void govern() {
    const Governor::Limits before = governor_.limits();
    governor_.tick();
    const Governor::Limits now = governor_.limits();
    const bool was_busy = before != Governor::Limits(), is_busy = now != Governor::Limits();
    if (is_busy && !was_busy)
      log::warn("too busy to look at every frame in time: all cameras are analysed less often");
    if (was_busy && !is_busy) log::info("every frame is looked at in time again");
  }

  void tick() {
    Rate cpu;
    double last = process_cpu_seconds();
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      stop_ticker_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
      if (stopping_) return;
      const double now = process_cpu_seconds();
      cpu.add(now - last, system_clock().now());
      last = now;
      cpu_ = cpu.per_second(system_clock().now());
      ++ticks_;
      govern();
      const Cameras cameras = cameras_;
      lock.unlock();
      for (const auto& camera : cameras) camera->check_health();
      lock.lock();
    }
  }

  const UtcTime started_ = system_clock().utc();
  const detect::DetectorOptions detector_options_;
  const std::unique_ptr<Streaming> streaming_;  // Outlives the cameras.
  const int cores_;
  flow::Executor workers_;
  std::unique_ptr<Inference> inference_;
  Governor governor_;
  CameraContext context_;

  std::mutex edit_mutex_;  // Add, change and remove, one at a time; guards store_.
  CameraStore store_;

  mutable std::mutex mutex_;
  Cameras cameras_;
  std::string model_;  // Empty until it is loaded.
  double cpu_ = 0;
  int64_t ticks_ = 0;
  bool stopping_ = false;
  std::condition_variable stop_ticker_;

  mutable std::mutex listeners_mutex_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  std::thread ticker_;
};

}  // namespace

Result<std::unique_ptr<Node>> Node::create(ServerConfig config, SourceFactory open_source) {
  // Busy ports and a broken store are told before the model loads.
  auto store = TRY(CameraStore::open(config.data, config.cameras));
  auto streaming = TRY(Streaming::start(config));
  auto out = std::make_unique<NodeImpl>(config, std::move(streaming), std::move(store),
                                        std::move(open_source));
  TRY(out->begin());
  return out;
}

}  // namespace pasu::node
