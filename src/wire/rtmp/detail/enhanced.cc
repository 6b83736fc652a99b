#include "wire/rtmp/detail/enhanced.h"

#include <algorithm>
#include <string_view>

#include "wire/rtmp/fourcc.h"

namespace pasu::rtmp {
namespace {

// FourCcInfoMask: decoding is not ours, passing on is.
constexpr int kCanDecode = 1, kCanForward = 4;

// Adds one name, or all that we know for "*".
void add_fourcc(std::vector<uint32_t>& out, std::string_view name) {
  for (const WireCodec& codec : wire_codecs()) {
    if (codec.fourcc == 0 || (name != "*" && name != to_text(codec.fourcc))) continue;
    if (std::ranges::find(out, codec.fourcc) == out.end()) out.push_back(codec.fourcc);
  }
}

}  // namespace

void put_enhanced(Object& object) {
  Array list;
  Object video, audio;
  for (const char* name : {"avc1", "hvc1", "av01", "vp09"}) {
    list.values.emplace_back(name);
    video.members.push_back({name, kCanForward});
  }
  for (const char* name : {"mp4a", ".mp3", "Opus", "ac-3", "fLaC"}) {
    list.values.emplace_back(name);
    audio.members.push_back({name, kCanForward});
  }
  object.members.push_back({"fourCcList", std::move(list)});
  object.members.push_back({"videoFourCcInfoMap", std::move(video)});
  object.members.push_back({"audioFourCcInfoMap", std::move(audio)});
  object.members.push_back(
      {"capsEx", kCapsReconnect | kCapsMultitrack | kCapsModEx | kCapsTimestampNano});
}

bool has_enhanced(const Value& connect) {
  return connect.find("fourCcList") != nullptr || connect.find("videoFourCcInfoMap") != nullptr ||
         connect.find("capsEx") != nullptr;
}

std::vector<uint32_t> read_fourccs(const Value& connect) {
  std::vector<uint32_t> out;
  if (const Value* list = connect.find("fourCcList")) {
    if (const Array* array = list->get<Array>()) {
      for (const Value& name : array->values) add_fourcc(out, name.text());
    }
  }
  for (const char* map : {"videoFourCcInfoMap", "audioFourCcInfoMap"}) {
    const Value* value = connect.find(map);
    const Object* object = value != nullptr ? value->get<Object>() : nullptr;
    if (object == nullptr) continue;
    for (const Property& property : object->members) {
      const double mask = property.value.number();
      if (mask >= 0 && mask < 256 && (static_cast<int>(mask) & (kCanDecode | kCanForward)) != 0) {
        add_fourcc(out, property.name);
      }
    }
  }
  return out;
}

}  // namespace pasu::rtmp
