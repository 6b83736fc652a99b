// What a sequence parameter set says about the pictures, in the same words for H.264 and H.265.
#pragma once

#include <cstdint>
#include <string>

#include "media/codec.h"

namespace pasu::bits {

/// Constant for a coded video sequence. -1 or 0 means the stream does not say, as noted.
struct SequenceInfo {
  media::Codec codec = media::Codec::other;
  int profile_idc = 0;
  uint8_t constraint_flags = 0;  ///< H.264: constraint_set0_flag is the top bit.
  int level_idc = 0;

  int width = 0, height = 0;  ///< As shown: luma samples inside the cropping rectangle.
  int coded_width = 0, coded_height = 0;
  int chroma_format_idc = 1;  ///< 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
  int bit_depth_luma = 8, bit_depth_chroma = 8;
  bool interlaced = false;  ///< Pictures may be fields or hold fields.

  double frame_rate = 0;              ///< frames/s by the VUI's clock; 0: not said.
  int sar_width = 0, sar_height = 0;  ///< Sample aspect ratio; 0: not said.
  int max_reorder = -1;               ///< Pictures that may precede one in decoding and follow it
                                      ///< in showing; -1: neither said nor implied.
  int max_references = 0;
  bool full_range = false;
  /// H.264 Table E-3 to E-5, the same in H.265; 2: not said.
  int colour_primaries = 2, transfer_characteristics = 2, matrix_coefficients = 2;
};

/// "High", "Main 10"; "profile 77" where this table has no name.
[[nodiscard]] std::string profile_name(const SequenceInfo& info);
/// "4.1", "1b".
[[nodiscard]] std::string level_name(const SequenceInfo& info);

}  // namespace pasu::bits
