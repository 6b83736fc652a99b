#include <cmath>

#include "train/data/voc.h"

namespace pasu::data {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '\t' || c == '\n' || c == '\r')
      out += fmt::format("&#{};", static_cast<int>(c));
    else if (static_cast<uint8_t>(c) < ' ')
      out += "\xEF\xBF\xBD";  // XML 1.0 2.2 has no way to write it.
    else
      out += c;
  }
  return out;
}

std::string edge(double value) {
  constexpr double kWhole = 1.0 / 200;
  const double whole = std::round(value);
  if (std::abs(value - whole) <= kWhole) return fmt::format("{:.0f}", whole);
  return fmt::format("{:.2f}", value);
}

}  // namespace

std::string voc_text(const Picture& picture, const DataSet& set, const std::string& folder) {
  std::string out = fmt::format(
      "<annotation>\n\t<folder>{}</folder>\n\t<filename>{}</filename>\n\t<size>\n"
      "\t\t<width>{}</width>\n\t\t<height>{}</height>\n\t\t<depth>3</depth>\n\t</size>\n"
      "\t<segmented>0</segmented>\n",
      escaped(folder), escaped(picture.file), picture.size.width, picture.size.height);
  for (const Object& object : picture.objects) {
    const Category* category = set.category(object.category);
    const Box& b = object.box;
    out += fmt::format(
        "\t<object>\n\t\t<name>{}</name>\n\t\t<pose>Unspecified</pose>\n"
        "\t\t<truncated>{}</truncated>\n\t\t<difficult>{}</difficult>\n\t\t<occluded>{}</"
        "occluded>\n"
        "\t\t<bndbox>\n\t\t\t<xmin>{}</xmin>\n\t\t\t<ymin>{}</ymin>\n\t\t\t<xmax>{}</xmax>\n"
        "\t\t\t<ymax>{}</ymax>\n\t\t</bndbox>\n\t</object>\n",
        escaped(category != nullptr ? category->name : fmt::format("class {}", object.category)),
        object.truncated ? 1 : 0, object.difficult ? 1 : 0, object.occluded > 0 ? 1 : 0,
        edge(b.x + 1), edge(b.y + 1), edge(b.x + b.w), edge(b.y + b.h));
  }
  return out + "</annotation>\n";
}

}  // namespace pasu::data
