#include "train/data/kitti.h"

#include <cmath>

#include "train/data/detail/lines.h"

namespace pasu::data {
namespace {

constexpr size_t kColumns = 15;

/// The object of a line, or what is wrong with it.
Result<KittiObject> read_line(std::string_view line, Flaw& flaw) {
  const auto words = detail::words_of(line, kColumns + 1);
  if (words.size() != kColumns && words.size() != kColumns + 1)
    return fail(Errc::malformed, "{} columns; expected {}", words.size(), kColumns);
  double numbers[8] = {};
  for (size_t i = 1; i < 8; ++i) {
    const auto value = detail::number_of(words[i]);
    if (!value)
      return fail(Errc::malformed, "column {}: '{}' is no number", i + 1, words[i].substr(0, 40));
    if (!std::isfinite(*value)) {
      flaw = Flaw::box_not_finite;
      return fail(Errc::malformed, "column {}: '{}' is not finite", i + 1, words[i].substr(0, 40));
    }
    numbers[i] = *value;
  }
  KittiObject out{.type = std::string(words[0]), .object = {}};
  out.object.truncated = numbers[1] > 0;
  out.object.occluded = static_cast<int>(std::clamp(numbers[2], 0.0, 3.0));
  out.object.box = {numbers[4], numbers[5], numbers[6] - numbers[4], numbers[7] - numbers[5]};
  out.object.area = out.object.box.w * out.object.box.h;
  return out;
}

/// Two decimals, as KITTI's, or as many of six as are needed.
std::string edge(double value) {
  std::string text = fmt::format("{:.6f}", value);
  const size_t least = text.find('.') + 3;
  while (text.size() > least && text.back() == '0') text.pop_back();
  return text;
}

}  // namespace

Result<std::vector<KittiObject>> parse_kitti(std::string_view text, const std::string& path,
                                             const ReadOptions& options) {
  std::vector<KittiObject> out;
  for (int line = 1; !text.empty(); ++line) {
    const std::string_view words = detail::take_line(text);
    if (words.find_first_not_of(" \t") == words.npos) continue;
    Flaw flaw = Flaw::annotation_unreadable;
    auto object = read_line(words, flaw);
    if (object)
      out.push_back(std::move(*object));
    else
      TRY(tell(options, {.flaw = flaw,
                         .file = path,
                         .place = fmt::format("line {}", line),
                         .picture = {},
                         .box = {},
                         .what = object.error().message(),
                         .remedy = "correct the line or take it out",
                         .mended_by_fix = true}));
  }
  return out;
}

std::string kitti_text(const Picture& picture, const DataSet& set) {
  std::string out;
  for (const Object& object : picture.objects) {
    const Category* category = set.category(object.category);
    std::string type = category != nullptr ? category->name : "";
    if (type.empty()) type = fmt::format("class_{}", object.category);
    for (char& c : type)
      if (static_cast<uint8_t>(c) <= ' ') c = '_';
    const Box& b = object.box;
    out += fmt::format("{} {} {} -10 {} {} {} {} -1 -1 -1 -1000 -1000 -1000 -10\n", type,
                       object.truncated ? "1.00" : "0.00", object.occluded, edge(b.x), edge(b.y),
                       edge(b.x + b.w), edge(b.y + b.h));
  }
  return out;
}

}  // namespace pasu::data
