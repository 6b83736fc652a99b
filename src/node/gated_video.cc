#include "node/gated_video.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace pasu::node {

GatedVideo::GatedVideo(const gate::GateOptions& options, Meter& meter, OnFrame on_frame)
    : meter_(meter), on_frame_(std::move(on_frame)), gate_(options) {}

void GatedVideo::begin(const media::StreamInfo& stream, MonoTime now) {
  end();
  auto made = av::VideoDecoder::create(stream, {.skip_loop_filter = true});
  if (made) {
    decoder_ = std::move(*made);
  } else {
    decoder_.reset();
    log::warn("{}", made.error().message());
  }
  gate_.begin(now);
}

void GatedVideo::end() {
  todo_.clear();
  held_.clear();
  waiting_units_ = waiting_bytes_ = 0;
  decoded_ = replaying_ = skips_to_key_ = false;
}

void GatedVideo::push(media::AccessUnit unit, MonoTime arrival) {
  newest_pts_ = unit.pts;
  newest_arrival_ = arrival;
  if (unit.key) skips_to_key_ = false;
  if (skips_to_key_) {
    meter_.drop("late");
    return;
  }
  ++waiting_units_;
  waiting_bytes_ += unit.data.size();
  todo_.push_back({std::move(unit), arrival, false});
  skip_what_is_late(arrival);
}

// What is decoded again goes first: the time before a wake is no use to a server that is behind.
void GatedVideo::skip_what_is_late(MonoTime now) {
  const bool full = waiting_units_ > kWaitingUnitsMax || waiting_bytes_ > kWaitingBytesMax;
  if (!full && waited(now) <= kWaitingMax) return;
  const auto key = std::find_if(todo_.rbegin(), todo_.rend(),
                                [](const Unit& one) { return !one.replayed && one.unit.key; });
  const bool is_newer = key != todo_.rend() && std::next(key) != todo_.rend();
  if (!is_newer && !full) return;
  skips_to_key_ = !is_newer;  // A GOP that is too long by itself.
  const auto last = is_newer ? std::prev(key.base()) : todo_.end();
  for (auto one = todo_.begin(); one != last; ++one) {
    if (one->replayed) continue;
    --waiting_units_;
    waiting_bytes_ -= one->unit.data.size();
    meter_.drop("late");
  }
  todo_.erase(todo_.begin(), last);
}

MonoTime::duration GatedVideo::waited(MonoTime now) const {
  const auto first = std::ranges::find(todo_, false, &Unit::replayed);
  return first == todo_.end() ? MonoTime::duration(0) : now - first->arrival;
}

std::optional<GatedVideo::Look> GatedVideo::next(int& units, MonoTime now) {
  for (;;) {
    while (decoded_)
      if (auto look = take(now)) return look;
    if (todo_.empty() || units <= 0) return std::nullopt;
    --units;
    const Unit next = std::move(todo_.front());
    todo_.pop_front();
    if (!next.replayed) {
      --waiting_units_;
      waiting_bytes_ -= next.unit.data.size();
    }
    decode(next, now);
  }
}

void GatedVideo::decode(const Unit& next, MonoTime now) {
  replaying_ = next.replayed;
  if (next.replayed) return feed(next.unit);
  const gate::UnitStep step = gate_.on_unit(next.unit.pts, next.unit.key, now);
  held_.push(next.unit, next.unit.key && step.action != gate::Action::skip);
  if (step.action == gate::Action::skip || !decoder_) return;
  if (step.replay != gate::Replay::none) return replay(step.replay);
  if (step.action == gate::Action::alone) decoder_->flush();
  feed(next.unit);
  if (step.action == gate::Action::alone) decoder_->finish();
}

void GatedVideo::feed(const media::AccessUnit& unit) {
  if (auto pushed = decoder_->push(unit); !pushed) {
    meter_.decode_failed();
    log::debug("{}", pushed.error().message());
  }
  decoded_ = true;
}

// Frames still in the decoder come out again.
void GatedVideo::replay(gate::Replay what) {
  const auto units = what == gate::Replay::running ? held_.running() : held_.with_previous();
  if (decoder_) decoder_->flush();
  decoded_ = false;
  std::erase_if(todo_, &Unit::replayed);
  std::deque<Unit> first;
  for (const media::AccessUnit& unit : units) first.push_back({unit, {}, true});
  todo_.insert(todo_.begin(), std::make_move_iterator(first.begin()),
               std::make_move_iterator(first.end()));
}

std::optional<GatedVideo::Look> GatedVideo::take(MonoTime now) {
  auto frame = decoder_->take();
  if (!frame) {
    meter_.decode_failed();
    log::debug("{}", frame.error().message());
  }
  if (!frame || !*frame) {
    decoded_ = false;
    return std::nullopt;
  }
  meter_.frame_decoded();
  if ((*frame)->damaged) meter_.decode_failed();
  on_frame_(**frame);
  const gate::FrameStep step = gate_.on_frame(**frame, now);
  const bool replayed = replaying_;
  if (step.replay != gate::Replay::none) replay(step.replay);
  if (!step.analyse) return std::nullopt;
  // A live camera's pictures are as far apart as they arrived.
  const auto age = std::max(newest_pts_ - (*frame)->pts, media::Pts(0));
  return Look{std::move(**frame), newest_arrival_ - age, replayed};
}

void GatedVideo::answer(media::Pts pts, const gate::Sighting& sighting, MonoTime now) {
  const gate::Replay wanted = gate_.on_result(pts, sighting, now);
  if (wanted != gate::Replay::none) replay(wanted);
}

}  // namespace pasu::node
