#include "train/eval/results.h"

#include <cmath>
#include <cstdlib>
#include <iterator>

#include "base/read_file.h"
#include "train/data/json_reader.h"
#include "train/eval/detail/plain_entry.h"

namespace pasu::eval {
namespace {

using data::JsonReader;

constexpr size_t kEntriesMax = size_t{1} << 31;

class Parser {
 public:
  Parser(std::string_view text, const GroundTruth& truth, const ResultsOptions& options)
      : text_(text), json_(text), options_(options), pictures_(truth.pictures) {
    for (const auto& category : truth.categories) category_ids_.push_back(category.id);
    categories_.emplace(category_ids_);
    constexpr size_t kUsualEntryBytes = 100;
    results_.detections.reserve(text.size() / kUsualEntryBytes);
  }

  Result<Results> parse() {
    if (TRY(json_.peek()) != JsonReader::Kind::array)
      return fail(Errc::malformed,
                  "is no list of results: expected [{{\"image_id\": .., \"category_id\": .., "
                  "\"bbox\": [x, y, w, h], \"score\": ..}}, ...]{}",
                  TRY(json_.peek()) == JsonReader::Kind::object
                      ? "; annotations are given with --annotations"
                      : "");
    TRY(json_.enter_array());
    for (size_t i = 0; TRY(with_context(json_.next_element(), place(i, json_.offset()))); ++i) {
      if (i == kEntriesMax) return fail(Errc::too_large, "more than {} results", kEntriesMax);
      TRY(json_.peek());  // Past the white space.
      const size_t at = json_.offset();
      if (plain_entry(at)) continue;
      auto done = entry();
      if (!done) return tl::unexpected(std::move(done).error().with(place(i, at)));
    }
    TRY(json_.finish());
    return std::move(results_);
  }

 private:
  enum Key : unsigned {
    has_picture = 1,
    has_category = 2,
    has_box = 4,
    has_score = 8,
    has_all = 15
  };

  static std::string place(size_t entry, size_t byte) {
    return fmt::format("entry {} at byte {}", entry, byte);
  }

  /// Nearly all entries; false: entry() must look.
  bool plain_entry(size_t at) {
    detail::PlainEntry plain;
    const size_t size = detail::read_plain_entry(text_.substr(at), plain);
    if (size == 0) return false;
    const auto picture = pictures_.find(plain.picture);
    const auto category = categories_->find(plain.category);
    if (!picture || !category) return false;
    results_.detections.push_back(
        {.category = *category, .picture = *picture, .box = plain.box, .score = plain.score});
    json_.seek(at + size);
    return true;
  }

  Result<void> entry() {
    Detection detection;
    int64_t picture = 0, category = 0;
    unsigned seen = 0;
    TRY(json_.enter_object());
    while (const auto key = TRY(json_.next_key())) {
      if (*key == "image_id") {
        picture = TRY(id("image_id"));
        seen |= has_picture;
      } else if (*key == "category_id") {
        category = TRY(id("category_id"));
        seen |= has_category;
      } else if (*key == "bbox") {
        TRY(box(detection.box));
        seen |= has_box;
      } else if (*key == "score") {
        detection.score = TRY(finite("score"));
        seen |= has_score;
      } else {
        TRY(json_.skip());
      }
    }
    if (seen != has_all) return missing(seen);
    return take(detection, picture, category);
  }

  static Result<void> missing(unsigned seen) {
    std::string names;
    for (const auto& [key, name] :
         {std::pair(has_picture, "image_id"), std::pair(has_category, "category_id"),
          std::pair(has_box, "bbox"), std::pair(has_score, "score")})
      if ((seen & key) == 0) names += (names.empty() ? "" : ", ") + std::string(name);
    return fail(Errc::malformed,
                "has no {}; results of boxes have image_id, category_id, bbox, score", names);
  }

  Result<int64_t> id(const char* name) {
    auto value = json_.integer();
    if (value) return value;
    return tl::unexpected(std::move(value).error().with(name));
  }

  Result<double> finite(const char* name) {
    auto value = json_.number();
    if (!value) return tl::unexpected(std::move(value).error().with(name));
    if (std::isfinite(*value)) return value;
    return fail(Errc::malformed,
                "{} is {}: a detector that gave this is broken there; leave the "
                "entry out or mend what wrote it",
                name, *value);
  }

  Result<void> box(data::Box& out) {
    double* const numbers[] = {&out.x, &out.y, &out.w, &out.h};
    TRY(json_.enter_array());
    size_t n = 0;
    for (; TRY(json_.next_element()); ++n) {
      const double value = TRY(finite("bbox"));
      if (n < std::size(numbers)) *numbers[n] = value;
    }
    if (n == std::size(numbers)) return {};
    return fail(Errc::malformed, "bbox has {} numbers; expected x, y, width, height", n);
  }

  Result<void> take(Detection& detection, int64_t picture, int64_t category) {
    const auto picture_place = pictures_.find(picture);
    if (!picture_place) {
      ++results_.skipped_pictures;
      if (options_.skip_unknown) return {};
      return fail(Errc::malformed,
                  "image_id {} is none of the annotations' {} pictures: results of other pictures? "
                  "(--skip-unknown leaves such out)",
                  picture, pictures_.size());
    }
    const auto category_place = categories_->find(category);
    if (!category_place) {
      ++results_.skipped_categories;
      if (options_.skip_unknown) return {};
      return fail(Errc::malformed,
                  "category_id {} is none of the annotations' {} categories, {} (--skip-unknown "
                  "leaves such out)",
                  category, category_ids_.size(), ids_text());
    }
    detection.picture = *picture_place;
    detection.category = *category_place;
    results_.detections.push_back(detection);
    return {};
  }

  [[nodiscard]] std::string ids_text() const {
    if (category_ids_.empty()) return "of which there are none";
    if (category_ids_.size() == 1) return fmt::format("id {}", category_ids_[0]);
    return fmt::format("ids {} to {}", category_ids_.front(), category_ids_.back());
  }

  std::string_view text_;
  JsonReader json_;
  const ResultsOptions& options_;
  IdPlaces pictures_;
  std::vector<int64_t> category_ids_;
  std::optional<IdPlaces> categories_;
  Results results_;
};

}  // namespace

Result<Results> parse_results(std::string_view text, const std::string& name,
                              const GroundTruth& truth, const ResultsOptions& options) {
  return with_context(Parser(text, truth, options).parse(), name);
}

Result<Results> read_results(const std::filesystem::path& path, const GroundTruth& truth,
                             const ResultsOptions& options) {
  const std::string text = TRY(read_file(path, kResultsBytesMax));
  return parse_results(text, path.string(), truth, options);
}

std::string results_json(std::span<const Detection> detections, const GroundTruth& truth) {
  constexpr size_t kUsualEntryBytes = 110;
  std::string out = "[";
  out.reserve(detections.size() * kUsualEntryBytes + 2);
  for (const Detection& one : detections)
    fmt::format_to(std::back_inserter(out),
                   "{}{{\"image_id\":{},\"category_id\":{},\"bbox\":[{},{},{},{}],\"score\":{}}}",
                   out.size() > 1 ? ",\n" : "", truth.pictures[one.picture],
                   truth.categories[one.category].id, one.box.x, one.box.y, one.box.w, one.box.h,
                   one.score);
  return out + "]\n";
}

}  // namespace pasu::eval
