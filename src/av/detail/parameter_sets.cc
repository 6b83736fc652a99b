#include "av/detail/parameter_sets.h"

#include <algorithm>

#include "av/detail/bytes_writer.h"
#include "bits/bit_reader.h"
#include "bits/h264_sps.h"
#include "bits/h265_sps.h"

namespace pasu::av {
namespace {

using bits::H264Nal;
using bits::H265Nal;
using media::Codec;

std::vector<ByteView>* list_for(ParameterSets& sets, ByteView nal) {
  if (sets.codec == Codec::h264) {
    if (bits::h264_type(nal) == H264Nal::sps) return &sets.sps;
    if (bits::h264_type(nal) == H264Nal::pps) return &sets.pps;
    return nullptr;
  }
  if (nal.size() < 2 || bits::h265_layer(nal) != 0) return nullptr;
  if (bits::h265_type(nal) == H265Nal::vps) return &sets.vps;
  if (bits::h265_type(nal) == H265Nal::sps) return &sets.sps;
  if (bits::h265_type(nal) == H265Nal::pps) return &sets.pps;
  return nullptr;
}

// Counts and lengths as the records' fields hold them.
Result<void> check_sizes(const std::vector<ByteView>& list, size_t count_max) {
  if (list.size() > count_max)
    return fail(Errc::too_large, "{} parameter sets of a kind, at most {} fit into a record",
                list.size(), count_max);
  for (const ByteView set : list)
    if (set.size() > UINT16_MAX)
      return fail(Errc::too_large, "a parameter set of {} bytes, at most 65535 fit into a record",
                  set.size());
  return {};
}

void write_sets(BytesWriter& out, const std::vector<ByteView>& list) {
  for (const ByteView set : list) {
    out.u16(set.size());
    out.append(set);
  }
}

void write_formats(BytesWriter& out, const bits::SequenceInfo& info) {
  out.u8(0xfc | (info.chroma_format_idc & 3));
  out.u8(0xf8 | ((info.bit_depth_luma - 8) & 7));
  out.u8(0xf8 | ((info.bit_depth_chroma - 8) & 7));
}

Result<Bytes> make_avcc(const ParameterSets& sets, int length_size) {
  TRY(check_sizes(sets.sps, 31));
  TRY(check_sizes(sets.pps, 255));
  const ByteView sps = sets.sps.front();
  const bits::SequenceInfo info = TRY(bits::parse_h264_sps(sps))
  .info;
  if (sps.size() < 4) return fail(Errc::truncated, "SPS of {} bytes", sps.size());
  BytesWriter out;
  out.u8(1);                      // configurationVersion
  out.append(sps.subspan(1, 3));  // Profile, constraint flags, level.
  out.u8(0xfc | (length_size - 1));
  out.u8(0xe0 | sets.sps.size());
  write_sets(out, sets.sps);
  out.u8(sets.pps.size());
  write_sets(out, sets.pps);
  if (info.profile_idc != 66 && info.profile_idc != 77 && info.profile_idc != 88) {
    write_formats(out, info);
    out.u8(0);  // numOfSequenceParameterSetExt
  }
  return out.take();
}

Result<Bytes> make_hvcc(const ParameterSets& sets, int length_size) {
  for (const auto* list : {&sets.vps, &sets.sps, &sets.pps}) TRY(check_sizes(*list, UINT16_MAX));
  const ByteView sps = sets.sps.front();
  const bits::SequenceInfo info = TRY(bits::parse_h265_sps(sps))
  .info;
  BytesWriter out;
  out.u8(1);  // configurationVersion
  // sps_video_parameter_set_id, sps_max_sub_layers_minus1, sps_temporal_id_nesting_flag, then the
  // general profile, tier and level in 12 bytes as the record has them (H.265 7.3.2.2.1, 7.3.3).
  bits::BitReader reader(sps, 2);
  const uint32_t head = reader.u(8);
  const uint32_t sub_layers = (head >> 1 & 7) + 1;
  const uint32_t nested = head & 1;
  for (int i = 0; i < 12; ++i) out.u8(reader.u(8));
  TRY(reader.status("SPS"));
  out.u16(0xf000);  // min_spatial_segmentation_idc: not said
  out.u8(0xfc);     // parallelismType: not said
  write_formats(out, info);
  out.u16(0);  // avgFrameRate: not said
  out.u8(sub_layers << 3 | nested << 2 | (length_size - 1));
  out.u8(3);  // numOfArrays
  const std::pair<H265Nal, const std::vector<ByteView>*> arrays[] = {
      {H265Nal::vps, &sets.vps}, {H265Nal::sps, &sets.sps}, {H265Nal::pps, &sets.pps}};
  for (const auto& [type, list] : arrays) {
    out.u8(0x80 | static_cast<uint8_t>(type));  // array_completeness, as hvc1 wants it
    out.u16(list->size());
    write_sets(out, *list);
  }
  return out.take();
}

}  // namespace

Result<ParameterSets> find_parameter_sets(Codec codec, bits::NalCursor cursor) {
  ParameterSets sets;
  sets.codec = codec;
  if (codec != Codec::h264 && codec != Codec::h265)
    return fail(Errc::unsupported, "{} has no parameter sets", media::to_string(codec));
  while (const auto nal = TRY(cursor.next())) {
    std::vector<ByteView>* list = list_for(sets, nal->bytes);
    if (list == nullptr) continue;
    const bool known = std::any_of(list->begin(), list->end(), [&](ByteView other) {
      return std::equal(other.begin(), other.end(), nal->bytes.begin(), nal->bytes.end());
    });
    if (!known) list->push_back(nal->bytes);
  }
  if (!sets.complete())
    return fail(Errc::not_found, "a key unit of {} without its parameter sets",
                media::to_string(codec));
  return sets;
}

Result<Bytes> annexb_parameter_sets(Codec codec, ByteView unit) {
  const ParameterSets sets = TRY(find_parameter_sets(codec, bits::NalCursor::annexb(unit)));
  BytesWriter out;
  for (const auto* list : {&sets.vps, &sets.sps, &sets.pps}) {
    for (const ByteView set : *list) {
      out.u32(1);
      out.append(set);
    }
  }
  return out.take();
}

Result<Bytes> make_configuration_record(const ParameterSets& sets, int length_size) {
  ASSERT(sets.complete());
  return sets.codec == Codec::h264 ? make_avcc(sets, length_size) : make_hvcc(sets, length_size);
}

Result<std::string> codecs_parameter(Codec codec, ByteView record) {
  if (codec == Codec::h264) {
    if (record.size() < 4) return fail(Errc::truncated, "avcC of {} bytes", record.size());
    return fmt::format("avc1.{:02X}{:02X}{:02X}", record[1], record[2], record[3]);
  }
  if (record.size() < 13) return fail(Errc::truncated, "hvcC of {} bytes", record.size());
  uint32_t compatibility = 0;  // general_profile_compatibility_flags, the first flag lowest.
  for (int i = 0; i < 32; ++i)
    compatibility |= static_cast<uint32_t>(record[2 + i / 8] >> (7 - i % 8) & 1) << i;
  const char* spaces[] = {"", "A", "B", "C"};
  std::string text = fmt::format("hvc1.{}{}.{:X}.{}{}", spaces[record[1] >> 6], record[1] & 0x1f,
                                 compatibility, (record[1] & 0x20) != 0 ? 'H' : 'L', record[12]);
  // general_constraint_indicator_flags, trailing zero bytes left out.
  int last = 11;
  while (last >= 6 && record[last] == 0) --last;
  for (int i = 6; i <= last; ++i) text += fmt::format(".{:X}", record[i]);
  return text;
}

}  // namespace pasu::av
