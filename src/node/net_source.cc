#include <algorithm>
#include <cctype>

#include "base/log.h"
#include "net/pull_reader.h"
#include "node/source.h"

namespace pasu::node {
namespace {

class NetSource final : public Source {
 public:
  NetSource(std::unique_ptr<net::PullReader> reader, Patience patience, std::string name)
      : reader_(std::move(reader)),
        patience_(std::move(patience)),
        changes_(reader_->changes()),
        name_(std::move(name)) {}

  const hub::Tracks& tracks() const override { return reader_->tracks(); }

  Result<Unit> read() override {
    auto unit = TRY(reader_->read(patience_ ? patience_() : std::chrono::milliseconds(0)));
    if (!unit)
      return fail(Errc::unavailable, "{}: the stream ended; check the camera if that happens often",
                  name_);
    Unit out;
    out.unit = std::move(*unit);
    out.new_tracks = reader_->changes() != changes_;
    changes_ = reader_->changes();
    return out;
  }

  Losses losses() const override {
    const net::PullStats stats = reader_->stats();
    return {.packets_lost = stats.lost,
            .packets_bad = stats.bad_packets,
            .units_damaged = stats.units_dropped};
  }

 private:
  std::unique_ptr<net::PullReader> reader_;
  const Patience patience_;
  uint64_t changes_;
  std::string name_;
};

}  // namespace

Result<size_t> find_video_track(const hub::Tracks& tracks, const std::string& url) {
  const auto at = std::ranges::find(tracks, media::MediaKind::video, &media::StreamInfo::kind);
  if (at == tracks.end())
    return fail(Errc::unsupported, "{}: no video in it; pasu watches pictures, check the address",
                url);
  return static_cast<size_t>(at - tracks.begin());
}

Result<std::unique_ptr<Source>> open_net_source(net::IoThread& thread, const std::string& url,
                                                Patience patience, const std::atomic<bool>& stop) {
  const std::string name = log::hide_credentials(url);
  net::PullOptions options;
  options.tls.verify = false;  // Cameras sign their certificates themselves.
  auto reader = TRY(net::PullReader::open(thread, url, options, stop));
  TRY(find_video_track(reader->tracks(), name));
  return std::make_unique<NetSource>(std::move(reader), std::move(patience), name);
}

}  // namespace pasu::node
