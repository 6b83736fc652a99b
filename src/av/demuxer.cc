#include "av/demuxer.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>

#include "av/detail/display_order.h"
#include "av/detail/ffmpeg.h"
#include "av/detail/input_error.h"
#include "av/detail/input_rules.h"
#include "base/clock.h"
#include "base/log.h"

namespace pasu::av {
namespace {

struct FormatClose {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
using FormatPtr = std::unique_ptr<AVFormatContext, FormatClose>;

// Owns av_dict options; what libavformat did not use is dropped with it.
struct Options {
  AVDictionary* dictionary = nullptr;
  ~Options() { av_dict_free(&dictionary); }
  void set(const char* key, const char* value) { av_dict_set(&dictionary, key, value, 0); }
  void set(const char* key, int64_t value) { av_dict_set_int(&dictionary, key, value, 0); }
};

// Makes a blocked libavformat call return AVERROR_EXIT.
struct Interrupt {
  const std::atomic<bool>* stop = nullptr;
  std::optional<MonoTime> deadline;

  bool stopped() const { return stop != nullptr && stop->load(); }
  bool late() const { return deadline && system_clock().now() > *deadline; }
  static int asked(void* self) {
    const auto& interrupt = *static_cast<const Interrupt*>(self);
    return interrupt.stopped() || interrupt.late() ? 1 : 0;
  }
};

// What one stream's times need beside what the packets say.
struct StreamTimes {
  media::Pts frame{0};  // Distance of frames by the frame rate; 0: unknown.
  media::Pts delay{0};  // How far decoding runs ahead of showing.
  std::optional<media::Pts> last_dts;
  std::optional<DisplayOrder> order;  // Where the container has no presentation times.
  bool seen = false;
};

class LibavDemuxer final : public Demuxer {
 public:
  LibavDemuxer(std::string input, InputRules rules, const DemuxerOptions& options)
      : input_(std::move(input)),
        name_(log::hide_credentials(input_)),
        rules_(std::move(rules)),
        options_(options) {
    interrupt_.stop = options.stop;
  }

  Result<void> start() {
    if (!rules_.is_url) TRY(check_file());
    wait_from_now();
    TRY(open_format());
    TRY(read_info());
    return {};
  }

  const media::ContainerInfo& info() const override { return info_; }

  bool is_file() const override {
    return !rules_.is_url ||
           (format_->pb != nullptr && (format_->pb->seekable & AVIO_SEEKABLE_NORMAL) != 0 &&
            format_->duration > 0);
  }

  Result<std::optional<media::AccessUnit>> read() override {
    while (ready_.empty() && !ended_) TRY(read_packet());
    if (ready_.empty()) return std::nullopt;
    media::AccessUnit unit = std::move(ready_.front());
    ready_.pop_front();
    return unit;
  }

  Result<void> rewind() override {
    if (!is_file())
      return fail(Errc::unsupported, "{}: a live stream has no beginning to go back to", name_);
    // Opened anew rather than sought: exact for every format, raw streams and broken indexes too.
    const size_t streams = info_.streams.size();
    format_.reset();
    times_.clear();
    ready_.clear();
    ended_ = false;
    TRY(start());
    if (info_.streams.size() != streams)
      return fail(Errc::malformed,
                  "{}: changed while it was being read; let its writer finish first", name_);
    return {};
  }

 private:
  Result<void> check_file() const {
    const std::filesystem::path path(rules_.url.substr(std::string_view("file:").size()));
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
      return fail(Errc::not_found, "{}: no such file; check the path, and that its disk is mounted",
                  name_);
    if (std::filesystem::is_directory(status))
      return fail(Errc::invalid_argument, "{}: a folder, not a file; name a file in it", name_);
    if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) == 0)
      return fail(Errc::malformed, "{}: empty (0 bytes); copy or record it again", name_);
    return {};
  }

  Result<void> open_format() {
    AVFormatContext* context = avformat_alloc_context();
    if (context == nullptr) return fail(Errc::internal, "{}: no memory for a demuxer", name_);
    context->interrupt_callback = {&Interrupt::asked, &interrupt_};
    Options options;
    options.set("protocol_whitelist", rules_.protocols);
    options.set("format_whitelist", rules_.formats);
    options.set("pattern_type", "none");  // "%d" in the name of a picture is no number.
    if (rules_.is_url) {
      // Enough for a key frame and 20 frames of the usual camera, so that opening does not take 5
      // s.
      options.set("probesize", int64_t{2'000'000});
      options.set("analyzeduration", int64_t{2'000'000});
    }
    const FfmpegReason reason;
    const int code =
        avformat_open_input(&context, rules_.url.c_str(), nullptr, &options.dictionary);
    if (code < 0) return open_failed(code, reason);
    format_.reset(context);
    if (const int found = avformat_find_stream_info(context, nullptr); found < 0)
      return open_failed(found, reason);
    if (context->nb_streams == 0)
      return fail(Errc::malformed, "{}: no video and no sound in it; check that it is whole",
                  name_);
    return {};
  }

