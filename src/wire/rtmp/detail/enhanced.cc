#include "wire/rtmp/detail/enhanced.h"

namespace pasu::rtmp {
namespace {

// FourCcInfoMask: decoding is not ours, passing on is.
constexpr int kCanForward = 4;

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

}  // namespace pasu::rtmp
