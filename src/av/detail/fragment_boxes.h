// The boxes of a fragmented MP4 of one video track (ISO 14496-12 8.8), sizes and times given.
#pragma once

#include <string_view>

#include "av/detail/bytes_writer.h"

namespace pasu::av {

/// The track's clock: that of RTP video, in which the decode times of fragments are exact.
inline constexpr uint32_t kTimescale = 90'000;

struct TrackDescription {
  int width = 0, height = 0;
  std::string_view sample_entry;   ///< "avc1", "hvc1"
  std::string_view configuration;  ///< "avcC", "hvcC"
  ByteView record;                 ///< What the configuration box holds.
};

/// ftyp and moov.
void write_init_segment(BytesWriter& out, const TrackDescription& track);

struct SampleDescription {
  uint32_t sequence = 0;  ///< Of the fragment, from 1.
  uint64_t decode_time = 0;
  int32_t composition_offset = 0;
  uint32_t duration = 0;
  uint32_t size = 0;
  bool key = false;
};

/// moof and the head of mdat; the sample's bytes must follow.
void write_fragment_head(BytesWriter& out, const SampleDescription& sample);

}  // namespace pasu::av
