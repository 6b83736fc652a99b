// Streams as FFmpeg describes them, in our words and back.
#include <cstring>

extern "C" {}

#include "av/detail/ffmpeg.h"
#include "av/detail/picture.h"

namespace pasu::av {
namespace {

struct CodecPair {
  media::Codec ours;
  AVCodecID theirs;
};
constexpr CodecPair kCodecs[] = {
    {media::Codec::h264, AV_CODEC_ID_H264},     {media::Codec::h265, AV_CODEC_ID_HEVC},
    {media::Codec::av1, AV_CODEC_ID_AV1},       {media::Codec::vp9, AV_CODEC_ID_VP9},
    {media::Codec::mjpeg, AV_CODEC_ID_MJPEG},   {media::Codec::mpeg4, AV_CODEC_ID_MPEG4},
    {media::Codec::aac, AV_CODEC_ID_AAC},       {media::Codec::opus, AV_CODEC_ID_OPUS},
    {media::Codec::mp3, AV_CODEC_ID_MP3},       {media::Codec::pcmu, AV_CODEC_ID_PCM_MULAW},
    {media::Codec::pcma, AV_CODEC_ID_PCM_ALAW},
};

media::MediaKind to_kind(const AVStream& stream) {
  // The cover of a song is a picture, not a video.
  if ((stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) return media::MediaKind::other;
  switch (stream.codecpar->codec_type) {
    case AVMEDIA_TYPE_VIDEO:
      return media::MediaKind::video;
    case AVMEDIA_TYPE_AUDIO:
      return media::MediaKind::audio;
    default:
      return media::MediaKind::other;
  }
}

// "High, level 4.1" where there is a level, "Main" or nothing otherwise.
std::string profile_text(const AVCodecParameters& parameters) {
  const char* name = avcodec_profile_name(parameters.codec_id, parameters.profile);
  std::string text = name != nullptr ? name : "";
  if (parameters.level <= 0) return text;
  if (!text.empty()) text += ", ";
  if (parameters.codec_id == AV_CODEC_ID_H264) {
    text += fmt::format("level {}.{}", parameters.level / 10, parameters.level % 10);
  } else if (parameters.codec_id == AV_CODEC_ID_HEVC) {
    // general_level_idc is 30 times the level (H.265 A.4.1).
    text += fmt::format("level {:.1f}", parameters.level / 30.0);
  } else {
    text += fmt::format("level {}", parameters.level);
  }
  return text;
}

double frame_rate_of(const AVStream& stream) {
  const AVRational rate =
      stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate;
  return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
}

// Samples in a compressed frame, which containers want to know and StreamInfo does not carry.
int frame_size_of(AVCodecID id, int sample_rate) {
  switch (id) {
    case AV_CODEC_ID_AAC:
      return 1024;
    case AV_CODEC_ID_MP3:
      return sample_rate < 32'000 ? 576 : 1152;
    case AV_CODEC_ID_OPUS:
      return 960;
    case AV_CODEC_ID_AC3:
      return 1536;
    default:
      return 0;
  }
}

}  // namespace

media::Codec to_codec(AVCodecID id) {
  for (const CodecPair& pair : kCodecs)
    if (pair.theirs == id) return pair.ours;
  return media::Codec::other;
}

AVCodecID to_codec_id(const media::StreamInfo& stream) {
  if (stream.native_id != 0) return static_cast<AVCodecID>(stream.native_id);
  for (const CodecPair& pair : kCodecs)
    if (pair.ours == stream.codec) return pair.theirs;
  const AVCodecDescriptor* named = avcodec_descriptor_get_by_name(stream.codec_name.c_str());
  return named != nullptr ? named->id : AV_CODEC_ID_NONE;
}

media::StreamInfo to_stream_info(const AVStream& stream, media::Pts origin) {
  const AVCodecParameters& parameters = *stream.codecpar;
  media::StreamInfo info;
  info.index = stream.index;
  info.kind = to_kind(stream);
  info.codec = to_codec(parameters.codec_id);
  info.codec_name = avcodec_get_name(parameters.codec_id);
  info.profile = profile_text(parameters);
  info.native_id = parameters.codec_id;
  if (parameters.extradata_size > 0)
    info.extradata =
        Bytes::copy({parameters.extradata, static_cast<size_t>(parameters.extradata_size)});
  info.bit_rate = parameters.bit_rate;
  if (info.kind == media::MediaKind::video) {
    info.width = parameters.width;
    info.height = parameters.height;
    info.frame_rate = frame_rate_of(stream);
    info.rotation = rotation_of(reinterpret_cast<const int32_t*>(
        av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr)));
  } else if (info.kind == media::MediaKind::audio) {
    info.sample_rate = parameters.sample_rate;
    info.channels = parameters.ch_layout.nb_channels;
  }
  if (stream.duration != AV_NOPTS_VALUE) info.duration = to_pts(stream.duration, stream.time_base);
  if (stream.start_time != AV_NOPTS_VALUE)
    info.start = to_pts(stream.start_time, stream.time_base) - origin;
  return info;
}

Result<ParametersPtr> to_parameters(const media::StreamInfo& stream) {
  const AVCodecID id = to_codec_id(stream);
  if (id == AV_CODEC_ID_NONE)
    return fail(Errc::unsupported, "no codec is known by the name '{}'", stream.codec_name);
  ParametersPtr parameters(avcodec_parameters_alloc());
  if (!parameters) return fail(Errc::internal, "no memory for codec parameters");
  parameters->codec_id = id;
  parameters->codec_type = avcodec_get_type(id);
  parameters->bit_rate = stream.bit_rate;
  parameters->width = stream.width;
  parameters->height = stream.height;
  if (parameters->codec_type == AVMEDIA_TYPE_AUDIO) {
    parameters->sample_rate = stream.sample_rate;
    av_channel_layout_default(&parameters->ch_layout, stream.channels);
    parameters->frame_size = frame_size_of(id, stream.sample_rate);
    parameters->bits_per_coded_sample = av_get_bits_per_sample(id);
  }
  if (!stream.extradata.empty()) {
    const size_t size = stream.extradata.size();
    parameters->extradata = static_cast<uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
    if (parameters->extradata == nullptr)
      return fail(Errc::internal, "no memory for {} bytes of codec parameters", size);
    std::memcpy(parameters->extradata, stream.extradata.data(), size);
    parameters->extradata_size = static_cast<int>(size);
  }
  return parameters;
}

}  // namespace pasu::av
