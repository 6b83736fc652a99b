#include "bits/detail/h265_short_term.h"

namespace pasu::bits {
namespace {

// Takes what fits. More than 16 pictures is an error, which predict() notes.
struct Builder {
  ShortTermSet set;
  bool full = false;

  void add(int32_t delta_poc, bool used) {
    if (set.size() == ShortTermSet::kPicturesMax) {
      full = true;
      return;
    }
    set.references[set.size()] = {delta_poc, used};
    ++(delta_poc < 0 ? set.negative : set.positive);
  }
};

// inter_ref_pic_set_prediction_flag = 1: a known set, shifted, with pictures left out (7-61, 7-62).
ShortTermSet predict(BitReader& bits, const ShortTermSet& from) {
  const bool negative = bits.flag();  // delta_rps_sign
  const auto distance = static_cast<int32_t>(bits.ue("abs_delta_rps_minus1", 32'767)) + 1;
  const int32_t shift = negative ? -distance : distance;

  // One entry a picture of `from`, and a last one for the picture `from` belongs to.
  struct Choice {
    bool used, kept;
  };
  std::array<Choice, ShortTermSet::kPicturesMax + 1> choices{};
  for (uint32_t j = 0; j <= from.size(); ++j) {
    const bool used = bits.flag();             // used_by_curr_pic_flag
    choices[j] = {used, used || bits.flag()};  // use_delta_flag
  }

  Builder builder;
  const auto take = [&](uint32_t j, bool wants_negative) {
    const int32_t base = j < from.size() ? from.references[j].delta_poc : 0;
    const int32_t delta = base + shift;
    if (choices[j].kept && (wants_negative ? delta < 0 : delta > 0)) {
      builder.add(delta, choices[j].used);
    }
  };
  const uint32_t itself = from.size();
  for (uint32_t j = from.size(); j > from.negative; --j) take(j - 1, true);
  take(itself, true);
  for (uint32_t j = 0; j < from.negative; ++j) take(j, true);

  for (uint32_t j = from.negative; j > 0; --j) take(j - 1, false);
  take(itself, false);
  for (uint32_t j = from.negative; j < from.size(); ++j) take(j, false);
  if (builder.full) {
    constexpr uint32_t kMax = ShortTermSet::kPicturesMax;
    bits.reject("number of short-term reference pictures", kMax + 1, 0, kMax);
  }
  return builder.set;
}

}  // namespace

uint32_t ShortTermSet::used_count() const {
  uint32_t count = 0;
  for (uint32_t i = 0; i < size(); ++i) count += references[i].used ? 1 : 0;
  return count;
}

ShortTermSet read_short_term_set(BitReader& bits, std::span<const ShortTermSet> known,
                                 bool in_slice) {
  const bool predicted = !known.empty() && bits.flag();  // inter_ref_pic_set_prediction_flag
  if (predicted) {
    uint32_t back = 1;
    if (in_slice) {
      back = bits.ue("delta_idx_minus1", static_cast<uint32_t>(known.size()) - 1) + 1;
    }
    return predict(bits, known[known.size() - back]);
  }
  ShortTermSet set;
  constexpr uint32_t kMax = ShortTermSet::kPicturesMax;
  const uint32_t negative = bits.ue("num_negative_pics", kMax);
  const uint32_t positive = bits.ue("num_positive_pics", kMax - negative);
  int32_t delta = 0;
  for (uint32_t i = 0; i < negative + positive && bits.ok(); ++i) {
    if (i == negative) delta = 0;
    const auto step = static_cast<int32_t>(bits.ue("delta_poc_minus1", 32'767)) + 1;
    delta += i < negative ? -step : step;
    set.references[i] = {delta, bits.flag()};  // used_by_curr_pic_flag
  }
  set.negative = negative;
  set.positive = positive;
  return set;
}

}  // namespace pasu::bits
