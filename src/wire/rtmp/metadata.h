// onMetaData: what a stream says of itself before its first frame.
#pragma once

#include <optional>
#include <span>

#include "media/codec.h"
#include "wire/rtmp/message.h"

namespace pasu::rtmp {

/// The members of onMetaData that matter here (FLV E.5, Enhanced RTMP v2 "Enhancing onMetaData").
/// Encoders leave out any of them, and write some as strings.
struct Metadata {
  std::optional<bool> has_video, has_audio;  ///< By their codec ids; nothing: not said.
  int width = 0, height = 0;
  double frame_rate = 0;
  int64_t video_bit_rate = 0, audio_bit_rate = 0;  ///< bits/s
  int sample_rate = 0, channels = 0;
  std::string encoder;
};

/// `data.name` is "onMetaData". What is missing or of another type stays unknown.
[[nodiscard]] Metadata parse_metadata(const Data& data);
/// Of what the streams are known to be; codecs by FLV's number or the FourCC.
[[nodiscard]] Data build_metadata(std::span<const media::StreamInfo> streams);

}  // namespace pasu::rtmp
