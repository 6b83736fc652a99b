#include "train/data/check.h"

#include <cmath>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

#include "train/data/detail/box_rules.h"
#include "train/data/detail/content_hash.h"
#include "train/data/detail/decode_picture.h"
#include "train/data/image_header.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;

/// What was seen of one picture's file.
struct Seen {
  std::optional<Error> missing;  // Not to be read at all.
  std::optional<Error> damaged;
  ImageHeader header;
  detail::ContentHash hash{};
};

Seen look_at(const Result<std::string>& file, bool decode) {
  Seen out;
  if (!file) {
    out.missing = file.error();
    return out;
  }
  const ByteView bytes = as_bytes(*file);
  out.hash = detail::sha256(bytes);
  const auto header = parse_image_header(bytes);
  if (header) {
    out.header = *header;
    if (!decode) return out;
  } else if (header.error().code() != Errc::unsupported) {
    out.damaged = header.error();
    return out;
  }
  const auto size = detail::decode_picture(bytes);  // Also tells the size of other formats.
  if (!size)
    out.damaged = size.error();
  else if (!header)
    out.header.size = *size;
  return out;
}

/// All pictures of a split, looked at on several threads.
class Looker {
 public:
  Looker(const Split& split, const CheckOptions& options) : split_(split), options_(options) {}

  Result<std::vector<Seen>> run(uint64_t done_before, uint64_t all) {
    const size_t n = split_.set.pictures.size();
    seen_.resize(n);
    size_t threads = options_.threads > 0 ? static_cast<size_t>(options_.threads)
                                          : std::max(1u, std::thread::hardware_concurrency());
    threads = std::min(threads, std::max<size_t>(n, 1));
    std::vector<std::thread> others;
    for (size_t i = 1; i < threads; ++i)
      others.emplace_back([this] {
        while (one()) {
        }
      });
    while (one())
      if (options_.progress) options_.progress(done_before + done_, all);
    for (std::thread& other : others) other.join();
    if (stopped()) return fail(Errc::cancelled, "stopped");
    return std::move(seen_);
  }

 private:
  [[nodiscard]] bool stopped() const { return options_.stop != nullptr && *options_.stop; }

  bool one() {
    size_t picture = 0;
    Result<std::string> file = std::string();
    {
      const std::lock_guard lock(mutex_);
      if (next_ == seen_.size() || stopped()) return false;
      picture = next_++;
      if (!split_.pictures->is_folder()) file = split_.pictures->load(picture);
    }
    if (split_.pictures->is_folder()) file = split_.pictures->load(picture);
    seen_[picture] = look_at(file, options_.decode);
    ++done_;
    return true;
  }

  const Split& split_;
  const CheckOptions& options_;
  std::vector<Seen> seen_;
  std::mutex mutex_;
  size_t next_ = 0;  // Under mutex_, as loading from records is.
  std::atomic<uint64_t> done_ = 0;
};

std::string size_text(geom::Size size) { return fmt::format("{}x{}", size.width, size.height); }

class Checker {
 public:
  Checker(const std::vector<Split>& splits, const CheckOptions& options)
      : splits_(splits), options_(options) {}

  Result<CheckReport> run() {
    uint64_t all = 0;
    for (const Split& split : splits_) all += split.set.pictures.size();
    for (size_t s = 0; s < splits_.size(); ++s) {
      const Split& split = splits_[s];
      check_classes(split);
      if (split.set.pictures.empty())
        add(split, 0, Flaw::set_empty, "holds no picture", "training on it would never end");
      Looker looker(split, options_);
      const auto seen = TRY(looker.run(report_.pictures, all));
      report_.unusable.emplace_back(seen.size());
      for (size_t i = 0; i < seen.size(); ++i) {
        report_.unusable[s][i] = seen[i].missing || seen[i].damaged;
        check_picture(s, i, seen[i]);
        check_boxes(split, i, seen[i]);
      }
      report_.pictures += seen.size();
    }
    find_unlisted();
    return std::move(report_);
  }

