#include "hub/rtmp_form.h"

#include <algorithm>

namespace pasu::hub {

std::vector<size_t> rtmp_tracks(const std::vector<media::StreamInfo>& tracks) {
  std::vector<size_t> out;
  for (const auto kind : {media::MediaKind::video, media::MediaKind::audio}) {
    const auto at = std::ranges::find_if(tracks, [&](const auto& track) {
      return track.kind == kind && rtmp::StreamWriter::can_carry(track);
    });
    if (at != tracks.end()) out.push_back(static_cast<size_t>(at - tracks.begin()));
  }
  return out;
}

void RtmpForm::set_tracks(const std::vector<media::StreamInfo>& tracks, uint64_t generation) {
  writer_.reset();
  carried_ = rtmp_tracks(tracks);
  generation_ = generation;
  log_->clear();
  std::vector<media::StreamInfo> infos;
  for (const size_t i : carried_) infos.push_back(tracks[i]);
  has_video_ = std::ranges::any_of(
      infos, [](const auto& info) { return info.kind == media::MediaKind::video; });
  if (auto writer = rtmp::StreamWriter::create(infos)) writer_.emplace(std::move(*writer));
}

void RtmpForm::push(const media::AccessUnit& unit, bool start) {
  if (std::ranges::find(carried_, static_cast<size_t>(unit.stream)) == carried_.end()) return;
  auto data = writer_ ? writer_->write(unit) : fail(Errc::unsupported, "nothing RTMP carries");
  if (!data) {
    ++failed_;
    return;
  }
  // Where RTMP leaves the pictures out, a reader may begin with any sound.
  start = start || !has_video_;
  RtmpItem item{std::move(*data), start ? writer_->header(unit.dts) : Bytes(), generation_};
  const size_t bytes = item.data.size() + item.header.size();
  log_->publish(std::move(item), bytes, start);
}

}  // namespace pasu::hub
