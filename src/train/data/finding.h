// One thing that is wrong with a data set: where, what, and what to do about it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "train/data/dataset.h"

namespace pasu::data {

enum class Flaw {
  annotation_unreadable,  ///< An item that breaks its format's rules; left out.
  annotation_repeated,    ///< An id, or a picture's annotation, a second time.
  picture_unknown,        ///< An annotation of a picture that is not listed.
  category_unknown,       ///< A category id or name that is not listed.
  label_map_mismatch,     ///< Categories that the label map numbers or names otherwise.
  box_not_finite,
  box_inverted,  ///< Negative width or height.
  box_empty,
  box_outside,  ///< Partly or wholly outside its picture.
  box_repeated,
  picture_missing,
  picture_unreadable,
  picture_mislabelled,  ///< The extension or format key says another kind than the content.
  picture_size,         ///< The annotation's size is not the picture's.
  picture_repeated,
  picture_unlisted,  ///< A picture without annotation beside the annotated ones.
  split_leak,        ///< The same picture in two splits.
  record_damaged,
  set_empty,
};

/// "box_outside", as --json shows it.
[[nodiscard]] const char* to_string(Flaw flaw);

struct Finding {
  Flaw flaw = Flaw::annotation_unreadable;
  std::string file = {};   ///< The annotation file, or the picture's where that is at fault.
  std::string place = {};  ///< In `file`: "byte 120", "line 4", "record 2 at byte 6120"; or empty.
  std::string picture = {};     ///< Picture::file, where one is concerned.
  int64_t object = 0;           ///< Object::id, where the format has one.
  std::optional<Box> box = {};  ///< The box concerned.
  std::string what = {};        ///< The sentence, with the numbers that matter.
  std::string remedy = {};      ///< What to do.
  bool mended_by_fix = false;   ///< --fix mends it without guessing.

  /// "gt.json: byte 120: annotation 7: ... (remedy)".
  [[nodiscard]] std::string text() const;
};

/// How a reader takes an item that breaks the rules of its format.
struct ReadOptions {
  /// Null: the first one is the error. Else it is added here, left out, and reading goes on.
  std::vector<Finding>* findings = nullptr;
};

/// A set with more is not mended item by item.
inline constexpr size_t kFindingsMax = 100'000;

/// For readers: `finding` as the error where `options` asks for none, else added.
/// Errors: malformed; too_large past kFindingsMax.
[[nodiscard]] Result<void> tell(const ReadOptions& options, Finding finding);

}  // namespace pasu::data
