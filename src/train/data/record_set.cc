#include "train/data/record_set.h"

#include <charconv>
#include <cmath>
#include <unordered_set>

#include "train/data/example.h"
#include "train/data/image_header.h"

namespace pasu::data {
namespace {

std::string_view text_of(const Example& example, std::string_view name) {
  const Feature* feature = example.find(name);
  return feature == nullptr || feature->bytes.empty() ? std::string_view()
                                                      : as_text(feature->bytes.front());
}

/// A side of the picture, as a number of either kind; 0 where it is not said.
Result<int> side_of(const Example& example, const char* name) {
  constexpr double kSideMax = 1'000'000;
  const Feature* feature = example.find(name);
  if (feature == nullptr || feature->size() == 0 || feature->kind == Feature::Kind::bytes) return 0;
  const double value = feature->kind == Feature::Kind::ints
                           ? static_cast<double>(feature->ints.front())
                           : double{feature->floats.front()};
  if (!(value >= 0 && value <= kSideMax))
    return fail(Errc::malformed, "{} is {}: no picture has that", name, value);
  return static_cast<int>(value);
}

/// One list of the boxes: as many values as boxes, or none.
class Column {
 public:
  static Result<Column> find(const Example& example, std::string_view name, size_t boxes) {
    Column out;
    out.feature_ = example.find(name);
    if (out.feature_ != nullptr && out.feature_->size() == 0) out.feature_ = nullptr;
    if (out.feature_ != nullptr && out.feature_->size() != boxes)
      return fail(Errc::malformed, "{} has {} values for {} boxes", name, out.feature_->size(),
                  boxes);
    return out;
  }
  [[nodiscard]] bool there() const { return feature_ != nullptr; }
  [[nodiscard]] double number(size_t i) const {
    if (feature_ == nullptr || feature_->kind == Feature::Kind::bytes) return 0;
    return feature_->kind == Feature::Kind::floats ? double{feature_->floats[i]}
                                                   : static_cast<double>(feature_->ints[i]);
  }
  [[nodiscard]] int64_t integer(size_t i) const {
    if (feature_ == nullptr || feature_->kind != Feature::Kind::ints) return 0;
    return feature_->ints[i];
  }
  [[nodiscard]] std::string_view text(size_t i) const {
    if (feature_ == nullptr || feature_->kind != Feature::Kind::bytes) return {};
    return as_text(feature_->bytes[i]);
  }

