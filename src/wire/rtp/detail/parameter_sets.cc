#include "wire/rtp/detail/parameter_sets.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/base64.h"
#include "bits/bit_reader.h"
#include "bits/configuration_record.h"
#include "bits/h264_sps.h"
#include "bits/h265_sps.h"
#include "bits/nal.h"

namespace pasu::rtp {
namespace {

using bits::H264Nal;
using bits::H265Nal;

// The set's own id; nothing where the set cannot be read.
std::optional<uint32_t> id_h264(ByteView nal) {
  if (bits::h264_type(nal) == H264Nal::sps) {
    const auto sps = bits::parse_h264_sps(nal);
    return sps ? std::optional(sps->id) : std::nullopt;
  }
  bits::BitReader reader(nal, 1);
  const uint32_t id = reader.ue("pic_parameter_set_id", 255);
  return reader.ok() ? std::optional(id) : std::nullopt;
}

std::optional<uint32_t> id_h265(ByteView nal) {
  if (nal.size() < 3) return std::nullopt;
  if (bits::h265_type(nal) == H265Nal::sps) {
    const auto sps = bits::parse_h265_sps(nal);
    return sps ? std::optional(sps->id) : std::nullopt;
  }
  bits::BitReader reader(nal, 2);
  const uint32_t id = bits::h265_type(nal) == H265Nal::vps
                          ? reader.u(4)
                          : reader.ue("pps_pic_parameter_set_id", 63);
  return reader.ok() ? std::optional(id) : std::nullopt;
}

}  // namespace

int nal_type(media::Codec codec, ByteView nal) {
  return codec == media::Codec::h264 ? static_cast<int>(bits::h264_type(nal))
                                     : static_cast<int>(bits::h265_type(nal));
}

void add_sprop(std::string_view list, ParameterSets& sets) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    const auto nal = from_base64(list.substr(0, comma));
    if (nal && !nal->empty()) sets.add(*nal);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

bool ParameterSets::is_set(ByteView nal) const {
  const int type = nal_type(codec_, nal);
  return codec_ == media::Codec::h264 ? type == 7 || type == 8 : type >= 32 && type <= 34;
}

bool ParameterSets::add(ByteView nal) {
  if (bits::starts_with_start_code(nal)) nal = nal.subspan(nal[2] == 1 ? 3 : 4);
  if (nal.empty() || !is_set(nal)) return false;
  const int type = nal_type(codec_, nal);
  for (const Set& set : sets_) {
    if (set.type == type && std::ranges::equal(set.nal, nal)) return false;
  }
  const auto id = codec_ == media::Codec::h264 ? id_h264(nal) : id_h265(nal);
  if (!id) return false;
  size_t bytes = nal.size();
  for (const Set& set : sets_) {
    if (set.type != type || set.id != *id) bytes += set.nal.size();
  }
  if (bytes > kBytesMax || nal.size() > 0xffff) return false;

  const auto place = std::ranges::lower_bound(sets_, std::tuple(type, *id), {}, [](const Set& set) {
    return std::tuple(set.type, set.id);
  });
  const bool known = place != sets_.end() && place->type == type && place->id == *id;
  Set set{type, *id, {nal.begin(), nal.end()}};
  if (type == 7 || type == 33) last_sps_ = set.nal;
  if (known) {
    *place = std::move(set);
  } else {
    sets_.insert(place, std::move(set));
  }
  return true;
}

Result<void> ParameterSets::add_extradata(ByteView extradata) {
  if (bits::starts_with_start_code(extradata)) {
    bits::NalCursor cursor = bits::NalCursor::annexb(extradata);
    for (auto unit = cursor.next(); unit && *unit; unit = cursor.next()) add((*unit)->bytes);
    return {};
  }
  const auto record =
      TRY(codec_ == media::Codec::h264 ? bits::parse_avcc(extradata) : bits::parse_hvcc(extradata));
  for (const bits::NalUnit& unit : record.units) add(unit.bytes);
  return {};
}

bool ParameterSets::complete() const {
  const auto has = [this](int type) {
    return std::ranges::any_of(sets_, [type](const Set& set) { return set.type == type; });
  };
  return codec_ == media::Codec::h264 ? has(7) && has(8) : has(32) && has(33) && has(34);
}

std::vector<ByteView> ParameterSets::of_type(int type) const {
  std::vector<ByteView> found;
  for (const Set& set : sets_) {
    if (set.type == type) found.emplace_back(set.nal);
  }
  return found;
}

std::vector<ByteView> ParameterSets::all() const {
  std::vector<ByteView> found;
  for (const Set& set : sets_) found.emplace_back(set.nal);
  return found;
}

Result<void> ParameterSets::describe(media::StreamInfo& info) const {
  bits::SequenceInfo sequence;
  std::vector<uint8_t> record;
  if (codec_ == media::Codec::h264) {
    sequence = TRY(bits::parse_h264_sps(last_sps_))
    .info;
    record = TRY(bits::make_avcc(of_type(7), of_type(8)));
  } else {
    sequence = TRY(bits::parse_h265_sps(last_sps_))
    .info;
    record = TRY(bits::make_hvcc(of_type(32), of_type(33), of_type(34)));
  }
  info.extradata = Bytes::copy(record);
  info.width = sequence.width;
  info.height = sequence.height;
  info.frame_rate = sequence.frame_rate;
  info.profile = bits::profile_name(sequence);
  return {};
}

}  // namespace pasu::rtp