 private:
  Finding& add(const Split& split, size_t picture, Flaw flaw, std::string what,
               std::string remedy) {
    Finding finding{.flaw = flaw, .what = std::move(what), .remedy = std::move(remedy)};
    if (picture < split.set.pictures.size()) {
      finding.file = split.file_of(picture);
      finding.place = split.place_of(picture);
      finding.picture = split.set.pictures[picture].file;
    } else {
      finding.file = split.annotations.string();
    }
    report_.findings.push_back(std::move(finding));
    return report_.findings.back();
  }

  static constexpr size_t kWhole = SIZE_MAX;  // No picture in particular.

  void check_classes(const Split& split) {
    std::map<std::string_view, int64_t> names;
    for (const Category& category : split.set.categories) {
      const auto [first, fresh] = names.emplace(category.name, category.id);
      if (!fresh)
        add(split, kWhole, Flaw::label_map_mismatch,
            fmt::format("classes {} and {} have one name, '{}'", first->second, category.id,
                        category.name),
            "give each class a name of its own");
      if (options_.labels == nullptr) continue;
      const Label* label = options_.labels->find(category.id);
      const Label* named = options_.labels->find(category.name);
      if (label != nullptr &&
          (label->name == category.name || label->display_name == category.name))
        continue;
      add(split, kWhole, Flaw::label_map_mismatch,
          fmt::format("class {} is '{}'; in {} {}", category.id, category.name,
                      options_.labels->path,
                      named != nullptr   ? fmt::format("that name has id {}", named->id)
                      : label != nullptr ? fmt::format("{} is '{}'", category.id, label->shown())
                                         : std::string("there is neither the id nor the name")),
          named != nullptr ? "pasu data convert --label-map numbers classes by name"
                           : "add the class to the label map");
    }
  }

  void check_picture(size_t s, size_t i, const Seen& seen) {
    const Split& split = splits_[s];
    const Picture& picture = split.set.pictures[i];
    if (seen.missing) {
      add(split, i, Flaw::picture_missing, seen.missing->message(),
          "add the picture, or --images says where pictures are")
          .mended_by_fix = true;
      return;
    }
    if (seen.damaged) {
      add(split, i, Flaw::picture_unreadable,
          fmt::format("'{}': {}", picture.file, seen.damaged->message()),
          "replace the picture or leave it out")
          .mended_by_fix = true;
      return;
    }
    const ImageFormat named = format_of_name(picture.file), is = seen.header.format;
    if (named != ImageFormat::unknown && is != ImageFormat::unknown && named != is)
      add(split, i, Flaw::picture_mislabelled,
          fmt::format("'{}' is in truth a {}", picture.file, to_string(is)),
          fmt::format("name it {}", extension(is)));
    const geom::Size said = picture.size, real = seen.header.size;
    if (said != geom::Size{} && said != real) {
      const bool sideways = said.width == real.height && said.height == real.width;
      add(split, i, Flaw::picture_size,
          fmt::format("says {}, the picture '{}' is {}{}", size_text(said), picture.file,
                      size_text(real),
                      sideways && seen.header.quarter_turns % 2 == 1
                          ? " and turned for display by its EXIF orientation"
                          : ""),
          sideways ? "turn the picture upright and take its EXIF orientation off"
                   : "scale the boxes or bring back the picture they were drawn on");
    }
    check_repeated_picture(s, i, seen.hash);
  }

  void check_repeated_picture(size_t s, size_t i, const detail::ContentHash& hash) {
    const auto [first, fresh] =
        hashes_.emplace(std::string(hash.begin(), hash.end()), std::pair(s, i));
    if (fresh) return;
    const auto [other_split, other] = first->second;
    const Split& split = splits_[s];
    const std::string& name = split.set.pictures[i].file;
    const std::string& other_name = splits_[other_split].set.pictures[other].file;
    if (other_split == s) {
      const bool same =
          splits_[s].set.pictures[other].objects.size() == split.set.pictures[i].objects.size();
      add(split, i, Flaw::picture_repeated,
          fmt::format("'{}' is the same picture as '{}'{}", name, other_name,
                      same ? "" : ", with other boxes"),
          "leave one of them out");
    } else {
      add(split, i, Flaw::split_leak,
          fmt::format("'{}' of {} is in {} as well, as '{}'", name, split.name,
                      splits_[other_split].name, other_name),
          "keep it in one of them: what is measured on it is no measure");
    }
  }

