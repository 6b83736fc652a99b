#include "train/data/yolo.h"

#include <cmath>

#include "train/data/detail/lines.h"

namespace pasu::data {
namespace {

/// What a label's text was made of, to a millionth of a pixel: decimals of a share leave crumbs.
double tidy(double pixels) { return std::round(pixels * 1e6) / 1e6; }

struct Line {
  std::vector<double> numbers;
  std::string problem;
  Flaw flaw = Flaw::annotation_unreadable;
};

Line read_line(std::string_view text, size_t classes) {
  constexpr size_t kNumbersMax = 20'001;  // A polygon of ten thousand corners.
  Line out;
  const auto words = detail::words_of(text, kNumbersMax);
  const size_t n = words.size();
  if (n != 5 && n != 6 && (n < 7 || n % 2 == 0 || n > kNumbersMax)) {
    out.problem = fmt::format("{} columns; expected class, x, y, width, height", n);
    return out;
  }
  for (const std::string_view word : words) {
    const auto value = detail::number_of(word);
    if (!value) {
      out.problem = fmt::format("'{}' is no number", word.substr(0, 40));
      return out;
    }
    if (!std::isfinite(*value)) {
      out.problem = fmt::format("'{}' is not finite", word.substr(0, 40));
      out.flaw = Flaw::box_not_finite;
      return out;
    }
    out.numbers.push_back(*value);
  }
  constexpr double kClassesMax = 1e6;
  const double label = out.numbers.front();
  if (label != std::trunc(label) || label < 0 || label > kClassesMax ||
      (classes > 0 && label >= static_cast<double>(classes))) {
    out.problem = classes > 0 ? fmt::format("class {} is not in 0..{}", words.front(), classes - 1)
                              : fmt::format("class {} is no class", words.front());
    out.flaw = Flaw::category_unknown;
  }
  return out;
}

Box box_of(const std::vector<double>& n, geom::Size size) {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  if (n.size() <= 6) {
    x1 = n[1] - n[3] / 2;
    y1 = n[2] - n[4] / 2;
    return {tidy(x1 * size.width), tidy(y1 * size.height), tidy(n[3] * size.width),
            tidy(n[4] * size.height)};
  }
  x1 = x2 = n[1];
  y1 = y2 = n[2];
  for (size_t i = 3; i + 1 < n.size(); i += 2) {
    x1 = std::min(x1, n[i]);
    x2 = std::max(x2, n[i]);
    y1 = std::min(y1, n[i + 1]);
    y2 = std::max(y2, n[i + 1]);
  }
  return {tidy(x1 * size.width), tidy(y1 * size.height), tidy((x2 - x1) * size.width),
          tidy((y2 - y1) * size.height)};
}

}  // namespace

Result<std::vector<Object>> parse_yolo(std::string_view text, const std::string& path,
                                       geom::Size size, size_t classes,
                                       const ReadOptions& options) {
  std::vector<Object> out;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (int line = 1; !text.empty(); ++line) {
    const std::string_view words = detail::take_line(text);
    if (words.find_first_not_of(" \t") == words.npos) continue;
    const Line read = read_line(words, classes);
    if (!read.problem.empty()) {
      TRY(tell(options, {.flaw = read.flaw,
                         .file = path,
                         .place = fmt::format("line {}", line),
                         .picture = {},
                         .box = {},
                         .what = read.problem,
                         .remedy = "correct the line or take it out",
                         .mended_by_fix = true}));
      continue;
    }
    Object object;
    object.category = static_cast<int64_t>(read.numbers.front()) + 1;
    object.box = box_of(read.numbers, size);
    object.area = object.box.w * object.box.h;
    out.push_back(object);
  }
  return out;
}

std::string yolo_text(const Picture& picture, const DataSet& set) {
  std::string out;
  for (const Object& object : picture.objects) {
    const Box& b = object.box;
    size_t place = 0;
    while (place < set.categories.size() && set.categories[place].id != object.category) ++place;
    fmt::format_to(std::back_inserter(out), "{} {:.10g} {:.10g} {:.10g} {:.10g}\n", place,
                   (b.x + b.w / 2) / picture.size.width, (b.y + b.h / 2) / picture.size.height,
                   b.w / picture.size.width, b.h / picture.size.height);
  }
  return out;
}

}  // namespace pasu::data
