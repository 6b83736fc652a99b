// H.264 and H.265 parameter sets, SEI and configuration records, each from the same bytes.
#include <cstdint>
#include <vector>

#include "bits/configuration_record.h"
#include "bits/detail/h264_pps.h"
#include "bits/detail/h265_pps.h"
#include "bits/detail/sei.h"
#include "bits/h264_sps.h"
#include "bits/h265_sps.h"

using namespace pasu;

namespace {

void check(const bits::SequenceInfo& info) {
  if (info.width <= 0 || info.width > info.coded_width || info.coded_width > 16'888) {
    __builtin_trap();
  }
  if (info.height <= 0 || info.height > info.coded_height || info.coded_height > 16'888) {
    __builtin_trap();
  }
  if (info.frame_rate < 0 || info.max_references > 16 || info.max_reorder > 16) __builtin_trap();
  if (bits::profile_name(info).empty() || bits::level_name(info).empty()) __builtin_trap();
}

void check(const Result<bits::ConfigurationRecord>& record, size_t size) {
  if (!record) return;
  size_t total = 0;
  for (const bits::NalUnit& unit : record->units) total += unit.bytes.size();
  if (total >= size || record->length_size == 3) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  check(bits::parse_avcc(bytes), size);
  check(bits::parse_hvcc(bytes), size);
  if (size == 0) return 0;
  if (const auto sps = bits::parse_h264_sps(bytes)) check(sps->info);
  if (const auto pps = bits::parse_h264_pps(bytes)) {
    if (pps->references_default[0] > 32 || pps->init_qp > 51) __builtin_trap();
  }
  (void)bits::has_recovery_point(bytes, 1);
  if (size == 1) return 0;
  if (const auto sps = bits::parse_h265_sps(bytes)) {
    check(sps->info);
    if (sps->ctbs == 0 || sps->short_term_sets.size() > 64) __builtin_trap();
    for (const auto& set : sps->short_term_sets) {
      if (set.size() > bits::ShortTermSet::kPicturesMax) __builtin_trap();
    }
  }
  if (const auto pps = bits::parse_h265_pps(bytes)) {
    if (pps->references_default[1] > 15 || pps->init_qp > 51) __builtin_trap();
  }
  return 0;
}
