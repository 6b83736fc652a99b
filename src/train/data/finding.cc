#include "train/data/finding.h"

namespace pasu::data {

const char* to_string(Flaw flaw) {
  switch (flaw) {
    case Flaw::annotation_unreadable:
      return "annotation_unreadable";
    case Flaw::annotation_repeated:
      return "annotation_repeated";
    case Flaw::picture_unknown:
      return "picture_unknown";
    case Flaw::category_unknown:
      return "category_unknown";
    case Flaw::label_map_mismatch:
      return "label_map_mismatch";
    case Flaw::box_not_finite:
      return "box_not_finite";
    case Flaw::box_inverted:
      return "box_inverted";
    case Flaw::box_empty:
      return "box_empty";
    case Flaw::box_outside:
      return "box_outside";
    case Flaw::box_repeated:
      return "box_repeated";
    case Flaw::picture_missing:
      return "picture_missing";
    case Flaw::picture_unreadable:
      return "picture_unreadable";
    case Flaw::picture_mislabelled:
      return "picture_mislabelled";
    case Flaw::picture_size:
      return "picture_size";
    case Flaw::picture_repeated:
      return "picture_repeated";
    case Flaw::picture_unlisted:
      return "picture_unlisted";
    case Flaw::split_leak:
      return "split_leak";
    case Flaw::record_damaged:
      return "record_damaged";
    case Flaw::set_empty:
      return "set_empty";
  }
  return "annotation_unreadable";
}

std::string Finding::text() const {
  std::string out = file;
  if (!place.empty()) out += (out.empty() ? "" : ": ") + place;
  out += (out.empty() ? "" : ": ") + what;
  if (!remedy.empty()) out += " (" + remedy + ")";
  return out;
}

Result<void> tell(const ReadOptions& options, Finding finding) {
  if (options.findings == nullptr) return fail(Errc::malformed, "{}", finding.text());
  if (options.findings->size() >= kFindingsMax)
    return fail(Errc::too_large, "{}: more than {} things are wrong with it", finding.file,
                kFindingsMax);
  options.findings->push_back(std::move(finding));
  return {};
}

}  // namespace pasu::data
