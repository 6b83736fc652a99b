#include "train/data/coco.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "base/read_file.h"
#include "train/data/json_reader.h"

namespace pasu::data {
namespace {

constexpr int kSideMax = 1'000'000;

/// An annotation before its picture is known: lists may come in any order.
struct Loose {
  Object object;
  int64_t picture = 0;
  size_t offset = 0;
};

class Parser {
 public:
  Parser(std::string_view text, const std::string& path, const ReadOptions& options)
      : json_(text), path_(path), options_(options) {}

  Result<DataSet> parse() {
    if (TRY(in_file(json_.peek())) == JsonReader::Kind::array)
      return fail(Errc::malformed,
                  "{}: is a list, as results of a detector are; expected an object with images, "
                  "annotations and categories",
                  path_);
    TRY(in_file(json_.enter_object()));
    bool images = false;
    while (const auto key = TRY(in_file(json_.next_key()))) {
      if (*key == "images") {
        images = true;
        TRY(list("images", [this](size_t at) { return image(at); }));
      } else if (*key == "annotations") {
        TRY(list("annotations", [this](size_t at) { return annotation(at); }));
      } else if (*key == "categories") {
        TRY(list("categories", [this](size_t) { return category(); }));
      } else {
        TRY(in_file(json_.skip()));
      }
    }
    TRY(in_file(json_.finish()));
    if (!images)
      return fail(Errc::malformed, "{}: has no \"images\": are these COCO instances?", path_);
    TRY(check_ids());
    TRY(settle());
    return std::move(set_);
  }

 private:
  using Kind = JsonReader::Kind;

  template <class T>
  Result<T> in_file(Result<T> result) const {
    return with_context(std::move(result), path_);
  }

  /// An item is wrong: the error, or a finding.
  Result<void> wrong(Flaw flaw, size_t at, std::string what, std::string remedy, int64_t object = 0,
                     std::string picture = {}) {
    Finding finding{.flaw = flaw,
                    .file = path_,
                    .place = fmt::format("byte {}", at),
                    .picture = std::move(picture),
                    .object = object,
                    .box = {},
                    .what = std::move(what),
                    .remedy = std::move(remedy),
                    .mended_by_fix = true};
    return tell(options_, std::move(finding));
  }

  /// The items of a list; what is wrong with one is said with its place in the list.
  template <class F>
  Result<void> list(const char* name, F&& item) {
    TRY(in_file(with_context(json_.enter_array(), name)));
    for (size_t i = 0; TRY(in_file(json_.next_element())); ++i) {
      TRY(go_on(options_));
      TRY(in_file(json_.peek()));
      const size_t begin = json_.offset();
      item_ = {};
      Result<void> done = item(begin);
      if (done) continue;
      const Error error = std::move(done).error().with(fmt::format("{}[{}]", name, i));
      json_.seek(begin);
      TRY(in_file(with_context(json_.skip(), name)));  // Broken JSON, not a broken item.
      TRY(wrong(item_.flaw, begin, error.message(), item_.remedy, item_.object));
    }
    return {};
  }

  Result<int> side(const char* name) {
    const double value = TRY(with_context(json_.number(), name));
    if (!(value >= 0 && value <= kSideMax))
      return fail(Errc::malformed, "{} {}: no picture has that", name, value);
    return static_cast<int>(value);
  }

  Result<void> image(size_t at) {
    Picture picture;
    bool has_id = false;
    TRY(json_.enter_object());
    while (const auto key = TRY(json_.next_key())) {
      if (*key == "id") {
        picture.id = TRY(with_context(json_.integer(), "id"));
        has_id = true;
      } else if (*key == "file_name") {
        picture.file = TRY(with_context(json_.string(), "file_name"));
      } else if (*key == "width") {
        picture.size.width = TRY(side("width"));
      } else if (*key == "height") {
        picture.size.height = TRY(side("height"));
      } else if (*key == "source" && TRY(json_.peek()) == Kind::string) {
        picture.source = TRY(with_context(json_.string(), "source"));
      } else {
        TRY(json_.skip());
      }
    }
    if (!has_id) return fail(Errc::malformed, "has no id");
    set_.pictures.push_back(std::move(picture));
    picture_offsets_.push_back(at);
    return {};
  }

