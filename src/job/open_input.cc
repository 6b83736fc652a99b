#include "job/open_input.h"

#include <utility>

#include "base/log.h"
#include "net/pull_reader.h"

namespace pasu::job {
namespace {

class StreamDemuxer final : public av::Demuxer {
 public:
  explicit StreamDemuxer(const std::string& url) : name_(log::hide_credentials(url)) {}

  Result<void> open(const std::string& url, const net::PullOptions& pull,
                    const std::atomic<bool>& stop) {
    reader_ = TRY(net::PullReader::open(thread_, url, pull, stop));
    const bool rtmp = url[2] == 'm' || url[2] == 'M';  // is_stream_url() knows four schemes.
    info_.format = rtmp ? "rtmp" : "rtsp";
    info_.format_long = rtmp ? "RTMP" : "RTSP";
    info_.streams = reader_->tracks();
    changes_ = reader_->changes();
    return {};
  }

  const media::ContainerInfo& info() const override { return info_; }
  bool is_file() const override { return false; }
  Result<void> rewind() override {
    return fail(Errc::unsupported, "{}: a live stream has no beginning to go back to", name_);
  }

  Result<std::optional<media::AccessUnit>> read() override {
    for (;;) {
      auto unit = TRY(reader_->read());
      if (reader_->overflowed() > 0 && !std::exchange(slow_, true)) {
        log::warn("{}: comes faster than it is read here; what does not fit is left out", name_);
      }
      if (!unit) return unit;
      if (changes_ != reader_->changes()) TRY(check_tracks());
      if (static_cast<size_t>(unit->stream) < info_.streams.size()) return unit;
    }
  }

 private:
  // Parameter sets that change come in band, too; another codec is another stream.
  Result<void> check_tracks() {
    changes_ = reader_->changes();
    const hub::Tracks& now = reader_->tracks();
    for (size_t i = 0; i < info_.streams.size(); ++i) {
      if (i >= now.size() || now[i].codec_name != info_.streams[i].codec_name)
        return fail(Errc::unsupported, "{}: the stream changed its codecs; open it again", name_);
    }
    return {};
  }

  const std::string name_;
  net::IoThread thread_;
  std::unique_ptr<net::PullReader> reader_;  // Ends before its thread.
  media::ContainerInfo info_;
  uint64_t changes_ = 0;
  bool slow_ = false;
};

}  // namespace

Result<std::unique_ptr<av::Demuxer>> open_input(const std::string& input,
                                                const net::PullOptions& pull,
                                                const std::atomic<bool>& stop) {
  if (!net::is_stream_url(input)) return av::Demuxer::open(input, {.stop = &stop});
  auto stream = std::make_unique<StreamDemuxer>(input);
  TRY(stream->open(input, pull, stop));
  return stream;
}

}  // namespace pasu::job
