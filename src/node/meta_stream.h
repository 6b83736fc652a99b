// NAME/meta: what is seen, as a metadata track that recorders and video walls of the trade read.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "hub/registry.h"
#include "track/tracker.h"

namespace pasu::node {

/// One analysed frame.
struct Scene {
  const std::vector<track::Track>& tracks;
  const std::vector<std::string>& labels;  ///< Track::label indexes it.
  int width = 0, height = 0;
  UtcTime at{};  ///< When the picture was taken, as far as its arrival tells.
};

/// The frame as an XML document (ONVIF Analytics Service Specification 5.1, tt:MetadataStream).
/// Boxes are in pixels; the tt:Transformation says how they become ONVIF's -1 to 1 upwards.
[[nodiscard]] std::string onvif_metadata(const Scene& scene);

/// Works only while somebody reads. push() belongs to the camera's strand.
class MetaStream {
 public:
  /// Declares `path` and publishes it. Errors: exists.
  [[nodiscard]] static Result<std::unique_ptr<MetaStream>> create(hub::Registry& registry,
                                                                  const std::string& path);
  /// Ends the stream; nothing may be pushed any more.
  ~MetaStream();
  MetaStream(const MetaStream&) = delete;
  MetaStream& operator=(const MetaStream&) = delete;

  void push(const Scene& scene, media::Pts pts);

 private:
  MetaStream(hub::Registry& registry, std::unique_ptr<hub::Publication> publication)
      : registry_(registry), publication_(std::move(publication)) {}

  hub::Registry& registry_;
  std::unique_ptr<hub::Publication> publication_;
};

}  // namespace pasu::node
