// What a stream is made of, as its container or description says.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/pts.h"

namespace pasu::media {

enum class MediaKind { video, audio, other };

/// The codecs that pasu itself knows how to handle; `other` may still be decodable by av/.
enum class Codec { other, h264, h265, av1, vp9, mjpeg, mpeg4, aac, opus, mp3, pcmu, pcma };

/// "h264", as FFmpeg and the API name it.
[[nodiscard]] const char* to_string(Codec codec);

/// One elementary stream's constant facts. Zero or empty means unknown.
struct StreamInfo {
  int index = 0;
  MediaKind kind = MediaKind::other;
  Codec codec = Codec::other;
  std::string codec_name;  ///< FFmpeg's short name, also for Codec::other ("msmpeg4v3").
  std::string profile;     ///< "High"
  int native_id = 0;       ///< AVCodecID, for av/ alone.
  /// avcC, hvcC, AudioSpecificConfig... as the container has it; may be empty.
  Bytes extradata;
  int64_t bit_rate = 0;  ///< bits/s, as declared.

  int width = 0, height = 0;
  double frame_rate = 0;  ///< frames/s, average.
  int rotation = 0;       ///< Degrees clockwise to turn the picture for display.

  int sample_rate = 0, channels = 0;
  Pts duration{0};
  Pts start{0};
};

/// A file's or session's constant facts.
struct ContainerInfo {
  std::string format;  ///< FFmpeg's short name: "mov,mp4,m4a,3gp,3g2,mj2"
  std::string format_long;
  Pts duration{0};
  int64_t bit_rate = 0;
  int64_t size_bytes = 0;
  std::vector<StreamInfo> streams;
};

}  // namespace pasu::media