  // One packet into ready_, or the end.
  Result<void> read_packet() {
    const PacketPtr packet(av_packet_alloc());
    if (!packet) return fail(Errc::internal, "{}: no memory for a packet", name_);
    wait_from_now();
    const FfmpegReason reason;
    const int code = av_read_frame(format_.get(), packet.get());
    if (code == AVERROR(EAGAIN)) return {};
    return code < 0 ? on_read_error(code, reason) : on_packet(*packet);
  }

  tl::unexpected<Error> open_failed(int code, const FfmpegReason& reason) const {
    if (was_interrupted(code)) return interrupted();
    return failed(code, reason);
  }

  tl::unexpected<Error> failed(int code, const FfmpegReason& reason) const {
    return tl::unexpected(input_error(code, reason.text(code), rules_.is_url).with(name_));
  }

  // Not every protocol passes AVERROR_EXIT on.
  bool was_interrupted(int code) const {
    return code == AVERROR_EXIT || interrupt_.stopped() || interrupt_.late();
  }

  tl::unexpected<Error> interrupted() const {
    if (interrupt_.stopped()) return fail(Errc::cancelled, "{}: stopped", name_);
    return fail(Errc::timeout,
                "{}: no answer within {} s; check that the camera is on, and that no firewall "
                "stands between",
                name_, std::chrono::duration<double>(options_.patience).count());
  }

  Result<void> read_info() {
    origin_ = find_origin();
    const AVInputFormat& kind = *format_->iformat;
    info_ = {};
    info_.format = kind.name;
    info_.format_long = kind.long_name != nullptr ? kind.long_name : "";
    if (format_->duration != AV_NOPTS_VALUE)
      info_.duration = to_pts(format_->duration, AV_TIME_BASE_Q);
    info_.bit_rate = std::max<int64_t>(format_->bit_rate, 0);
    if (format_->pb != nullptr) info_.size_bytes = std::max<int64_t>(avio_size(format_->pb), 0);
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
      const AVStream& stream = *format_->streams[i];
      media::StreamInfo made = to_stream_info(stream, origin_.value_or(media::Pts(0)));
      StreamTimes times;
      if (made.frame_rate > 0) times.frame = media::Pts(std::llround(1e9 / made.frame_rate));
      times.delay = times.frame * stream.codecpar->video_delay;
      times_.push_back(std::move(times));
      info_.streams.push_back(std::move(made));
    }
    TRY(recognise_picture());
    return show_hidden_start();
  }

  // An MP4's edit list may hide its first pictures by times before 0. They are watched all the
  // same, so 0 is where the first of them stands.
  Result<void> show_hidden_start() {
    const media::StreamInfo* video = find_video(info_);
    if (rules_.is_url || video == nullptr) return {};
    const auto is_video = [&](const media::AccessUnit& unit) {
      return unit.stream == video->index;
    };
    auto first = std::find_if(ready_.begin(), ready_.end(), is_video);
    while (first == ready_.end() && !ended_ && ready_.size() < kLookAheadMax) {
      // Trouble is told when its turn comes.
      if (!read_packet()) return {};
      first = std::find_if(ready_.begin(), ready_.end(), is_video);
    }
    if (first == ready_.end() || first->pts >= media::Pts(0)) return {};
    const media::Pts shift = first->pts;
    origin_ = origin_.value_or(media::Pts(0)) + shift;
    for (media::AccessUnit& unit : ready_) {
      unit.pts -= shift;
      unit.dts -= shift;
    }
    for (StreamTimes& times : times_)
      if (times.last_dts) *times.last_dts -= shift;
    for (media::StreamInfo& stream : info_.streams) stream.start -= shift;
    info_.streams[static_cast<size_t>(video->index)].start = media::Pts(0);
    return {};
  }

  // A JPEG file and a run of JPEGs are one format to libavformat, with a made-up frame rate. A
  // second picture tells them apart.
  Result<void> recognise_picture() {
    const bool pictures =
        info_.format == "image2" || std::string_view(info_.format).ends_with("_pipe");
    if (!pictures || rules_.is_url) return {};
    while (ready_.size() < 2 && !ended_) TRY(read_packet());
    if (ready_.size() > 1) return {};
    info_.streams[0].frame_rate = 0;
    info_.streams[0].duration = info_.duration = media::Pts(0);
    for (media::AccessUnit& unit : ready_) unit.duration = media::Pts(0);
    return {};
  }

