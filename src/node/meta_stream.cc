#include "node/meta_stream.h"

#include <iterator>

#include "base/markup.h"
#include "wire/rtp/payload_format.h"

namespace pasu::node {
namespace {

// XML 1.0 2.2 has no control characters. Labels come from model files.
std::string escaped(std::string_view text) {
  std::string plain(text);
  for (char& c : plain)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return escaped_markup(plain);
}

// The names that ONVIF has for what cameras commonly see (tt:ObjectType).
std::string_view onvif_type(const std::vector<std::string>& labels, int label) {
  if (label < 0 || static_cast<size_t>(label) >= labels.size()) return "Human";
  const std::string& name = labels[static_cast<size_t>(label)];
  if (name == "person" || name == "pedestrian") return "Human";
  if (name == "car") return "Car";
  if (name == "bicycle" || name == "bike") return "Bicycle";
  if (name == "vehicle") return "Vehicle";
  return name;
}

}  // namespace

std::string onvif_metadata(const Scene& scene) {
  std::string out = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?><tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema"><tt:VideoAnalytics><tt:Frame UtcTime="{}"><tt:Transformation><tt:Translate x="-1" y="1"/><tt:Scale x="{:.8f}" y="{:.8f}"/></tt:Transformation>)",
      to_rfc3339(scene.at), 2.0 / std::max(1, scene.width), -2.0 / std::max(1, scene.height));
  for (const track::Track& t : scene.tracks) {
    const std::string type = escaped(onvif_type(scene.labels, t.label));
    fmt::format_to(
        std::back_inserter(out),
        R"(<tt:Object ObjectId="{}"><tt:Appearance><tt:Shape><tt:BoundingBox left="{:.1f}" top="{:.1f}" right="{:.1f}" bottom="{:.1f}"/><tt:CenterOfGravity x="{:.1f}" y="{:.1f}"/></tt:Shape><tt:Class><tt:Type Likelihood="{:.2f}">{}</tt:Type></tt:Class></tt:Appearance></tt:Object>)",
        t.id, t.box.x, t.box.y, t.box.x + t.box.w, t.box.y + t.box.h, t.box.x + t.box.w / 2,
        t.box.y + t.box.h / 2, t.score, type);
  }
  out += "</tt:Frame></tt:VideoAnalytics></tt:MetadataStream>";
  return out;
}

Result<std::unique_ptr<MetaStream>> MetaStream::create(hub::Registry& registry,
                                                       const std::string& path) {
  TRY(registry.add(path));
  auto publication = TRY(registry.publish(path));
  media::StreamInfo track;
  track.kind = media::MediaKind::other;
  track.codec_name = rtp::kOnvifMetadata;
  TRY(publication->set_tracks({track}));
  return std::unique_ptr<MetaStream>(new MetaStream(registry, std::move(publication)));
}

MetaStream::~MetaStream() {
  const std::string path = publication_->stream().name();
  publication_.reset();
  registry_.remove(path, "the camera was stopped or changed");
}

void MetaStream::push(const Scene& scene, media::Pts pts) {
  if (publication_->stream().stats().readers == 0) return;
  media::AccessUnit unit;
  unit.data = Bytes::copy(as_bytes(onvif_metadata(scene)));
  unit.pts = unit.dts = pts;
  unit.key = true;
  publication_->publish(std::move(unit));
}

}  // namespace pasu::node
