#include "train/data/voc.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "base/read_file.h"
#include "train/data/xml_reader.h"

namespace pasu::data {
namespace {

using Kind = XmlEvent::Kind;

Result<double> number(XmlReader& xml, std::string_view name) {
  const std::string text = TRY(xml.text());
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size())
    return fail(Errc::malformed, "line {}: <{}>: '{}' is no number", xml.line(), name,
                text.substr(0, 40));
  return value;
}

Result<int> side(XmlReader& xml, std::string_view name) {
  constexpr double kSideMax = 1'000'000;
  const double value = TRY(number(xml, name));
  if (!(value >= 0 && value <= kSideMax))
    return fail(Errc::malformed, "line {}: <{}> {}: no picture has that", xml.line(), name, value);
  return static_cast<int>(value);
}

/// true of 1, true, Yes and the like; labelImg and its kin write what they please.
Result<bool> flag(XmlReader& xml) {
  const std::string text = TRY(xml.text());
  return !text.empty() && text != "0" && text != "false" && text != "False" && text != "no" &&
         text != "Unspecified";
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& path, VocCorners corners,
         const ReadOptions& options)
      : xml_(text), path_(path), corners_(corners), options_(options) {}

  Result<VocPicture> parse() {
    auto done = annotation();
    if (!done) return tl::unexpected<Error>(std::move(done).error().with(path_));
    return std::move(out_);
  }

 private:
  /// `each` gets the start of every child of the tag that has just begun, and reads to its end.
  template <class F>
  Result<void> children(F&& each) {
    while (true) {
      const XmlEvent event = TRY(xml_.next());
      if (event.kind == Kind::end) return {};
      if (event.kind == Kind::text)
        return fail(Errc::malformed, "line {}: text between tags: '{}'", event.line,
                    event.text.substr(0, 40));
      TRY(each(event));
    }
  }

  Result<void> annotation() {
    const XmlEvent root = TRY(xml_.next());
    if (root.name != "annotation")
      return fail(Errc::malformed, "line {}: expected <annotation>, found <{}>", root.line,
                  root.name);
    const auto part = [this](const XmlEvent& child) -> Result<void> {
      if (child.name == "filename") {
        out_.picture.file = TRY(xml_.text());
      } else if (child.name == "size") {
        TRY(size());
      } else if (child.name == "object") {
        TRY(object(child.line));
      } else {
        TRY(xml_.skip());
      }
      return {};
    };
    TRY(children(part));
    TRY(xml_.next());  // Nothing may follow.
    for (Finding& finding : findings_) {
      finding.picture = out_.picture.file;
      TRY(tell(options_, std::move(finding)));
    }
    return {};
  }

  Result<void> size() {
    return children([this](const XmlEvent& child) -> Result<void> {
      if (child.name == "width")
        out_.picture.size.width = TRY(side(xml_, child.name));
      else if (child.name == "height")
        out_.picture.size.height = TRY(side(xml_, child.name));
      else
        TRY(xml_.skip());
      return {};
    });
  }

