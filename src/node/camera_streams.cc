#include "node/camera_streams.h"

#include "base/log.h"

namespace pasu::node {

Result<std::unique_ptr<CameraStreams>> CameraStreams::create(hub::Registry& registry,
                                                             const std::string& name,
                                                             const BoxesOptions& boxes,
                                                             bool published) {
  std::unique_ptr<CameraStreams> out(new CameraStreams(registry, name));
  out->raw_ = TRY(registry.add(name));
  if (!published) out->publication_ = TRY(registry.publish(name));
  out->boxes_ = TRY(BoxesStream::create(registry, name + "/boxes", boxes));
  out->meta_ = TRY(MetaStream::create(registry, name + "/meta"));
  return out;
}

CameraStreams::~CameraStreams() {
  if (!raw_) return;  // It belongs to somebody else.
  publication_.reset();
  registry_.remove(name_, "the camera was stopped or changed");
}

void CameraStreams::begin(const hub::Tracks& tracks) {
  last_dts_.resize(tracks.size());
  boxes_->begin(tracks);
  if (!publication_) return;
  if (auto told = publication_->set_tracks(tracks); !told)
    log::warn("the camera cannot be read over RTSP and RTMP: {}", told.error().message());
}

void CameraStreams::publish(const media::AccessUnit& unit) {
  const auto track = static_cast<size_t>(unit.stream);
  if (track >= last_dts_.size() || (last_dts_[track] && unit.dts <= *last_dts_[track])) return;
  last_dts_[track] = unit.dts;
  if (publication_) publication_->publish(unit);
  boxes_->hear(unit);
}

StreamFigures stream_figures(const hub::Registry& registry, const std::string& name,
                             bool published) {
  StreamFigures out;
  for (const std::string& path : {name, name + "/boxes", name + "/meta"}) {
    const auto stream = registry.find(path);
    if (!stream) continue;
    const hub::StreamStats stats = stream->stats();
    out.readers += stats.readers;
    out.lost += stats.lost;
    // What somebody else publishes the camera itself reads.
    if (published && path == name && stats.readers > 0 && stream->state().live) --out.readers;
  }
  return out;
}

}  // namespace pasu::node
