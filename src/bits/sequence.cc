#include "bits/sequence.h"

#include <fmt/format.h>

namespace pasu::bits {
namespace {

constexpr uint8_t kConstraintSet1 = 0x40;
constexpr uint8_t kConstraintSet3 = 0x10;

struct Name {
  int profile_idc;
  const char* name;
};

// H.264 A.2
constexpr Name kH264Profiles[] = {
    {66, "Baseline"},
    {77, "Main"},
    {88, "Extended"},
    {100, "High"},
    {110, "High 10"},
    {122, "High 4:2:2"},
    {244, "High 4:4:4 Predictive"},
    {44, "CAVLC 4:4:4 Intra"},
};

// H.265 A.3
constexpr Name kH265Profiles[] = {
    {1, "Main"},
    {2, "Main 10"},
    {3, "Main Still Picture"},
    {4, "Range Extensions"},
};

}  // namespace

std::string profile_name(const SequenceInfo& info) {
  if (info.codec == media::Codec::h264) {
    if (info.profile_idc == 66 && (info.constraint_flags & kConstraintSet1)) {
      return "Constrained Baseline";
    }
    for (const Name& entry : kH264Profiles) {
      if (entry.profile_idc == info.profile_idc) return entry.name;
    }
  } else {
    for (const Name& entry : kH265Profiles) {
      if (entry.profile_idc == info.profile_idc) return entry.name;
    }
  }
  return fmt::format("profile {}", info.profile_idc);
}

std::string level_name(const SequenceInfo& info) {
  int tenths = info.level_idc;
  if (info.codec == media::Codec::h265) {
    tenths = info.level_idc / 3;  // H.265 A.4.1: 30 times the level number.
  } else if (info.level_idc == 9 || (info.level_idc == 11 && info.profile_idc < 100 &&
                                     (info.constraint_flags & kConstraintSet3))) {
    return "1b";  // H.264 A.3.1
  }
  return tenths % 10 == 0 ? fmt::format("{}", tenths / 10)
                          : fmt::format("{}.{}", tenths / 10, tenths % 10);
}

}  // namespace pasu::bits