  Result<void> object(int line) {
    Object object;
    std::string name;
    int edges = 0;
    double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    const auto part = [&](const XmlEvent& child) -> Result<void> {
      if (child.name == "name") {
        name = TRY(xml_.text());
      } else if (child.name == "difficult") {
        object.difficult = TRY(flag(xml_));
      } else if (child.name == "truncated") {
        object.truncated = TRY(flag(xml_));
      } else if (child.name == "occluded") {
        object.occluded = TRY(flag(xml_))
        ? 1 : 0;
      } else if (child.name == "bndbox") {
        return children([&](const XmlEvent& edge) -> Result<void> {
          double* value = edge.name == "xmin"   ? &x1
                          : edge.name == "ymin" ? &y1
                          : edge.name == "xmax" ? &x2
                          : edge.name == "ymax" ? &y2
                                                : nullptr;
          if (value == nullptr) return xml_.skip();
          *value = TRY(number(xml_, edge.name));
          edges |= 1 << (value == &x1 ? 0 : value == &y1 ? 1 : value == &x2 ? 2 : 3);
          return {};
        });
      } else {
        TRY(xml_.skip());
      }
      return {};
    };
    TRY(children(part));
    if (name.empty())
      return wrong(Flaw::annotation_unreadable, line, "an object without <name>", "name its class");
    if (edges != 15)
      return wrong(Flaw::annotation_unreadable, line,
                   fmt::format("object '{}' has no <bndbox> with xmin, ymin, xmax, ymax", name),
                   "draw its box or take it out");
    if (!std::isfinite(x1) || !std::isfinite(y1) || !std::isfinite(x2) || !std::isfinite(y2))
      return wrong(
          Flaw::box_not_finite, line,
          fmt::format("object '{}': box {}, {}, {}, {} is not finite", name, x1, y1, x2, y2),
          "take it out or draw it again");
    const double first = corners_ == VocCorners::pixels_from_1 ? 1 : 0;
    object.box = {x1 - first, y1 - first, x2 - x1 + first, y2 - y1 + first};
    object.area = object.box.w * object.box.h;
    object.category = place_of(name);
    out_.picture.objects.push_back(object);
    return {};
  }

  int64_t place_of(const std::string& name) {
    const auto [at, fresh] = places_.emplace(name, out_.names.size());
    if (fresh) out_.names.push_back(name);
    return static_cast<int64_t>(at->second);
  }

  /// Held back until the picture's name was read. Without findings it is the error at once.
  Result<void> wrong(Flaw flaw, int line, std::string what, const char* remedy) {
    if (options_.findings == nullptr)
      return fail(Errc::malformed, "line {}: {} ({})", line, what, remedy);
    findings_.push_back({.flaw = flaw,
                         .file = path_,
                         .place = fmt::format("line {}", line),
                         .picture = {},
                         .box = {},
                         .what = std::move(what),
                         .remedy = remedy,
                         .mended_by_fix = true});
    return {};
  }

  XmlReader xml_;
  const std::string& path_;
  VocCorners corners_;
  ReadOptions options_;
  VocPicture out_;
  std::map<std::string, size_t> places_;
  std::vector<Finding> findings_;
};

}  // namespace

Result<VocPicture> parse_voc(std::string_view text, const std::string& path, VocCorners corners,
                             const ReadOptions& options) {
  return Parser(text, path, corners, options).parse();
}

Result<DataSet> read_voc(const std::vector<std::filesystem::path>& files, VocCorners corners,
                         const ReadOptions& options) {
  constexpr size_t kBytesMax = 16u << 20;
  std::vector<VocPicture> read;
  std::set<std::string> names;
  for (const std::filesystem::path& file : files) {
    const std::string text = TRY(read_file(file, kBytesMax));
    auto one = parse_voc(text, file.string(), corners, options);
    if (!one) {
      if (options.findings == nullptr) return tl::unexpected<Error>(std::move(one).error());
      TRY(tell(options, {.flaw = Flaw::annotation_unreadable,
                         .file = {},
                         .place = {},
                         .picture = {},
                         .box = {},
                         .what = one.error().message(),
                         .remedy = "mend the file or take it out",
                         .mended_by_fix = true}));
      continue;
    }
    if (one->picture.file.empty()) one->picture.file = file.stem().string() + ".jpg";
    names.insert(one->names.begin(), one->names.end());
    read.push_back(std::move(*one));
  }
  DataSet set;
  std::map<std::string, int64_t> ids;
  for (const std::string& name : names) {
    const auto id = static_cast<int64_t>(set.categories.size() + 1);
    set.categories.push_back({id, name});
    ids[name] = id;
  }
  for (VocPicture& one : read) {
    one.picture.id = static_cast<int64_t>(set.pictures.size() + 1);
    for (Object& object : one.picture.objects)
      object.category = ids.at(one.names[static_cast<size_t>(object.category)]);
    set.pictures.push_back(std::move(one.picture));
  }
  return set;
}

}  // namespace pasu::data
