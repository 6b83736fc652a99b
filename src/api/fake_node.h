// A Node without cameras behind it, for this room's tests.
#pragma once

#include <functional>
#include <mutex>

#include "node/camera_check.h"
#include "node/node.h"

namespace pasu::api {

class FakeNode final : public node::Node {
 public:
  node::ServerStatus status() const override {
    node::ServerStatus out;
    out.version = "1.2.3";
    return out;
  }
  std::vector<node::CameraStatus> cameras() const override {
    std::vector<node::CameraStatus> out;
    {
      std::lock_guard lock(mutex_);
      out = cameras_;
    }
    if (before_answer) before_answer();
    return out;
  }
  Result<node::CameraStatus> camera(const std::string& name) const override {
    std::lock_guard lock(mutex_);
    for (const auto& camera : cameras_)
      if (camera.config.name == name) return camera;
    return fail(Errc::not_found, "there is no camera '{}'", name);
  }
  Result<node::CameraStatus> add(const node::CameraConfig& config) override {
    TRY(node::check_camera(config));
    if (camera(config.name)) return fail(Errc::exists, "name: there is one already");
    node::CameraStatus made;
    made.config = config;
    std::lock_guard lock(mutex_);
    cameras_.push_back(made);
    return made;
  }
  Result<node::CameraStatus> change(const std::string& name,
                                    const node::CameraConfig& config) override {
    TRY(node::check_camera(config));
    TRY(remove(name));
    return add(config);
  }
  Result<void> remove(const std::string& name) override {
    TRY(camera(name));
    std::lock_guard lock(mutex_);
    std::erase_if(cameras_, [&](const auto& c) { return c.config.name == name; });
    return {};
  }
  Result<Bytes> frame_jpeg(const std::string& name, bool boxes, int width) override {
    TRY(camera(name));
    return Bytes::copy(as_bytes(fmt::format("{} {}", boxes, width)));
  }
  Result<std::unique_ptr<hub::VideoReader>> watch(const std::string& name) override {
    TRY(camera(name));
    return feed.subscribe();
  }
  std::shared_ptr<void> listen(node::Listener listener) override {
    listener_ = std::make_shared<node::Listener>(std::move(listener));
    return listener_;
  }
  /// Whoever listens.
  node::Listener& listener() { return *listener_; }

  hub::VideoFeed feed;
  std::function<void()> before_answer;  ///< Called once cameras() knows its answer.

 private:
  mutable std::mutex mutex_;
  std::vector<node::CameraStatus> cameras_;
  std::shared_ptr<node::Listener> listener_;
};

}  // namespace pasu::api
