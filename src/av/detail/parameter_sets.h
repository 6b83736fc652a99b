// H.264 and H.265 parameter sets: found in units, put into configuration records.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/nal.h"
#include "media/codec.h"

namespace pasu::av {

/// Views into the bytes they were found in. No vps in H.264.
struct ParameterSets {
  media::Codec codec = media::Codec::h264;
  std::vector<ByteView> vps, sps, pps;

  [[nodiscard]] bool complete() const {
    return !sps.empty() && !pps.empty() && (codec == media::Codec::h264 || !vps.empty());
  }
};

/// The sets among the units that `cursor` walks, each once. Errors: unsupported (neither H.264 nor
/// H.265), truncated or malformed bytes, not_found (a kind of set is missing).
[[nodiscard]] Result<ParameterSets> find_parameter_sets(media::Codec codec, bits::NalCursor cursor);
/// Those of an Annex B unit as Annex B, the extradata that libavformat's muxers understand.
[[nodiscard]] Result<Bytes> annexb_parameter_sets(media::Codec codec, ByteView unit);

/// avcC (ISO 14496-15 5.3.3.1) or hvcC (8.3.3.1). Errors: malformed SPS, too_large.
[[nodiscard]] Result<Bytes> make_configuration_record(const ParameterSets& sets,
                                                      int length_size = 4);

/// What the record's stream is called in a MIME type: "avc1.64001E", "hvc1.1.6.L93.90"
/// (RFC 6381 3.3, ISO 14496-15 E.3). Errors: truncated.
[[nodiscard]] Result<std::string> codecs_parameter(media::Codec codec, ByteView record);

}  // namespace pasu::av
