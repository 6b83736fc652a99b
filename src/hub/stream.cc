#include "hub/stream.h"

#include <algorithm>
#include <chrono>

#include "base/assert.h"

namespace pasu::hub {
namespace {

constexpr std::chrono::seconds kTieTolerance{1};

bool same(const media::StreamInfo& a, const media::StreamInfo& b) {
  return a.kind == b.kind && a.codec == b.codec && a.codec_name == b.codec_name &&
         std::ranges::equal(a.extradata.view(), b.extradata.view()) && a.width == b.width &&
         a.height == b.height && a.sample_rate == b.sample_rate && a.channels == b.channels;
}

}  // namespace

Stream::Stream(std::string name, StreamHooks hooks, const Clock& clock)
    : name_(std::move(name)), hooks_(std::move(hooks)), clock_(clock) {
  state_.tracks = std::make_shared<const Tracks>();
}

StreamState Stream::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

StreamStats Stream::stats() const {
  std::lock_guard lock(mutex_);
  const uint64_t unsendable =
      unsendable_ + (rtp_ ? rtp_->failed() : 0) + (rtmp_ ? rtmp_->failed() : 0);
  return {units_count_, units_bytes_, refused_, unsendable, lost_, readers_};
}

std::unique_ptr<Reader<Unit>> Stream::read_units() {
  join();
  return std::make_unique<Reader<Unit>>(shared_from_this(), Form::units, units_);
}

std::unique_ptr<Reader<RtpItem>> Stream::read_rtp() {
  join();
  return std::make_unique<Reader<RtpItem>>(shared_from_this(), Form::rtp, join_rtp());
}

std::unique_ptr<Reader<RtpItem>> Stream::tap_rtp() {
  constexpr bool counted = false;
  return std::make_unique<Reader<RtpItem>>(shared_from_this(), Form::rtp, join_rtp(), counted);
}

std::shared_ptr<const Broadcast<RtpItem>> Stream::join_rtp() {
  std::lock_guard lock(mutex_);
  ++rtp_readers_;
  if (!rtp_) {
    rtp_.emplace();
    rtp_->set_tracks(*state_.tracks, state_.generation);
    for (const auto& unit : units_->running_gop()) {
      rtp_->push(unit.unit, is_start(unit.unit), zero_, clock_.utc());
    }
  }
  return rtp_->log();
}

std::unique_ptr<Reader<RtmpItem>> Stream::read_rtmp() {
  join();
  std::lock_guard lock(mutex_);
  ++rtmp_readers_;
  if (!rtmp_) {
    rtmp_.emplace();
    rtmp_->set_tracks(*state_.tracks, state_.generation);
    for (const auto& unit : units_->running_gop()) rtmp_->push(unit.unit, is_start(unit.unit));
  }
  return std::make_unique<Reader<RtmpItem>>(shared_from_this(), Form::rtmp, rtmp_->log());
}

void Stream::add_waiter(std::shared_ptr<Waiter> waiter) {
  std::lock_guard lock(mutex_);
  waiters_.push_back(std::move(waiter));
}

void Stream::remove_waiter(const Waiter& waiter) {
  std::lock_guard lock(mutex_);
  std::erase_if(waiters_, [&](const auto& w) { return w.get() == &waiter; });
}

void Stream::join() {
  std::lock_guard lock(readers_mutex_);
  if (readers_++ == 0 && hooks_.on_first_reader) hooks_.on_first_reader();
}

void Stream::leave(Form form, bool counted) {
  {
    std::lock_guard lock(mutex_);
    if (form == Form::rtp && --rtp_readers_ == 0) {
      unsendable_ += rtp_->failed();
      rtp_.reset();
    }
    if (form == Form::rtmp && --rtmp_readers_ == 0) {
      unsendable_ += rtmp_->failed();
      rtmp_.reset();
    }
  }
  if (!counted) return;
  std::lock_guard lock(readers_mutex_);
  if (--readers_ == 0 && hooks_.on_last_reader) hooks_.on_last_reader();
}

void Stream::news(Urgency urgency) {
  for (const auto& waiter : waiters_) waiter->on_news(urgency);
}

bool Stream::begin_publication() {
  std::lock_guard lock(mutex_);
  if (publishing_ || state_.ended) return false;
  publishing_ = true;
  return true;
}

Result<void> Stream::set_tracks(Tracks tracks) {
  if (tracks.empty()) return fail(Errc::invalid_argument, "{}: a stream without tracks", name_);
  if (tracks.size() > kTracksMax) {
    return fail(Errc::invalid_argument, "{}: {} tracks, at most {} are carried", name_,
                tracks.size(), kTracksMax);
  }
  for (size_t i = 0; i < tracks.size(); ++i) tracks[i].index = static_cast<int>(i);

  std::lock_guard lock(mutex_);
  if (state_.ended) return {};
  state_.live = true;
  if (!std::ranges::equal(*state_.tracks, tracks, same)) {
    has_video_ = std::ranges::any_of(
        tracks, [](const auto& track) { return track.kind == media::MediaKind::video; });
    state_.tracks = std::make_shared<const Tracks>(std::move(tracks));
    ++state_.generation;
    units_->clear();
    if (rtp_) rtp_->set_tracks(*state_.tracks, state_.generation);
    if (rtmp_) rtmp_->set_tracks(*state_.tracks, state_.generation);
  }
  ++state_version_;
  news(Urgency::prompt);
  return {};
}

void Stream::publish(media::AccessUnit unit) {
  std::lock_guard lock(mutex_);
  if (state_.ended) return;
  if (unit.stream < 0 || static_cast<size_t>(unit.stream) >= state_.tracks->size()) {
    ++refused_;
    return;
  }
  const MonoTime now = clock_.now();
  if (!shift_known_) {
    const auto gap = std::max(now - last_at_, MonoTime::duration(std::chrono::milliseconds(1)));
    shift_ = last_dts_ + gap - unit.dts;
    shift_known_ = true;
  }
  unit.pts += shift_;
  unit.dts += shift_;
  last_dts_ = std::max(last_dts_, unit.dts);
  last_at_ = now;

  ++units_count_;
  units_bytes_ += unit.data.size();
  keep_time(unit);
  const bool start = is_start(unit);
  if (rtp_) rtp_->push(unit, start, zero_, clock_.utc());
  if (rtmp_) rtmp_->push(unit, start);
  const size_t bytes = unit.data.size();
  const Urgency urgency = !has_video_ || is_picture(unit) ? Urgency::prompt : Urgency::relaxed;
  units_->publish({std::move(unit), state_.generation}, bytes, start);
  news(urgency);
}

bool Stream::is_picture(const media::AccessUnit& unit) const {
  return (*state_.tracks)[static_cast<size_t>(unit.stream)].kind == media::MediaKind::video;
}

bool Stream::is_start(const media::AccessUnit& unit) const {
  return !has_video_ || (is_picture(unit) && unit.key);
}

// Sender reports tie times to the wall clock. The tie is kept, so that tracks stay in step and
// jitter does not show, unless it is plainly wrong.
void Stream::keep_time(const media::AccessUnit& unit) {
  const UtcTime zero = clock_.utc() - std::chrono::duration_cast<UtcTime::duration>(unit.dts);
  if (std::chrono::abs(zero - zero_) > kTieTolerance) zero_ = zero;
}

void Stream::end_publication() {
  std::lock_guard lock(mutex_);
  ASSERT(publishing_);
  publishing_ = false;
  shift_known_ = units_count_ == 0;
  state_.live = false;
  ++state_version_;
  news(Urgency::prompt);
}

void Stream::end(const std::string& reason) {
  std::lock_guard lock(mutex_);
  if (state_.ended) return;
  state_.live = false;
  state_.ended = true;
  state_.end_reason = reason;
  ++state_version_;
  news(Urgency::prompt);
}

Publication::Publication(std::shared_ptr<Stream> stream, std::function<void()> on_end)
    : stream_(std::move(stream)), on_end_(std::move(on_end)) {}

Publication::~Publication() { on_end_(); }

Result<void> Publication::set_tracks(Tracks tracks) {
  return stream_->set_tracks(std::move(tracks));
}

void Publication::publish(media::AccessUnit unit) { stream_->publish(std::move(unit)); }

}  // namespace pasu::hub
