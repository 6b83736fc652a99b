// Streams and access units into ready chunks, once for all readers.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtmp/chunk_writer.h"
#include "wire/rtmp/media_tag.h"
#include "wire/rtp/detail/parameter_sets.h"

namespace pasu::rtmp {

/// Makes one stream's messages, each one run of ready chunks of kChunkBytesOut that any number of
/// connections may share (after each has sent its Set Chunk Size, as the sessions here do).
///
/// H.264 and AAC go as FLV has them, MP3 and G.711 too; H.265, AV1, VP9 and Opus as Enhanced RTMP
/// has them. Units are length-prefixed where extradata is a configuration record, else Annex B;
/// then parameter sets may also come in band, and go out as a configuration before their unit.
/// Times are in milliseconds from the stream's zero, never below it.
class StreamWriter {
 public:
  /// Can RTMP carry this stream, as far as is known without its first frame?
  [[nodiscard]] static bool can_carry(const media::StreamInfo& stream);

  /// At most one video and one audio stream. `stream_id` is the message stream's; servers here
  /// always give 1. Errors: unsupported (with the codec's name), invalid_argument (no stream, two
  /// of a kind, AAC without its AudioSpecificConfig), and those of the configuration.
  [[nodiscard]] static Result<StreamWriter> create(std::span<const media::StreamInfo> streams,
                                                   uint32_t stream_id = 1);

  /// onMetaData and the decoders' configurations: for a reader before its first unit, and for all
  /// when they changed. `at` is the dts of what follows.
  [[nodiscard]] Bytes header(media::Pts at) const;

  /// One unit. Errors: invalid_argument (a stream that is not carried), too_large (over
  /// 2^24 bytes), malformed (neither lengths nor start codes).
  [[nodiscard]] Result<Bytes> write(const media::AccessUnit& unit);

  /// The end of the stream's pictures and sounds, for readers who stay.
  [[nodiscard]] Bytes end(media::Pts at) const;

 private:
  struct Track {
    const WireCodec* codec = nullptr;
    media::StreamInfo info;
    Bytes config;                            // Body of the sequence start; empty: there is none.
    std::optional<rtp::ParameterSets> sets;  // Annex B: those seen so far.
  };
  StreamWriter() = default;
  static Result<Track> make_track(const media::StreamInfo& stream);
  static Result<std::vector<uint8_t>> to_lengths(Track& track, const media::AccessUnit& unit,
                                                 bool& config_changed);
  [[nodiscard]] Bytes config_message(const Track& track, uint32_t timestamp) const;

  std::vector<Track> tracks_;
  uint32_t stream_id_ = 1;
};

}  // namespace pasu::rtmp
