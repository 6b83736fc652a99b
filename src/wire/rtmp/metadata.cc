#include "wire/rtmp/metadata.h"

#include <cmath>
#include <cstdlib>

#include "wire/rtmp/fourcc.h"

namespace pasu::rtmp {
namespace {

// A member as a number; some encoders write "1280". Nothing where it is none or not finite.
std::optional<double> number(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  if (member == nullptr) return {};
  double value = NAN;
  if (member->get<double>() != nullptr) value = *member->get<double>();
  if (member->get<std::string>() != nullptr) {
    const std::string& text = *member->get<std::string>();
    char* end = nullptr;
    value = std::strtod(text.c_str(), &end);
    if (end == text.c_str()) value = NAN;
  }
  if (!std::isfinite(value)) return {};
  return value;
}

double within(std::optional<double> value, double max) {
  return value && *value > 0 && *value <= max ? *value : 0;
}

// "avc1" or 7: there is such a stream. 0 and false: there is none.
std::optional<bool> has(const Value& object, std::string_view id, std::string_view flag) {
  if (const Value* member = object.find(id); member != nullptr) {
    if (const auto* text = member->get<std::string>()) return !text->empty();
    if (const auto* value = member->get<double>()) return *value != 0;
  }
  if (const Value* member = object.find(flag); member != nullptr) {
    if (const auto* value = member->get<bool>()) return *value;
  }
  return {};
}

double wire_id(const WireCodec& codec) {
  return codec.flv_id >= 0 ? codec.flv_id : static_cast<double>(codec.fourcc);
}

void describe(const media::StreamInfo& stream, const WireCodec& codec, std::vector<Property>& out) {
  const auto put = [&](const char* name, double value) {
    if (value > 0) out.push_back({name, value});
  };
  if (stream.kind == media::MediaKind::video) {
    put("width", stream.width);
    put("height", stream.height);
    put("framerate", stream.frame_rate);
    put("videocodecid", wire_id(codec));
    put("videodatarate", static_cast<double>(stream.bit_rate) / 1000);
    return;
  }
  put("audiocodecid", wire_id(codec));
  put("audiodatarate", static_cast<double>(stream.bit_rate) / 1000);
  put("audiosamplerate", stream.sample_rate);
  put("audiosamplesize", 16);
  put("audiochannels", stream.channels);
  out.push_back({"stereo", stream.channels > 1});
}

}  // namespace

Metadata parse_metadata(const Data& data) {
  Metadata metadata;
  if (data.values.empty()) return metadata;
  const Value& object = data.values[0];
  metadata.has_video = has(object, "videocodecid", "hasVideo");
  metadata.has_audio = has(object, "audiocodecid", "hasAudio");
  metadata.width = static_cast<int>(within(number(object, "width"), 65535));
  metadata.height = static_cast<int>(within(number(object, "height"), 65535));
  metadata.frame_rate = within(number(object, "framerate"), 1000);
  if (metadata.frame_rate == 0) metadata.frame_rate = within(number(object, "fps"), 1000);
  constexpr double kKilobitsMax = 1e9;
  metadata.video_bit_rate =
      std::llround(within(number(object, "videodatarate"), kKilobitsMax) * 1000);
  metadata.audio_bit_rate =
      std::llround(within(number(object, "audiodatarate"), kKilobitsMax) * 1000);
  metadata.sample_rate = static_cast<int>(within(number(object, "audiosamplerate"), 768'000));
  metadata.channels = static_cast<int>(within(number(object, "audiochannels"), 255));
  const Value* stereo = object.find("stereo");
  if (metadata.channels == 0 && stereo != nullptr && stereo->get<bool>() != nullptr) {
    metadata.channels = *stereo->get<bool>() ? 2 : 1;
  }
  if (const Value* encoder = object.find("encoder")) metadata.encoder = encoder->text();
  return metadata;
}

Data build_metadata(std::span<const media::StreamInfo> streams) {
  Object object;
  object.ecma_array = true;
  for (const media::StreamInfo& stream : streams) {
    if (const WireCodec* codec = find_codec(stream)) describe(stream, *codec, object.members);
  }
  object.members.push_back({"encoder", "pasu"});
  return {"onMetaData", {std::move(object)}};
}

}  // namespace pasu::rtmp