  Result<void> category() {
    Category category;
    bool has_id = false;
    TRY(json_.enter_object());
    while (const auto key = TRY(json_.next_key())) {
      if (*key == "id") {
        category.id = TRY(with_context(json_.integer(), "id"));
        has_id = true;
      } else if (*key == "name") {
        category.name = TRY(with_context(json_.string(), "name"));
      } else {
        TRY(json_.skip());
      }
    }
    if (!has_id) return fail(Errc::malformed, "has no id");
    if (category.name.empty()) category.name = std::to_string(category.id);
    if (!category_ids_.insert(category.id).second) {
      item_ = {.flaw = Flaw::annotation_repeated, .remedy = "the first one counts"};
      return fail(Errc::malformed, "id {} a second time ('{}')", category.id, category.name);
    }
    set_.categories.push_back(std::move(category));
    return {};
  }

  Result<Box> box() {
    Box box;
    size_t n = 0;
    TRY(with_context(json_.enter_array(), "bbox"));
    while (TRY(json_.next_element())) {
      const double value = TRY(with_context(json_.number(), "bbox"));
      if (n == 4) return fail(Errc::malformed, "bbox has more than 4 numbers; expected x, y, w, h");
      (n == 0 ? box.x : n == 1 ? box.y : n == 2 ? box.w : box.h) = value;
      ++n;
    }
    if (n != 4) return fail(Errc::malformed, "bbox has {} numbers; expected x, y, w, h", n);
    return box;
  }

  Result<void> annotation(size_t at) {
    Loose loose;
    Object& object = loose.object;
    loose.offset = at;
    bool has_picture = false, has_category = false, has_box = false, has_area = false;
    TRY(json_.enter_object());
    while (const auto key = TRY(json_.next_key())) {
      if (*key == "id") {
        object.id = TRY(with_context(json_.integer(), "id"));
      } else if (*key == "image_id") {
        loose.picture = TRY(with_context(json_.integer(), "image_id"));
        has_picture = true;
      } else if (*key == "category_id") {
        object.category = TRY(with_context(json_.integer(), "category_id"));
        has_category = true;
      } else if (*key == "bbox") {
        object.box = TRY(box());
        has_box = true;
      } else if (*key == "area") {
        object.area = TRY(with_context(json_.number(), "area"));
        has_area = std::isfinite(object.area);
      } else if (*key == "iscrowd") {
        object.crowd = TRY(with_context(json_.flag(), "iscrowd"));
      } else if (*key == "difficult") {
        object.difficult = TRY(with_context(json_.flag(), "difficult"));
      } else if (*key == "truncated") {
        object.truncated = TRY(with_context(json_.flag(), "truncated"));
      } else if (*key == "occluded") {
        const int64_t value = TRY(with_context(json_.integer(), "occluded"));
        object.occluded = static_cast<int>(std::clamp<int64_t>(value, 0, 3));
      } else if (*key == "score" && TRY(json_.peek()) == Kind::number) {
        const double value = TRY(with_context(json_.number(), "score"));
        if (!(value > 0 && value <= 1))
          return fail(Errc::malformed, "score {} is not in (0, 1]", value);
        object.score = value;
      } else {
        TRY(json_.skip());
      }
    }
    item_.object = object.id;
    const char* missing = !has_picture    ? "image_id"
                          : !has_category ? "category_id"
                          : !has_box      ? "bbox"
                                          : nullptr;
    if (missing != nullptr)
      return fail(Errc::malformed, "annotation {} has no {}", object.id, missing);
    const Box& b = object.box;
    if (!std::isfinite(b.x) || !std::isfinite(b.y) || !std::isfinite(b.w) || !std::isfinite(b.h)) {
      item_.flaw = Flaw::box_not_finite;
      item_.remedy = "take the annotation out or draw its box again";
      return fail(Errc::malformed, "annotation {}: bbox {}, {}, {}, {} is not finite", object.id,
                  b.x, b.y, b.w, b.h);
    }
    if (!has_area) object.area = b.w * b.h;
    loose_.push_back(loose);
    return {};
  }

