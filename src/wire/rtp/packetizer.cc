#include "wire/rtp/packetizer.h"

#include "wire/rtp/depacketizer.h"
#include "wire/rtp/detail/batch_writer.h"
#include "wire/rtp/detail/packetizers.h"

namespace pasu::rtp {

Result<std::unique_ptr<Packetizer>> Packetizer::create(const media::StreamInfo& stream,
                                                       const PacketizerOptions& wanted) {
  PacketizerOptions options = wanted;
  if (options.packet_bytes_max < kPacketBytesMin || options.packet_bytes_max > kPacketBytesMax) {
    return fail(Errc::invalid_argument, "RTP packets of at most {} bytes: choose {} to {}",
                options.packet_bytes_max, kPacketBytesMin, kPacketBytesMax);
  }
  if (options.clock_rate <= 0) options.clock_rate = TRY(format_of(stream))
  .clock_rate;
  switch (stream.codec) {
    case media::Codec::h264:
      return make_h264_packetizer(stream, options);
    case media::Codec::aac:
      return make_aac_packetizer(options);
    case media::Codec::h265:
      return make_h265_packetizer(stream, options);
    case media::Codec::pcmu:
    case media::Codec::pcma:
    case media::Codec::opus:
      return make_plain_packetizer(stream.codec, options);
    case media::Codec::mp3:
      return make_mp3_packetizer(options);
    case media::Codec::mjpeg:
      return make_mjpeg_packetizer(options);
    default:
      break;
  }
  if (stream.codec_name == kOnvifMetadata) return make_metadata_packetizer(options);
  return fail(Errc::unsupported, "{} has no RTP packetizer here; transcode it to H.264 or AAC",
              stream.codec_name.empty() ? media::to_string(stream.codec) : stream.codec_name);
}

Result<PacketBatch> Packetizer::push(const media::AccessUnit& unit) {
  const uint32_t timestamp = timestamp_of(unit.pts);
  // What it needs with headers, in most cases, so that the bytes are allocated once.
  const size_t per_packet = options_.packet_bytes_max / 2 + 1;
  const size_t guess = unit.data.size() + (unit.data.size() / per_packet + 4) * 32;
  BatchWriter batch(options_, sequence_, timestamp, guess);
  TRY(write(unit, batch));
  sequence_ = static_cast<uint16_t>(sequence_ + batch.packets());
  PacketBatch done = batch.take();
  done.pts = unit.pts;
  done.dts = unit.dts;
  done.key = unit.key;
  packets_ += done.size();
  payload_bytes_ += done.payload_bytes;
  return done;
}

uint32_t Packetizer::timestamp_of(media::Pts pts) const {
  return options_.first_timestamp + static_cast<uint32_t>(pts_to_ticks(pts, options_.clock_rate));
}

}  // namespace pasu::rtp
