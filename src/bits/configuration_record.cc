#include "bits/configuration_record.h"

#include "bits/bit_reader.h"
#include "bits/h264_sps.h"
#include "bits/h265_sps.h"

namespace pasu::bits {
namespace {

// Walks a record; the first read past its end sticks and gives zeros.
class Walk {
 public:
  Walk(ByteView record, const char* name) : record_(record), name_(name) {}

  size_t number(size_t bytes) {
    size_t value = 0;
    for (const uint8_t byte : take(bytes)) value = value << 8 | byte;
    return value;
  }
  void skip(size_t bytes) { take(bytes); }

  // A 16-bit length and that many bytes; empty units are left out.
  void unit(std::vector<NalUnit>& units) {
    const ByteView bytes = take(number(2));
    if (!bytes.empty()) units.push_back({bytes, position_ - bytes.size()});
  }

  [[nodiscard]] bool ok() const { return !past_end_; }
  [[nodiscard]] Result<void> status() const {
    if (ok()) return {};
    return fail(Errc::truncated, "{} ends early: {} bytes, where more are announced at byte {}",
                name_, record_.size(), position_);
  }

 private:
  ByteView take(size_t bytes) {
    if (past_end_ || bytes > record_.size() - position_) {
      past_end_ = true;
      return {};
    }
    position_ += bytes;
    return record_.subspan(position_ - bytes, bytes);
  }

  ByteView record_;
  const char* name_;
  size_t position_ = 0;
  bool past_end_ = false;
};

Result<int> length_size(size_t minus1, const char* name) {
  if (minus1 == 2) return fail(Errc::malformed, "{}: NAL lengths of 3 bytes do not exist", name);
  return static_cast<int>(minus1) + 1;
}

constexpr size_t kUnitBytesMax = 65'535;  // The records have 16-bit lengths.

Result<void> check_sets(std::span<const ByteView> sets, const char* name, size_t count_max) {
  if (sets.empty() || sets.size() > count_max) {
    return fail(Errc::invalid_argument, "a configuration record holds 1 to {} {}, not {}",
                count_max, name, sets.size());
  }
  for (const ByteView set : sets) {
    if (set.size() < 2 || set.size() > kUnitBytesMax) {
      return fail(Errc::invalid_argument, "a configuration record cannot hold a {} of {} bytes",
                  name, set.size());
    }
  }
  return {};
}

void put16(std::vector<uint8_t>& out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put_units(std::vector<uint8_t>& out, std::span<const ByteView> units) {
  for (const ByteView unit : units) {
    put16(out, unit.size());
    out.insert(out.end(), unit.begin(), unit.end());
  }
}

// Profiles whose avcC ends with the sample format (ISO 14496-15 5.3.3.1.2).
bool tells_sample_format(int profile_idc) {
  return profile_idc == 100 || profile_idc == 110 || profile_idc == 122 || profile_idc == 144;
}

}  // namespace

Result<ConfigurationRecord> parse_avcc(ByteView bytes) {
  Walk walk(bytes, "avcC");
  ConfigurationRecord record;
  const size_t version = walk.number(1);
  if (walk.ok() && version != 1) return fail(Errc::malformed, "avcC: version {}, not 1", version);
  walk.skip(3);  // AVCProfileIndication, profile_compatibility, AVCLevelIndication
  record.length_size = TRY(length_size(walk.number(1) & 3, "avcC"));
  const size_t sps_count = walk.number(1) & 0x1f;
  for (size_t i = 0; i < sps_count && walk.ok(); ++i) walk.unit(record.units);
  const size_t pps_count = walk.number(1);
  for (size_t i = 0; i < pps_count && walk.ok(); ++i) walk.unit(record.units);
  TRY(walk.status());
  return record;
}

Result<ConfigurationRecord> parse_hvcc(ByteView bytes) {
  Walk walk(bytes, "hvcC");
  ConfigurationRecord record;
  walk.skip(21);  // configurationVersion to avgFrameRate
  record.length_size = TRY(length_size(walk.number(1) & 3, "hvcC"));
  const size_t arrays = walk.number(1);
  for (size_t i = 0; i < arrays && walk.ok(); ++i) {
    walk.skip(1);  // array_completeness, NAL_unit_type
    const size_t count = walk.number(2);
    for (size_t n = 0; n < count && walk.ok(); ++n) walk.unit(record.units);
  }
  TRY(walk.status());
  return record;
}

Result<std::vector<uint8_t>> make_avcc(std::span<const ByteView> sps,
                                       std::span<const ByteView> pps) {
  TRY(check_sets(sps, "SPS", 31));
  TRY(check_sets(pps, "PPS", 255));
  const SequenceInfo info = TRY(parse_h264_sps(sps[0]))
  .info;
  std::vector<uint8_t> out{1, sps[0][1], sps[0][2], sps[0][3], 0xff};
  out.push_back(static_cast<uint8_t>(0xe0 | sps.size()));
  put_units(out, sps);
  out.push_back(static_cast<uint8_t>(pps.size()));
  put_units(out, pps);
  if (tells_sample_format(info.profile_idc)) {
    out.push_back(static_cast<uint8_t>(0xfc | info.chroma_format_idc));
    out.push_back(static_cast<uint8_t>(0xf8 | (info.bit_depth_luma - 8)));
    out.push_back(static_cast<uint8_t>(0xf8 | (info.bit_depth_chroma - 8)));
    out.push_back(0);  // numOfSequenceParameterSetExt
  }
  return out;
}

Result<std::vector<uint8_t>> make_hvcc(std::span<const ByteView> vps, std::span<const ByteView> sps,
                                       std::span<const ByteView> pps) {
  TRY(check_sets(vps, "VPS", kUnitBytesMax));
  TRY(check_sets(sps, "SPS", kUnitBytesMax));
  TRY(check_sets(pps, "PPS", kUnitBytesMax));
  const SequenceInfo info = TRY(parse_h265_sps(sps[0]))
  .info;

  std::vector<uint8_t> out{1};
  BitReader bits(sps[0], 2);
  bits.skip(4);  // sps_video_parameter_set_id
  const uint32_t sub_layers = bits.u(3) + 1;
  const uint32_t nesting = bits.u(1);
  // The general part of profile_tier_level(), to general_level_idc (H.265 7.3.3).
  for (int i = 0; i < 12; ++i) out.push_back(static_cast<uint8_t>(bits.u(8)));
  TRY(bits.status("SPS"));
  put16(out, 0xf000);   // min_spatial_segmentation_idc: not said
  out.push_back(0xfc);  // parallelismType: not said
  out.push_back(static_cast<uint8_t>(0xfc | info.chroma_format_idc));
  out.push_back(static_cast<uint8_t>(0xf8 | (info.bit_depth_luma - 8)));
  out.push_back(static_cast<uint8_t>(0xf8 | (info.bit_depth_chroma - 8)));
  put16(out, 0);  // avgFrameRate: not said
  // constantFrameRate 0, numTemporalLayers, temporalIdNested, lengthSizeMinusOne 3
  out.push_back(static_cast<uint8_t>(sub_layers << 3 | nesting << 2 | 3));

  out.push_back(3);  // numOfArrays
  const std::pair<H265Nal, std::span<const ByteView>> arrays[] = {
      {H265Nal::vps, vps}, {H265Nal::sps, sps}, {H265Nal::pps, pps}};
  for (const auto& [type, units] : arrays) {
    // array_completeness 0: sets may change in band.
    out.push_back(static_cast<uint8_t>(type));
    put16(out, units.size());
    put_units(out, units);
  }
  return out;
}

}  // namespace pasu::bits