  // The earliest start of any stream becomes 0. Live streams may tell it by their first packet
  // only.
  std::optional<media::Pts> find_origin() const {
    std::optional<media::Pts> origin;
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
      const AVStream& stream = *format_->streams[i];
      const bool counts = stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO ||
                          stream.codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
      if (!counts || stream.start_time == AV_NOPTS_VALUE) continue;
      const media::Pts start = to_pts(stream.start_time, stream.time_base);
      if (!origin || start < *origin) origin = start;
    }
    return origin;
  }

  Result<void> on_read_error(int code, const FfmpegReason& reason) {
    if (was_interrupted(code)) return interrupted();
    const bool at_end = code == AVERROR_EOF || (format_->pb != nullptr && format_->pb->eof_reached);
    if (at_end) {
      ended_ = true;
      for (StreamTimes& times : times_) {
        if (!times.order) continue;
        times.order->finish();
        drain(times);
      }
      return check_whole();
    }
    if (code == AVERROR_INVALIDDATA)
      return fail(
          Errc::malformed, "{}: damaged ({}); {}", name_, reason.text(code),
          rules_.is_url ? "check the camera's network and cable" : "copy or record it again");
    return failed(code, reason);
  }

  // An index that speaks of bytes behind the file's end: somebody cut it short.
  Result<void> check_whole() const {
    if (info_.size_bytes == 0) return {};
    for (unsigned i = 0; i < format_->nb_streams; ++i) {
      AVStream* stream = format_->streams[i];
      const int count = avformat_index_get_entries_count(stream);
      if (count == 0) continue;
      const AVIndexEntry& last = *avformat_index_get_entry(stream, count - 1);
      if (last.pos + last.size > info_.size_bytes)
        return fail(
            Errc::truncated,
            "{}: cut short: its index goes to byte {}, the file ends at byte {}; copy it again",
            name_, last.pos + last.size, info_.size_bytes);
    }
    return {};
  }

  Result<void> on_packet(AVPacket& packet) {
    const auto index = static_cast<size_t>(packet.stream_index);
    // A stream that turned up after info() was made.
    if (index >= times_.size() || packet.size == 0) return {};
    const AVStream& stream = *format_->streams[index];
    StreamTimes& times = times_[index];
    media::AccessUnit unit;
    unit.stream = packet.stream_index;
    unit.key = (packet.flags & AV_PKT_FLAG_KEY) != 0;
    unit.position = packet.pos;
    if (packet.duration > 0) unit.duration = to_pts(packet.duration, stream.time_base);
    const bool first = !std::exchange(times.seen, true);
    if (first && packet.pts == AV_NOPTS_VALUE) start_ordering(index);
    set_times(packet, stream, times, unit);
    unit.data = share_as_bytes(packet);
    if (times.order) {
      times.order->push(std::move(unit));
      drain(times);
    } else {
      ready_.push_back(std::move(unit));
    }
    return {};
  }

  void start_ordering(size_t index) {
    if (auto order = DisplayOrder::create(info_.streams[index]))
      times_[index].order = std::move(*order);
  }

  void drain(StreamTimes& times) {
    while (auto unit = times.order->take()) {
      unit->dts = std::min(unit->dts - times.delay, unit->pts);
      ready_.push_back(std::move(*unit));
    }
  }

  // What the container leaves out is made from its neighbours and the frame rate.
  void set_times(const AVPacket& packet, const AVStream& stream, StreamTimes& times,
                 media::AccessUnit& unit) {
    const bool has_pts = packet.pts != AV_NOPTS_VALUE;
    const bool has_dts = packet.dts != AV_NOPTS_VALUE;
    if (!origin_ && (has_pts || has_dts))
      origin_ = to_pts(has_pts ? packet.pts : packet.dts, stream.time_base);
    const media::Pts origin = origin_.value_or(media::Pts(0));
    const media::Pts next = times.last_dts ? *times.last_dts + times.frame : media::Pts(0);
    if (has_pts) unit.pts = to_pts(packet.pts, stream.time_base) - origin;
    if (has_dts) {
      unit.dts = to_pts(packet.dts, stream.time_base) - origin;
    } else if (has_pts) {
      unit.dts = std::min(times.last_dts ? next : unit.pts - times.delay, unit.pts);
    } else {
      unit.dts = next;
    }
    if (!has_pts) unit.pts = unit.dts;
    times.last_dts = unit.dts;
  }

  void wait_from_now() {
    if (rules_.is_url) interrupt_.deadline = system_clock().now() + options_.patience;
  }

  static constexpr size_t kLookAheadMax = 64;

  std::string input_;
  std::string name_;
  InputRules rules_;
  DemuxerOptions options_;
  Interrupt interrupt_;
  FormatPtr format_;
  media::ContainerInfo info_;
  std::optional<media::Pts> origin_;
  std::vector<StreamTimes> times_;
  std::deque<media::AccessUnit> ready_;  // At most kLookAheadMax and what DisplayOrder held back.
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<Demuxer>> Demuxer::open(const std::string& input,
                                               const DemuxerOptions& options) {
  route_ffmpeg_log();
  InputRules rules = TRY(input_rules(input));
  auto demuxer = std::make_unique<LibavDemuxer>(input, std::move(rules), options);
  TRY(demuxer->start());
  return demuxer;
}

const media::StreamInfo* find_video(const media::ContainerInfo& info) {
  for (const media::StreamInfo& stream : info.streams)
    if (stream.kind == media::MediaKind::video) return &stream;
  return nullptr;
}

}  // namespace pasu::av
