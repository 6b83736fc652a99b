// Any text as results: what is taken is finite and in range, comes back from what is written, and
// can be measured.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>

#include "train/data/json_reader.h"
#include "train/eval/coco.h"
#include "train/eval/detail/plain_entry.h"
#include "train/eval/results.h"
#include "train/eval/voc.h"

using namespace pasu::eval;

namespace {

// The quick reader takes nothing that the strict one would not, and reads the same.
void hold_plain(std::string_view text) {
  detail::PlainEntry plain;
  const size_t size = detail::read_plain_entry(text, plain);
  if (size == 0) return;
  pasu::data::JsonReader json(text);
  detail::PlainEntry strict;
  const auto read = [&]() -> pasu::Result<void> {
    TRY(json.enter_object());
    while (const auto key = TRY(json.next_key())) {
      if (*key == "image_id") {
        strict.picture = TRY(json.integer());
      } else if (*key == "category_id") {
        strict.category = TRY(json.integer());
      } else if (*key == "score") {
        strict.score = TRY(json.number());
      } else {
        TRY(json.enter_array());
        for (double* number : {&strict.box.x, &strict.box.y, &strict.box.w, &strict.box.h}) {
          if (!TRY(json.next_element())) __builtin_trap();
          *number = TRY(json.number());
        }
        if (TRY(json.next_element())) __builtin_trap();
      }
    }
    return {};
  };
  if (!read() || json.offset() != size || strict.picture != plain.picture ||
      strict.category != plain.category || !(strict.box == plain.box) ||
      strict.score != plain.score)
    __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const GroundTruth truth{
      .categories = {{1, "person"}, {3, "car"}},
      .pictures = {1, 2, 1LL << 40},
      .truths = {{.box = {0, 0, 50, 100}, .area = 5000},
                 {.box = {20, 0, 50, 100}, .area = 900, .crowd = true},
                 {.category = 1, .picture = 2, .box = {5, 5, 0, 3}, .area = 0, .difficult = true}}};
  const auto copy = std::make_unique<char[]>(size);
  std::copy(data, data + size, copy.get());
  const std::string_view text(copy.get(), size);
  if (const size_t open = text.find('{'); open != text.npos) hold_plain(text.substr(open));
  for (const bool skip_unknown : {false, true}) {
    const auto results = parse_results(text, "dt.json", truth, {.skip_unknown = skip_unknown});
    if (!results) continue;
    for (const Detection& one : results->detections)
      if (one.category > 1 || one.picture > 2 || !std::isfinite(one.score) ||
          !std::isfinite(one.box.x) || !std::isfinite(one.box.h))
        __builtin_trap();
    const std::string once = results_json(results->detections, truth);
    const auto again = parse_results(once, "again.json", truth);
    if (!again || results_json(again->detections, truth) != once) __builtin_trap();
    const auto coco = evaluate_coco(truth, results->detections, {.threads = 1});
    for (const double value : coco.numbers)
      if (!(value == -1 || (value >= 0 && value <= 1 + 1e-9))) __builtin_trap();
    for (const VocRule rule : {VocRule::voc07, VocRule::voc10, VocRule::tfod_voc, VocRule::oid}) {
      const double ap = evaluate_voc(truth, results->detections, rule, 1).mean_ap;
      if (!(ap >= 0 && ap <= 1 + 1e-9)) __builtin_trap();
    }
  }
  return 0;
}