  /// Picture ids and annotation ids stand for one thing each.
  Result<void> check_ids() {
    index_.reserve(set_.pictures.size());
    std::vector<Picture> kept;
    bool repeated = false;
    for (size_t i = 0; i < set_.pictures.size(); ++i) {
      const Picture& picture = set_.pictures[i];
      if (index_.emplace(picture.id, i).second) continue;
      repeated = true;
      TRY(wrong(Flaw::annotation_repeated, picture_offsets_[i],
                fmt::format("image id {} a second time ('{}')", picture.id, picture.file),
                "the first one counts; give each picture an id of its own", 0, picture.file));
    }
    if (repeated) {
      for (size_t i = 0; i < set_.pictures.size(); ++i)
        if (index_.at(set_.pictures[i].id) == i) kept.push_back(std::move(set_.pictures[i]));
      set_.pictures = std::move(kept);
      for (size_t i = 0; i < set_.pictures.size(); ++i) index_[set_.pictures[i].id] = i;
    }

    std::vector<std::pair<int64_t, size_t>> ids(loose_.size());
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = {loose_[i].object.id, i};
    std::sort(ids.begin(), ids.end());
    std::vector<size_t> twice;
    for (size_t i = 1; i < ids.size(); ++i)
      if (ids[i].first == ids[i - 1].first && ids[i].first != 0) twice.push_back(ids[i].second);
    std::sort(twice.begin(), twice.end());
    for (const size_t i : twice) {
      const int64_t id = loose_[i].object.id;
      TRY(wrong(Flaw::annotation_repeated, loose_[i].offset,
                fmt::format("annotation id {} a second time", id),
                "gets a new id where the set is written", id));
      loose_[i].object.id = 0;
    }
    return {};
  }

  /// Objects go to their pictures.
  Result<void> settle() {
    std::ranges::stable_sort(set_.categories, {}, &Category::id);
    std::vector<size_t> counts(set_.pictures.size()), picture_of(loose_.size());
    constexpr size_t kNone = std::numeric_limits<size_t>::max();
    const Category* last = nullptr;
    for (size_t i = 0; i < loose_.size(); ++i) {
      const Loose& loose = loose_[i];
      picture_of[i] = kNone;
      const auto found = index_.find(loose.picture);
      if (found == index_.end()) {
        TRY(wrong(Flaw::picture_unknown, loose.offset,
                  fmt::format("annotation {} is of image {}, which is not in images",
                              loose.object.id, loose.picture),
                  "list the picture or take its annotations out", loose.object.id));
        continue;
      }
      if (last == nullptr || last->id != loose.object.category)
        last = find_category(loose.object.category);
      if (last == nullptr) {
        TRY(wrong(Flaw::category_unknown, loose.offset,
                  fmt::format("annotation {} has category_id {}, which is not in categories",
                              loose.object.id, loose.object.category),
                  "list the category or correct the id", loose.object.id,
                  set_.pictures[found->second].file));
        continue;
      }
      picture_of[i] = found->second;
      ++counts[found->second];
    }
    for (size_t i = 0; i < counts.size(); ++i) set_.pictures[i].objects.reserve(counts[i]);
    for (size_t i = 0; i < loose_.size(); ++i)
      if (picture_of[i] != kNone) set_.pictures[picture_of[i]].objects.push_back(loose_[i].object);
    return {};
  }

  const Category* find_category(int64_t id) const {
    const auto found = std::ranges::lower_bound(set_.categories, id, {}, &Category::id);
    return found == set_.categories.end() || found->id != id ? nullptr : &*found;
  }

  JsonReader json_;
  const std::string& path_;
  ReadOptions options_;
  struct {
    Flaw flaw = Flaw::annotation_unreadable;
    const char* remedy = "correct it or take it out";
    int64_t object = 0;
  } item_;  // What to say where the item being read is wrong.
  DataSet set_;
  std::unordered_set<int64_t> category_ids_;
  std::vector<size_t> picture_offsets_;
  std::vector<Loose> loose_;
  std::unordered_map<int64_t, size_t> index_;  // Picture id to place in set_.pictures.
};

}  // namespace

Result<DataSet> parse_coco(std::string_view text, const std::string& path,
                           const ReadOptions& options) {
  return Parser(text, path, options).parse();
}

Result<DataSet> read_coco(const std::filesystem::path& path, const ReadOptions& options) {
  const std::string text = TRY(read_file(path, kCocoBytesMax));
  return parse_coco(text, path.string(), options);
}

}  // namespace pasu::data
