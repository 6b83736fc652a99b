#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

extern "C" {
#include <libavutil/display.h>
}

#include "av/detail/ffmpeg.h"
#include "av/detail/muxed_file.h"
#include "av/detail/parameter_sets.h"
#include "av/muxer.h"

namespace pasu::av {
namespace {

struct OutputFree {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
using OutputPtr = std::unique_ptr<AVFormatContext, OutputFree>;

struct Track {
  media::StreamInfo info;
  std::optional<int64_t> last_dts;  // In the stream's time base.
};

bool is_mp4(const AVOutputFormat& format) {
  const std::string_view name = format.name;
  return name == "mp4" || name == "mov" || name == "ipod";
}

// Units of these codecs cannot be stored before their parameter sets are known.
bool needs_parameter_sets(const media::StreamInfo& stream) {
  return (stream.codec == media::Codec::h264 || stream.codec == media::Codec::h265) &&
         stream.extradata.empty();
}

class LibavFileMuxer final : public FileMuxer {
 public:
  LibavFileMuxer(std::string path, std::unique_ptr<MuxedFile> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  Result<void> start(const AVOutputFormat& format, const std::vector<media::StreamInfo>& streams) {
    AVFormatContext* made = nullptr;
    if (avformat_alloc_output_context2(&made, &format, nullptr, nullptr) < 0)
      return fail(Errc::internal, "{}: no memory for a muxer", path_);
    context_.reset(made);
    // MP4's faststart reads the file once more by its name.
    context_->url = av_strdup(("file:" + file_->part_path()).c_str());
    context_->pb = file_->io();
    context_->flags |= AVFMT_FLAG_CUSTOM_IO;
    for (const media::StreamInfo& stream : streams) {
      TRY(add_stream(stream));
      tracks_.push_back({stream, std::nullopt});
    }
    // What a container cannot hold is known before the first unit, also where the header is not
    // written before it.
    if (!waits_for_parameter_sets()) TRY(write_header());
    return {};
  }

  Result<void> write(const media::AccessUnit& unit) override {
    const auto index = static_cast<size_t>(unit.stream);
    if (unit.stream < 0 || index >= tracks_.size())
      return fail(Errc::invalid_argument, "{}: a unit of stream {} of {}", path_, unit.stream,
                  tracks_.size());
    if (unit.data.empty()) return {};
    if (!header_written_) {
      TRY(learn_parameter_sets(tracks_[index].info, unit));
      if (waits_for_parameter_sets()) return {};
      TRY(write_header());
    }
    const PacketPtr packet = share_as_packet(unit.data);
    set_times(*packet, tracks_[index], *context_->streams[index], unit);
    packet->stream_index = unit.stream;
    if (unit.key) packet->flags |= AV_PKT_FLAG_KEY;
    const FfmpegReason reason;
    // Takes the packet over and may hold it back until the other streams have come as far.
    const int code = av_interleaved_write_frame(context_.get(), packet.get());
    if (code < 0 || context_->pb->error < 0) return failed(code, reason);
    written_ = true;
    return {};
  }

  Result<void> finish() override {
    if (!written_)
      return fail(Errc::invalid_argument, "{}: nothing was written into it, so no file is left",
                  path_);
    const FfmpegReason reason;
    const int code = av_write_trailer(context_.get());
    avio_flush(context_->pb);
    if (code < 0 || context_->pb->error < 0) return failed(code, reason);
    return file_->commit();
  }

 private:
  Result<void> add_stream(const media::StreamInfo& info) {
    const ParametersPtr parameters = TRY(with_context(to_parameters(info), path_));
    const AVOutputFormat& format = *context_->oformat;
    // Unofficial: Matroska holds anything that AVI does.
    if (avformat_query_codec(&format, parameters->codec_id, FF_COMPLIANCE_UNOFFICIAL) == 0)
      return fail(Errc::unsupported, "{}: a {} file cannot hold {}", path_, format.name,
                  avcodec_get_name(parameters->codec_id));
    AVStream* stream = avformat_new_stream(context_.get(), nullptr);
    if (stream == nullptr || avcodec_parameters_copy(stream->codecpar, parameters.get()) < 0)
      return fail(Errc::internal, "{}: no memory for a stream", path_);
    // Safari plays H.265 only under this name.
    if (parameters->codec_id == AV_CODEC_ID_HEVC && is_mp4(format))
      stream->codecpar->codec_tag = MKTAG('h', 'v', 'c', '1');
    if (info.kind == media::MediaKind::audio && info.sample_rate > 0) {
      stream->time_base = {1, info.sample_rate};
    } else {
      stream->time_base = {1, 90'000};
    }
    if (info.frame_rate > 0) stream->avg_frame_rate = av_d2q(info.frame_rate, 100'000);
    if (info.rotation != 0) {  // Set clockwise, although read counter-clockwise.
      auto* matrix = reinterpret_cast<int32_t*>(
          av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(int32_t)));
      if (matrix != nullptr) av_display_rotation_set(matrix, info.rotation);
    }
    return {};
  }

  bool waits_for_parameter_sets() const {
    return std::any_of(tracks_.begin(), tracks_.end(),
                       [](const Track& track) { return needs_parameter_sets(track.info); });
  }

  // Units before the first key unit of each video are left out: nothing could decode them.
  Result<void> learn_parameter_sets(media::StreamInfo& info, const media::AccessUnit& unit) {
    if (!needs_parameter_sets(info) || !unit.key) return {};
    info.extradata = TRY(with_context(annexb_parameter_sets(info.codec, unit.data), path_));
    const ParametersPtr parameters = TRY(to_parameters(info));
    AVCodecParameters& target = *context_->streams[unit.stream]->codecpar;
    std::swap(target.extradata, parameters->extradata);
    std::swap(target.extradata_size, parameters->extradata_size);
    return {};
  }

  Result<void> write_header() {
    AVDictionary* options = nullptr;
    if (is_mp4(*context_->oformat)) av_dict_set(&options, "movflags", "+faststart", 0);
    const FfmpegReason reason;
    const int code = avformat_write_header(context_.get(), &options);
    av_dict_free(&options);
    if (code < 0) {
      if (file_->error()) return failed(code, reason);
      return fail(Errc::unsupported, "{}: a {} file cannot hold these streams: {}", path_,
                  context_->oformat->name, reason.text(code));
    }
    header_written_ = true;
    return {};
  }

  static void set_times(AVPacket& packet, Track& track, const AVStream& stream,
                        const media::AccessUnit& unit) {
    packet.dts = av_rescale_q(unit.dts.count(), kNanoseconds, stream.time_base);
    packet.pts = av_rescale_q(unit.pts.count(), kNanoseconds, stream.time_base);
    media::Pts duration = unit.duration;
    if (duration <= media::Pts(0) && track.info.frame_rate > 0)
      duration = media::Pts(static_cast<int64_t>(1e9 / track.info.frame_rate));
    packet.duration = av_rescale_q(duration.count(), kNanoseconds, stream.time_base);
    // Muxers refuse times that do not grow, which cameras do send.
    if (track.last_dts) packet.dts = std::max(packet.dts, *track.last_dts + 1);
    packet.pts = std::max(packet.pts, packet.dts);
    track.last_dts = packet.dts;
  }

  tl::unexpected<Error> failed(int code, const FfmpegReason& reason) const {
    if (file_->error()) return tl::unexpected(*file_->error());
    const int shown = code < 0 ? code : context_->pb->error;
    return fail(to_errc(shown), "{}: {}", path_, reason.text(shown));
  }

  std::string path_;
  std::unique_ptr<MuxedFile> file_;
  OutputPtr context_;
  std::vector<Track> tracks_;
  bool header_written_ = false;
  bool written_ = false;
};

}  // namespace

Result<std::unique_ptr<FileMuxer>> FileMuxer::create(
    const std::string& path, const std::vector<media::StreamInfo>& streams) {
  route_ffmpeg_log();
  const AVOutputFormat* format = av_guess_format(nullptr, path.c_str(), nullptr);
  // Formats that write no file or a numbered row of them (image2) are none of a recording's.
  if (format == nullptr || (format->flags & (AVFMT_NOFILE | AVFMT_NEEDNUMBER)) != 0)
    return fail(Errc::unsupported,
                "{}: the name does not end as a video file's; .mp4, .mkv, .ts or .avi would do",
                path);
  if (streams.empty())
    return fail(Errc::invalid_argument, "{}: a file needs at least one stream", path);
  auto file = TRY(MuxedFile::create(path));
  auto muxer = std::make_unique<LibavFileMuxer>(path, std::move(file));
  TRY(muxer->start(*format, streams));
  return muxer;
}

}  // namespace pasu::av
