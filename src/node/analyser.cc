#include "node/analyser.h"

#include "base/log.h"

namespace pasu::node {

Analyser::Analyser(const Options& options, flow::Executor& workers, Inference* inference,
                   Meter& meter, Events events)
    : options_(options),
      meter_(meter),
      events_(std::move(events)),
      strand_(workers),
      grid_(options.fps),
      tracker_(track::options_for(options.threshold, options.fps)) {
  if (options.fps > 0) lane_.emplace(*inference);
}

void Analyser::stop() {
  // First the detector's answers, which are posted to the strand, then the strand itself.
  strand_.drain();
  lane_.reset();
  strand_.drain();
}

Result<void> Analyser::begin(const media::StreamInfo& stream) {
  TRY(av::VideoDecoder::create(stream));  // Can it be decoded at all?
  skipping_ = false;
  strand_.post([this, stream] {
    stream_ = stream;
    decoder_.reset();
    grid_.restart();
    live_.begin(stream);
  });
  return {};
}

void Analyser::end() {
  strand_.post([this] { live_.pause(); });
  strand_.drain();
}

void Analyser::push(media::AccessUnit unit) {
  if (unit.key) skipping_ = false;
  const size_t size = unit.data.size();
  if (!skipping_ && (backlog_units_.load() >= kBacklogUnitsMax ||
                     backlog_bytes_.load() + size > kBacklogBytesMax))
    skipping_ = true;
  if (skipping_) {
    meter_.drop("decode_backlog");
    return;
  }
  ++backlog_units_;
  backlog_bytes_ += size;
  strand_.post([this, unit = std::move(unit), arrival = system_clock().now()] {
    CpuScope cpu(meter_);
    --backlog_units_;
    backlog_bytes_ -= unit.data.size();
    decode(unit, arrival);
    live_.rest();
  });
}

// A decoder that was made anew begins at a key frame.
bool Analyser::prepare_decoder(const media::AccessUnit& unit) {
  if (!lane_ && !live_.wants_frames() && !events_.wants_frames()) {
    decoder_.reset();
    return false;
  }
  if (decoder_) return true;
  if (!unit.key && !lane_) return false;
  auto made = av::VideoDecoder::create(stream_);
  if (!made) {
    meter_.decode_failed();
    log::debug("{}", made.error().message());
    return false;
  }
  decoder_ = std::move(*made);
  return true;
}

void Analyser::decode(const media::AccessUnit& unit, MonoTime arrival) {
  live_.push(unit);
  if (!prepare_decoder(unit)) return;
  if (auto pushed = decoder_->push(unit); !pushed) {
    meter_.decode_failed();
    log::debug("{}", pushed.error().message());
  }
  for (;;) {
    auto frame = decoder_->take();
    if (!frame) {
      meter_.decode_failed();
      log::debug("{}", frame.error().message());
      return;
    }
    if (!*frame) return;
    meter_.frame_decoded();
    if ((*frame)->damaged) meter_.decode_failed();
    events_.on_frame(**frame);
    live_.push(**frame);
    look_at(**frame, arrival);
  }
}

void Analyser::look_at(const media::Frame& frame, MonoTime arrival) {
  if (!lane_ || !grid_.take(frame.pts)) return;
  const bool fresh =
      lane_->submit(frame.share(), [this, kept = std::make_shared<media::Frame>(frame.share()),
                                    arrival](Result<std::vector<geom::Detection>> detections) {
        strand_.post([this, kept, arrival, found = std::move(detections)]() mutable {
          CpuScope cpu(meter_);
          on_detections(std::move(found), std::move(*kept), arrival);
        });
      });
  if (!fresh) meter_.drop("detector_busy");
}

void Analyser::on_detections(Result<std::vector<geom::Detection>> detections, media::Frame frame,
                             MonoTime arrival) {
  if (!detections) {
    meter_.drop("detector_failed");
    log::warn("the detector failed on a frame: {}", detections.error().message());
    return;
  }
  const auto tracks = tracker_.update(*detections, frame.pts);
  meter_.frame_analysed(arrival);
  events_.on_analysis({std::move(frame), {tracks.begin(), tracks.end()}, arrival});
}

}  // namespace pasu::node