  void check_boxes(const Split& split, size_t i, const Seen& seen) {
    const Picture& picture = split.set.pictures[i];
    const geom::Size size = picture.size != geom::Size{} ? picture.size : seen.header.size;
    report_.objects += picture.objects.size();
    for (size_t k = 0; k < picture.objects.size(); ++k) {
      const Object& object = picture.objects[k];
      const Box& b = object.box;
      const auto name = [&] {
        return object.id != 0 ? fmt::format("annotation {}", object.id)
                              : fmt::format("box {}", k + 1);
      };
      const auto wrong = [&](Flaw flaw, std::string what, const char* remedy) {
        Finding& finding = add(split, i, flaw, std::move(what), remedy);
        finding.object = object.id;
        finding.box = b;
        finding.mended_by_fix = true;
      };
      if (b.w < 0 || b.h < 0) {
        wrong(Flaw::box_inverted,
              fmt::format("{} has width {:g} and height {:g}", name(), b.w, b.h),
              "swap its corners");
        continue;
      }
      if (b.w == 0 || b.h == 0) {
        wrong(Flaw::box_empty, fmt::format("{} is {:g} wide and {:g} high", name(), b.w, b.h),
              "draw it again or take it out");
        continue;
      }
      if (size == geom::Size{}) continue;
      const double out = detail::reach(b, size);
      if (out <= options_.outside_pixels) continue;
      const Box inside = detail::clipped(b, size);
      wrong(Flaw::box_outside,
            inside.w == 0
                ? fmt::format("{} lies wholly outside the picture of {}", name(), size_text(size))
                : fmt::format("{} reaches {:g} pixels out of the picture of {}", name(),
                              std::round(out * 100) / 100, size_text(size)),
            split.format == Format::voc && (b.x == -1 || b.y == -1)
                ? "edges from 0? --voc-edges reads them so"
                : "clip it to the picture");
    }
    for (const auto& [first, again] : detail::repeated(picture.objects, options_.repeated_iou)) {
      const Object& object = picture.objects[again];
      Finding& finding =
          add(split, i, Flaw::box_repeated,
              fmt::format("boxes {} and {} of one class overlap by {:.0f} %", first + 1, again + 1,
                          100 * detail::iou(picture.objects[first].box, object.box)),
              "take one of them out");
      finding.object = object.id;
      finding.box = object.box;
      finding.mended_by_fix = true;
    }
  }

  /// Pictures that lie among the annotated ones: forgotten, or to be taken for empty ones?
  void find_unlisted() {
    std::map<fs::path, std::set<std::string>> listed;
    for (const Split& split : splits_) {
      const bool by_listing = split.format == Format::yolo || split.format == Format::kitti;
      if (split.image_folder.empty() || by_listing) continue;
      for (const Picture& picture : split.set.pictures)
        listed[split.image_folder].insert(fs::path(picture.file).lexically_normal().string());
    }
    for (const auto& [folder, names] : listed) {
      const auto there = list_pictures(folder);
      if (!there) continue;
      size_t count = 0;
      std::string first;
      for (const std::string& name : *there) {
        if (names.contains(name)) continue;
        if (count++ == 0) first = name;
      }
      if (count == 0) continue;
      report_.findings.push_back(
          {.flaw = Flaw::picture_unlisted,
           .file = folder.string(),
           .picture = first,
           .what = fmt::format("{} picture{} in it {} not annotated, the first '{}'", count,
                               count == 1 ? "" : "s", count == 1 ? "is" : "are", first),
           .remedy = "annotate them, or list them as pictures with nothing in them"});
    }
  }

  const std::vector<Split>& splits_;
  const CheckOptions& options_;
  CheckReport report_;
  std::unordered_map<std::string, std::pair<size_t, size_t>> hashes_;  // Split and picture.
};

}  // namespace

Result<CheckReport> check(const std::vector<Split>& splits, const CheckOptions& options) {
  return Checker(splits, options).run();
}

}  // namespace pasu::data
