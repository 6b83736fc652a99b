#include "bits/detail/vui.h"

namespace pasu::bits {
namespace {

constexpr uint32_t kExtendedSar = 255;

struct Ratio {
  int width, height;
};

// aspect_ratio_idc 0 to 16 (H.264 Table E-1, H.265 Table E.1)
constexpr Ratio kAspectRatios[] = {{0, 0},   {1, 1},    {12, 11}, {10, 11}, {16, 11}, {40, 33},
                                   {24, 11}, {20, 11},  {32, 11}, {80, 33}, {18, 11}, {15, 11},
                                   {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1}};

}  // namespace

void read_vui_signal(BitReader& bits, SequenceInfo& info) {
  if (bits.flag()) {  // aspect_ratio_info_present_flag
    const uint32_t idc = bits.u(8);
    if (idc == kExtendedSar) {
      info.sar_width = static_cast<int>(bits.u(16));
      info.sar_height = static_cast<int>(bits.u(16));
    } else if (idc < std::size(kAspectRatios)) {
      info.sar_width = kAspectRatios[idc].width;
      info.sar_height = kAspectRatios[idc].height;
    }
  }
  if (bits.flag()) bits.skip(1);  // overscan_info_present_flag, overscan_appropriate_flag
  if (bits.flag()) {              // video_signal_type_present_flag
    bits.skip(3);                 // video_format
    info.full_range = bits.flag();
    if (bits.flag()) {  // colour_description_present_flag
      info.colour_primaries = static_cast<int>(bits.u(8));
      info.transfer_characteristics = static_cast<int>(bits.u(8));
      info.matrix_coefficients = static_cast<int>(bits.u(8));
    }
  }
  if (bits.flag()) {  // chroma_loc_info_present_flag
    bits.ue("chroma_sample_loc_type_top_field", 5);
    bits.ue("chroma_sample_loc_type_bottom_field", 5);
  }
}

}  // namespace pasu::bits
