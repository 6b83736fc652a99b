// The NAL units of an access unit as they are to be sent, parameter sets before key pictures.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/codec.h"
#include "wire/rtp/detail/parameter_sets.h"

namespace pasu::rtp {

class NalSource {
 public:
  /// Errors: malformed or truncated extradata.
  [[nodiscard]] static Result<NalSource> create(const media::StreamInfo& stream);

  /// The units of `access_unit`; where it is a key picture, by its own types or as `key` says, the
  /// parameter sets it lacks come first, the latest that the stream had. The views last until the
  /// next call. Errors: truncated, malformed.
  [[nodiscard]] Result<std::vector<ByteView>> units(ByteView access_unit, bool key);

 private:
  explicit NalSource(media::Codec codec) : codec_(codec), sets_(codec) {}
  [[nodiscard]] bool is_key(int type) const;

  media::Codec codec_;
  int length_size_ = 0;  // 0: Annex B.
  ParameterSets sets_;
};

}  // namespace pasu::rtp
