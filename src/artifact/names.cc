#include "artifact/detail/names.h"

#include <algorithm>
#include <set>

#include "base/nearest.h"

namespace pasu::artifact {
namespace {

template <class E>
struct Name {
  E value;
  const char* name;
};

template <class E>
std::span<const Name<E>> table();

template <>
std::span<const Name<Family>> table() {
  static const Name<Family> kNames[] = {{Family::anchor_free_grid, "anchor_free_grid"},
                                        {Family::ssd_detection_output, "ssd_detection_output"},
                                        {Family::tfod_raw, "tfod_raw"},
                                        {Family::tfod_nms, "tfod_nms"},
                                        {Family::yolox, "yolox"},
                                        {Family::fastestdet, "fastestdet"},
                                        {Family::boxes_labels, "boxes_labels"}};
  return kNames;
}
template <>
std::span<const Name<Layout>> table() {
  static const Name<Layout> kNames[] = {{Layout::nchw, "nchw"}, {Layout::nhwc, "nhwc"}};
  return kNames;
}
template <>
std::span<const Name<ColorOrder>> table() {
  static const Name<ColorOrder> kNames[] = {{ColorOrder::rgb, "rgb"}, {ColorOrder::bgr, "bgr"}};
  return kNames;
}
template <>
std::span<const Name<Resize>> table() {
  static const Name<Resize> kNames[] = {{Resize::letterbox, "letterbox"},
                                        {Resize::stretch, "stretch"}};
  return kNames;
}
template <>
std::span<const Name<ElementType>> table() {
  static const Name<ElementType> kNames[] = {{ElementType::f32, "f32"}, {ElementType::u8, "u8"}};
  return kNames;
}
template <>
std::span<const Name<BoxCoding>> table() {
  static const Name<BoxCoding> kNames[] = {{BoxCoding::ltrb_exp, "ltrb_exp"},
                                           {BoxCoding::ltrb, "ltrb"}};
  return kNames;
}
template <>
std::span<const Name<ScoreCoding>> table() {
  static const Name<ScoreCoding> kNames[] = {{ScoreCoding::logit, "logit"},
                                             {ScoreCoding::probability, "probability"}};
  return kNames;
}

template <class E>
const char* name_of(E value) {
  for (const auto& entry : table<E>())
    if (entry.value == value) return entry.name;
  return "?";
}

}  // namespace

const char* to_string(Family family) { return name_of(family); }
const char* to_string(Layout layout) { return name_of(layout); }
const char* to_string(ColorOrder order) { return name_of(order); }
const char* to_string(Resize resize) { return name_of(resize); }
const char* to_string(ElementType type) { return name_of(type); }
const char* to_string(BoxCoding coding) { return name_of(coding); }
const char* to_string(ScoreCoding coding) { return name_of(coding); }
Result<Family> family_from(std::string_view name) { return detail::from_name<Family>(name); }

namespace detail {

template <class E>
std::string names() {
  std::string out;
  for (const auto& entry : table<E>()) {
    if (!out.empty()) out += ", ";
    out += entry.name;
  }
  return out;
}

template <class E>
Result<E> from_name(std::string_view name) {
  std::vector<std::string> known;
  for (const auto& entry : table<E>()) {
    if (name == entry.name) return entry.value;
    known.emplace_back(entry.name);
  }
  const auto guess = nearest(name, known);
  return fail(Errc::malformed, "expected one of {}; found '{}'{}", names<E>(), name,
              guess ? fmt::format("; did you mean '{}'?", *guess) : "");
}

template Result<Family> from_name(std::string_view);
template Result<Layout> from_name(std::string_view);
template Result<ColorOrder> from_name(std::string_view);
template Result<Resize> from_name(std::string_view);
template Result<ElementType> from_name(std::string_view);
template Result<BoxCoding> from_name(std::string_view);
template Result<ScoreCoding> from_name(std::string_view);
template std::string names<Family>();

std::span<const Role> roles(Family family) {
  static constexpr Role kGrid[] = {{"grid"}};
  static constexpr Role kSsd[] = {{"detections"}};
  static constexpr Role kTfodRaw[] = {{"boxes"}, {"scores"}};
  static constexpr Role kTfodNms[] = {{"boxes"}, {"scores"}, {"classes"}};
  static constexpr Role kYolox[] = {{"predictions"}};
  static constexpr Role kFastestDet[] = {{"predictions"}};
  static constexpr Role kBoxesLabels[] = {{"boxes"}, {"labels", true}};
  switch (family) {
    case Family::anchor_free_grid:
      return kGrid;
    case Family::ssd_detection_output:
      return kSsd;
    case Family::tfod_raw:
      return kTfodRaw;
    case Family::tfod_nms:
      return kTfodNms;
    case Family::yolox:
      return kYolox;
    case Family::fastestdet:
      return kFastestDet;
    case Family::boxes_labels:
      return kBoxesLabels;
  }
  return {};
}

bool is_role_of(Family family, std::string_view role) {
  const auto all = roles(family);
  return std::any_of(all.begin(), all.end(), [&](const Role& r) { return role == r.name; });
}

std::string roles_text(Family family) {
  std::string out;
  for (const Role& role : roles(family)) {
    if (!out.empty()) out += ", ";
    out += fmt::format("\"{}\"", role.name);
  }
  return out;
}

Result<void> check_labels(const std::vector<std::string>& labels) {
  if (labels.size() > Manifest::kLabelsMax)
    return fail(Errc::malformed, "more than {} labels", Manifest::kLabelsMax);
  std::set<std::string_view> seen;
  for (const std::string& label : labels) {
    if (label.empty()) return fail(Errc::malformed, "an empty label");
    for (const char c : label)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
        return fail(Errc::malformed, "a control character in a label");
    if (!seen.insert(label).second) return fail(Errc::malformed, "'{}' stands twice", label);
  }
  return {};
}

}  // namespace detail
}  // namespace pasu::artifact
