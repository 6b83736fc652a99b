#include "wire/rtp/detail/nal_depacketizer.h"

#include "bits/nal.h"
#include "wire/rtp/detail/numbers.h"

namespace pasu::rtp {
namespace {

// first_mb_in_slice is 0 (ue(v): a single 1 bit), or first_slice_segment_in_pic_flag is set.
bool begins_picture(media::Codec codec, ByteView nal) {
  const size_t header = codec == media::Codec::h264 ? 1 : 2;
  return nal.size() > header && (nal[header] & 0x80) != 0;
}

}  // namespace

bool NalDepacketizer::is_slice(int type) const {
  return codec_ == media::Codec::h264 ? type >= 1 && type <= 5 : type <= 31;
}

Result<void> NalDepacketizer::add(const Payload& payload) {
  begin_time(payload);
  Result<void> taken =
      bits::starts_with_start_code(payload.bytes) ? split(payload.bytes) : unpack(payload.bytes);
  if (!taken) damaged_ = true;
  if (payload.marker && !markers_lie_ && begun()) {
    last_time_ = time_;
    finish();
  }
  return taken;
}

// A new time ends the unit before; a gap damages the unit it is in, and makes the next one's start
// unsure.
void NalDepacketizer::begin_time(const Payload& payload) {
  if (payload.gap && begun()) damaged_ = true;
  if (begun() && payload.time != time_) finish();
  if (payload.gap && !damaged_) start_unsure_ = true;
  if (!begun()) time_ = payload.time;
}

Result<void> NalDepacketizer::split(ByteView payload) {
  bits::NalCursor cursor = bits::NalCursor::annexb(payload);
  for (;;) {
    const auto unit = TRY(cursor.next());
    if (!unit) return {};
    TRY(add_unit(unit->bytes));
  }
}

Result<void> NalDepacketizer::add_unit(ByteView nal) {
  if (damaged_) {
    if (sets_.is_set(nal) && sets_.add(nal)) sets_changed_ = true;
    return {};
  }
  if (fragments_) return fail(Errc::malformed, "RTP: a NAL unit within another's fragments");
  const size_t start = unit_.size();
  put32(unit_, static_cast<uint32_t>(nal.size()));
  TRY(append(nal));
  accept({unit_.data() + start + 4, nal.size()});
  return {};
}

// Judges a unit that lies whole at the end of unit_.
void NalDepacketizer::accept(ByteView nal) {
  const int type = nal_type(codec_, nal);
  if (sets_.is_set(nal)) {
    if (sets_.add(nal)) sets_changed_ = true;
  } else if (is_slice(type)) {
    if (!has_picture_ && !begins_picture(codec_, nal)) {
      // The rest of a picture: its head was lost, or went out early at a marker that lied.
      if (!start_unsure_ && last_time_ == time_) markers_lie_ = true;
      damaged_ = true;
    }
    has_picture_ = true;
    key_ = key_ || (codec_ == media::Codec::h264 ? type == 5 : type >= 16 && type <= 21);
  }
  start_unsure_ = false;
}

Result<void> NalDepacketizer::begin_fragments(ByteView header) {
  if (damaged_) return {};
  if (fragments_) return fail(Errc::malformed, "RTP: a fragmented NAL unit within another");
  fragments_ = unit_.size();
  put32(unit_, 0);
  return append(header);
}

Result<void> NalDepacketizer::add_fragment(ByteView part) {
  if (damaged_) return {};
  if (!fragments_) {
    damaged_ = true;
    if (start_unsure_) return {};
    return fail(Errc::malformed, "RTP: a fragment of a NAL unit whose start has not come");
  }
  return append(part);
}

Result<void> NalDepacketizer::end_fragments() {
  if (damaged_ || !fragments_) return {};
  const size_t start = *fragments_;
  fragments_.reset();
  const size_t size = unit_.size() - start - 4;
  write32(unit_.data() + start, static_cast<uint32_t>(size));
  accept({unit_.data() + start + 4, size});
  return {};
}

Result<void> NalDepacketizer::append(ByteView bytes) {
  if (bytes.size() > kUnitBytesMax - std::min(unit_.size(), kUnitBytesMax)) {
    return fail(Errc::too_large, "RTP: an access unit of more than {} bytes", kUnitBytesMax);
  }
  put(unit_, bytes);
  return {};
}

void NalDepacketizer::finish() {
  if (sets_changed_ && sets_.complete()) {
    media::StreamInfo info = next_info();
    if (sets_.describe(info)) change(std::move(info));
    sets_changed_ = false;
  }
  if (damaged_ || fragments_) {
    drop_unit();
  } else if (has_picture_) {
    emit(Bytes::copy(unit_), time_, 0, key_);
  }
  unit_.clear();
  fragments_.reset();
  has_picture_ = key_ = damaged_ = false;
}

}  // namespace pasu::rtp
