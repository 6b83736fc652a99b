// What a camera gives to RTSP and RTMP readers: itself, with boxes burned in, and what is seen.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/registry.h"
#include "media/access_unit.h"
#include "node/boxes_stream.h"
#include "node/meta_stream.h"
#include "node/node.h"

namespace pasu::node {

/// NAME, NAME/boxes and NAME/meta in the registry, for as long as this lives.
class CameraStreams {
 public:
  /// `published`: NAME is filled by a publisher, not by begin() and publish().
  /// Errors: exists.
  [[nodiscard]] static Result<std::unique_ptr<CameraStreams>> create(hub::Registry& registry,
                                                                     const std::string& name,
                                                                     const BoxesOptions& boxes,
                                                                     bool published);
  /// Ends the streams; nothing may be pushed any more.
  ~CameraStreams();
  CameraStreams(const CameraStreams&) = delete;
  CameraStreams& operator=(const CameraStreams&) = delete;

  /// A session's tracks; source thread, as publish().
  void begin(const hub::Tracks& tracks);
  /// Times are on the camera's timeline. Units whose decode time does not grow are left out.
  void publish(const media::AccessUnit& unit);

  [[nodiscard]] const std::shared_ptr<hub::Stream>& raw() const { return raw_; }
  [[nodiscard]] BoxesStream& boxes() { return *boxes_; }
  [[nodiscard]] MetaStream& meta() { return *meta_; }

 private:
  CameraStreams(hub::Registry& registry, std::string name)
      : registry_(registry), name_(std::move(name)) {}

  hub::Registry& registry_;
  const std::string name_;
  std::shared_ptr<hub::Stream> raw_;
  std::unique_ptr<hub::Publication> publication_;    // Null where somebody else publishes.
  std::vector<std::optional<media::Pts>> last_dts_;  // By track.
  std::unique_ptr<BoxesStream> boxes_;
  std::unique_ptr<MetaStream> meta_;
};

/// Of the streams of the camera `name`. `published`: as for create(). Thread-safe.
[[nodiscard]] StreamFigures stream_figures(const hub::Registry& registry, const std::string& name,
                                           bool published);

}  // namespace pasu::node