 private:
  const Feature* feature_ = nullptr;
};

/// Pixels of a share of `side`. Where a whole pixel's edge would have been written as this very
/// float, it was that edge.
double pixels(double share, int side) {
  const double value = share * side;
  const double whole = std::round(value);
  return static_cast<float>(whole / side) == static_cast<float>(share) ? whole : value;
}

size_t count_of(const Example& example, std::string_view name) {
  const Feature* feature = example.find(name);
  return feature == nullptr ? 0 : feature->size();
}

Result<void> read_objects(const Example& example, ClassNumbers& classes, PictureRecord& out,
                          Finding finding, const ReadOptions& options) {
  const std::string kBox = "image/object/bbox/", kObject = "image/object/";
  size_t boxes = 0;
  for (const char* edge : {"xmin", "ymin", "xmax", "ymax"})
    boxes = std::max(boxes, count_of(example, kBox + edge));
  if (boxes == 0) return {};
  Column edges[4];
  const char* const kEdges[] = {"xmin", "ymin", "xmax", "ymax"};
  for (size_t k = 0; k < 4; ++k) {
    edges[k] = TRY(Column::find(example, kBox + kEdges[k], boxes));
    if (!edges[k].there()) return fail(Errc::malformed, "has boxes without {}", kBox + kEdges[k]);
  }
  const Column label = TRY(Column::find(example, kObject + "class/label", boxes));
  const Column text = TRY(Column::find(example, kObject + "class/text", boxes));
  const Column crowd = TRY(Column::find(example, kObject + "is_crowd", boxes));
  const Column group = TRY(Column::find(example, kObject + "group_of", boxes));
  const Column difficult = TRY(Column::find(example, kObject + "difficult", boxes));
  const Column truncated = TRY(Column::find(example, kObject + "truncated", boxes));
  const Column area = TRY(Column::find(example, kObject + "area", boxes));
  Picture& picture = out.picture;
  if (picture.size.width < 1 || picture.size.height < 1)
    return fail(Errc::malformed,
                "has boxes, but no size: image/width, image/height, or a picture "
                "that can be read");
  picture.objects.reserve(boxes);
  for (size_t i = 0; i < boxes; ++i) {
    const double x1 = pixels(edges[0].number(i), picture.size.width);
    const double y1 = pixels(edges[1].number(i), picture.size.height);
    const double x2 = pixels(edges[2].number(i), picture.size.width);
    const double y2 = pixels(edges[3].number(i), picture.size.height);
    Object object;
    object.box = {x1, y1, x2 - x1, y2 - y1};
    if (!std::isfinite(x1) || !std::isfinite(y1) || !std::isfinite(x2) || !std::isfinite(y2)) {
      finding.flaw = Flaw::box_not_finite;
      finding.what = fmt::format("box {}: {}, {}, {}, {} is not finite", i + 1, x1, y1, x2, y2);
      finding.remedy = "take the box out or draw it again";
      TRY(tell(options, finding));
      continue;
    }
    object.category = TRY(
        with_context(classes.number(label.integer(i), text.text(i)), fmt::format("box {}", i + 1)));
    object.crowd = crowd.number(i) != 0 || group.number(i) != 0;
    object.difficult = difficult.number(i) != 0;
    object.truncated = truncated.number(i) != 0;
    object.area = area.there() && std::isfinite(area.number(i)) ? area.number(i)
                                                                : object.box.w * object.box.h;
    picture.objects.push_back(object);
  }
  return {};
}

std::string named(int64_t label) { return fmt::format("class {}", label); }

}  // namespace

ClassNumbers::ClassNumbers(const LabelMap& map) : fixed_(true) {
  for (const Label& label : map.labels) {
    names_[label.id] = {.name = label.name, .display = label.display_name};
    ids_.emplace(label.name, label.id);
    if (!label.display_name.empty()) ids_.emplace(label.display_name, label.id);
  }
}

Result<int64_t> ClassNumbers::number(int64_t label, std::string_view text) {
  if (label == 0 && text.empty())
    return fail(Errc::malformed, "has neither class/label nor class/text");
  const auto by_text = text.empty() ? ids_.end() : ids_.find(text);
  if (label == 0) {
    if (by_text != ids_.end()) return by_text->second;
    if (fixed_) return fail(Errc::malformed, "class '{}' is not in the label map", text);
    label = names_.empty() ? 1 : names_.rbegin()->first + 1;
  }
  if (label < 1 || label > INT32_MAX)
    return fail(Errc::malformed, "class/label {} is not in 1..{}", label, INT32_MAX);
  const auto known = names_.find(label);
  if (known == names_.end()) {
    if (fixed_) return fail(Errc::malformed, "class/label {} is not in the label map", label);
    constexpr size_t kClassesMax = 100'000;
    if (names_.size() >= kClassesMax)
      return fail(Errc::malformed, "more than {} classes", kClassesMax);
    if (by_text != ids_.end())
      return fail(Errc::malformed, "class '{}' is numbered {}, and {} before", text, label,
                  by_text->second);
    names_[label] = {.name = std::string(text), .display = {}};
    if (!text.empty()) ids_.emplace(text, label);
    return label;
  }
  Name& name = known->second;
  if (text.empty() || text == name.name || text == name.display) return label;
  if (!fixed_ && name.name.empty() && by_text == ids_.end()) {  // Only its number was met so far.
    name.name = text;
    ids_.emplace(text, label);
    return label;
  }
  return fail(Errc::malformed, "class/label {} is '{}' {}, class/text says '{}'", label,
              name.display.empty() ? name.name : name.display,
              fixed_ ? "in the label map" : "elsewhere", text);
}

std::vector<Category> ClassNumbers::categories() const {
  std::vector<Category> out;
  for (const auto& [id, name] : names_)
    out.push_back({id, !name.display.empty() ? name.display
                       : !name.name.empty()  ? name.name
                                             : named(id)});
  return out;
}

Result<PictureRecord> parse_picture_record(const Record& record, ClassNumbers& classes,
                                           const std::string& file, const ReadOptions& options) {
  const Example example = TRY(parse_example(record.data));
  PictureRecord out;
  const std::string_view encoded = text_of(example, "image/encoded");
  if (encoded.empty()) return fail(Errc::malformed, "has no image/encoded, which is the picture");
  out.encoded = as_bytes(encoded);
  out.format = text_of(example, "image/format");
  Picture& picture = out.picture;
  picture.file = text_of(example, "image/filename");
  picture.size = { TRY(side_of(example, "image/width")), TRY(side_of(example, "image/height")) };
  if (picture.size.width == 0 || picture.size.height == 0)
    if (const auto header = parse_image_header(out.encoded)) picture.size = header->size;
  const std::string_view source = text_of(example, "image/source_id");
  if (const auto [end, code] =
          std::from_chars(source.data(), source.data() + source.size(), picture.id);
      code != std::errc() || end != source.data() + source.size())
    picture.id = 0;
  if (picture.file.empty() && picture.id == 0) picture.file = source;
  Finding finding{.flaw = Flaw::annotation_unreadable,
                  .file = file,
                  .place = fmt::format("record {} at byte {}", record.index, record.offset),
                  .picture = picture.file,
                  .box = {},
                  .what = {},
                  .remedy = {},
                  .mended_by_fix = true};
  TRY(read_objects(example, classes, out, std::move(finding), options));
  return out;
}

Result<RecordSet> read_record_set(const std::vector<std::filesystem::path>& files,
                                  const LabelMap* labels, const ReadOptions& options) {
  RecordSet out;
  ClassNumbers classes = labels != nullptr ? ClassNumbers(*labels) : ClassNumbers();
  for (uint32_t f = 0; f < files.size(); ++f) {
    const std::string file = files[f].string();
    auto reader = TRY(RecordReader::open(file, options));
    while (const auto record = TRY(reader.next())) {
      auto parsed = parse_picture_record(*record, classes, file, options);
      if (!parsed) {
        const std::string place =
            fmt::format("record {} at byte {}", record->index, record->offset);
        if (options.findings == nullptr)
          return tl::unexpected<Error>(std::move(parsed).error().with(place).with(file));
        TRY(tell(options, {.flaw = Flaw::annotation_unreadable,
                           .file = file,
                           .place = place,
                           .picture = {},
                           .box = {},
                           .what = parsed.error().message(),
                           .remedy = "write the record again or leave it out",
                           .mended_by_fix = true}));
        continue;
      }
      out.set.pictures.push_back(std::move(parsed->picture));
      out.places.push_back({.file = f, .offset = record->offset, .index = record->index});
    }
  }
  out.set.categories = classes.categories();
  std::unordered_set<int64_t> ids;
  for (const Picture& picture : out.set.pictures)
    if (picture.id != 0) ids.insert(picture.id);
  const bool usable = ids.size() == out.set.pictures.size();
  for (size_t i = 0; i < out.set.pictures.size(); ++i) {
    Picture& picture = out.set.pictures[i];
    if (!usable) picture.id = static_cast<int64_t>(i + 1);
    if (picture.file.empty()) picture.file = std::to_string(picture.id);
  }
  return out;
}

}  // namespace pasu::data
