#include "train/data/convert.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <unordered_set>

#include "train/data/detail/target.h"
#include "train/data/image_header.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".pasu-data-convert";

/// Gives every picture a name that stays inside its folder and is its own.
class NameMaker {
 public:
  explicit NameMaker(detail::Target::Naming naming) : naming_(naming) {}

  std::string make(const Picture& picture, ImageFormat format) {
    std::string name = inside(picture);
    if (format_of_name(name) == ImageFormat::unknown) name += extension(format);
    const std::string end = fs::path(name).extension().string();
    const std::string stem = name.substr(0, name.size() - end.size());
    for (int n = 2;
         !taken_.insert(naming_.by_stem ? fs::path(name).replace_extension().string() : name)
              .second;
         ++n)
      name = fmt::format("{}_{}{}", stem, n, end);
    return name;
  }

 private:
  std::string inside(const Picture& picture) const {
    std::string name = picture.file;
    std::ranges::replace(name, '\\', '/');
    for (char& c : name)
      if (static_cast<uint8_t>(c) < ' ' || c == 127) c = '_';
    fs::path out;
    for (const fs::path& part : fs::path(name).relative_path())
      if (part != ".." && part != "." && !part.empty()) out /= part;
    name = out.string();
    if (!naming_.folders) std::ranges::replace(name, '/', '_');
    return name.empty() ? fmt::format("picture_{}", picture.id) : name;
  }

  detail::Target::Naming naming_;
  std::unordered_set<std::string> taken_;
};

/// One list of classes for all splits, by name. A class keeps its id where no other name has it.
void unify_classes(std::vector<Split>& splits) {
  const auto& first = splits.front().set.categories;
  if (std::ranges::all_of(splits, [&](const Split& s) { return s.set.categories == first; }))
    return;
  std::map<std::string, int64_t> ids;
  std::unordered_set<int64_t> taken;
  int64_t highest = 0;
  for (const Split& split : splits)
    for (const Category& category : split.set.categories) highest = std::max(highest, category.id);
  for (const Split& split : splits)
    for (const Category& category : split.set.categories) {
      if (ids.contains(category.name)) continue;
      const bool free = taken.insert(category.id).second;
      ids[category.name] = free ? category.id : ++highest;
    }
  std::vector<Category> all;
  for (const auto& [name, id] : ids) all.push_back({id, name});
  std::ranges::sort(all, {}, &Category::id);
  for (Split& split : splits) {
    std::map<int64_t, int64_t> numbers;
    for (const Category& category : split.set.categories)
      numbers[category.id] = ids.at(category.name);
    for (Picture& picture : split.set.pictures)
      for (Object& object : picture.objects) object.category = numbers.at(object.category);
    split.set.categories = all;
  }
}

/// What `format` cannot hold of the splits.
std::vector<std::string> losses(const std::vector<Split>& splits, Format format) {
  uint64_t crowd = 0, difficult = 0, truncated = 0, occluded = 0, scored = 0;
  for (const Split& split : splits)
    for (const Picture& picture : split.set.pictures)
      for (const Object& object : picture.objects) {
        crowd += object.crowd;
        difficult += object.difficult;
        truncated += object.truncated;
        scored += object.score != 1;
        occluded += object.occluded != 0;
      }
  std::vector<std::string> out;
  const auto note = [&](uint64_t count, const char* what) {
    if (count > 0) out.push_back(fmt::format("{} {}", count, what));
  };
  const bool yolo = format == Format::yolo, kitti = format == Format::kitti;
  if (yolo) note(crowd, "crowd boxes are left out: YOLO cannot mark them");
  if (kitti) note(crowd, "crowd boxes became DontCare regions");
  if (format == Format::voc) note(crowd, "crowd boxes are marked difficult: VOC has no crowds");
  if (yolo || kitti) note(difficult, "boxes lose their mark difficult");
  if (format != Format::coco) note(scored, "boxes lose their score");
  if (yolo) note(truncated, "boxes lose their mark truncated");
  if (yolo || format == Format::tfrecord) note(occluded, "boxes lose their mark occluded");
  return out;
}

/// The folder or file being made; removed unless it gets its name.
class Staging {
 public:
  static Result<Staging> create(const std::string& target, bool is_file) {
    std::error_code error;
    if (is_file) {
      if (fs::exists(target, error) || record_files(target))
        return fail(Errc::exists, "{}: is there already", target);
      return Staging(target, target, true);
    }
    if (fs::exists(target, error) &&
        !(fs::is_directory(target, error) && fs::is_empty(target, error)))
      return fail(Errc::exists, "{}: is there already; name a folder that is not, or is empty",
                  target);
    const fs::path part = target + ".part";
    if (fs::exists(part, error)) {
      if (!fs::exists(part / kMarker, error))
        return fail(Errc::exists, "{}: is in the way, and not of an interrupted conversion",
                    part.string());
      fs::remove_all(part, error);
    }
    TRY(detail::write_text(part / kMarker, "Being made by pasu data convert.\n"));
    return Staging(target, part, false);
  }
  Staging(Staging&& other) noexcept
      : target_(std::move(other.target_)),
        part_(std::move(other.part_)),
        is_file_(other.is_file_),
        open_(std::exchange(other.open_, false)) {}
  Staging& operator=(Staging&&) = delete;
  ~Staging() {
    std::error_code ignored;
    if (open_ && !is_file_) fs::remove_all(part_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return part_; }
  Result<void> commit() {
    open_ = false;
    if (is_file_) return {};
    std::error_code error;
    fs::remove(part_ / kMarker, error);
    fs::rename(part_, target_, error);
    if (!error) return {};
    const std::string reason = error.message();
    fs::remove_all(part_, error);
    return fail(Errc::io, "{}: cannot get its name: {}", target_.string(), reason);
  }

 private:
  Staging(fs::path target, fs::path part, bool is_file)
      : target_(std::move(target)), part_(std::move(part)), is_file_(is_file) {}

  fs::path target_, part_;
  bool is_file_;
  bool open_ = true;
};

bool names_a_file(const std::string& target) {
  const std::string end = fs::path(target).extension().string();
  return end == ".json" || end == ".record" || end == ".tfrecord" || end == ".tfrecords";
}

std::unique_ptr<detail::Target> make_target(Format format, const fs::path& root, bool is_file,
                                            const ConvertOptions& options) {
  switch (format) {
    case Format::coco:
      return detail::coco_target(root, is_file, options);
    case Format::voc:
      return detail::voc_target(root, options);
    case Format::yolo:
      return detail::yolo_target(root, options);
    case Format::kitti:
      return detail::kitti_target(root, options);
    case Format::tfrecord:
      break;
  }
  return detail::record_target(root, is_file, options);
}

/// The picture as it will be written, with its size where that is needed.
Result<Picture> prepared(const Picture& from, detail::Encoded& encoded, NameMaker& names,
                         bool needs_size, bool keeps_name) {
  Picture picture = from;
  ImageFormat format = format_of_name(picture.file);
  const bool unsized_one = picture.size.width < 1 || picture.size.height < 1;
  if ((needs_size && unsized_one) || format == ImageFormat::unknown) {
    const auto header = parse_image_header(TRY(encoded.bytes()));
    if (!header && needs_size && unsized_one)
      return tl::unexpected<Error>(header.error().with(picture.file));
    if (header) {
      format = header->format;
      if (unsized_one) picture.size = header->size;
    }
  }
  if (!keeps_name) picture.file = names.make(picture, format);
  return picture;
}

}  // namespace

Result<Format> target_format(const std::string& target, const ConvertOptions& options) {
  const std::string end = fs::path(target).extension().string();
  const bool json = end == ".json", is_file = names_a_file(target);
  if (!options.format && !is_file)
    return fail(Errc::invalid_argument,
                "{}: --to says what it is to be: coco, voc, yolo, kitti or "
                "tfrecord",
                target);
  const Format format = options.format ? *options.format : json ? Format::coco : Format::tfrecord;
  if (is_file && format != (json ? Format::coco : Format::tfrecord))
    return fail(Errc::invalid_argument, "{}: {} is written into a folder, or {}", target,
                to_string(format), json ? "a .record file is a TFRecord" : "a .json file is COCO");
  return format;
}

Result<Converted> convert(std::vector<Split>& splits, const std::string& given,
                          const ConvertOptions& options) {
  std::string target = given;
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  Converted out;
  out.format = TRY(target_format(target, options));
  const bool is_file = names_a_file(target);
  if (splits.empty()) return fail(Errc::invalid_argument, "{}: nothing to write", target);
  if (is_file && splits.size() > 1)
    return fail(Errc::invalid_argument, "{}: there are {} splits ({}, {} ...): name a folder",
                target, splits.size(), splits[0].name, splits[1].name);
  if (!options.images && out.format == Format::tfrecord)
    return fail(Errc::invalid_argument, "{}: records hold their pictures", target);
  unify_classes(splits);
  out.notes = losses(splits, out.format);
  uint64_t all = 0;
  for (const Split& split : splits) all += split.set.pictures.size();

  Staging staging = TRY(Staging::create(target, is_file));
  const auto writer = make_target(out.format, staging.path(), is_file, options);
  const bool keeps_names = (is_file && out.format == Format::coco) || !options.images;
  std::optional<NameMaker> names;
  uint64_t done = 0;
  for (Split& split : splits) {
    // VOC tells pictures apart over all splits.
    if (!names || out.format != Format::voc) names.emplace(writer->naming());
    TRY(writer->begin(split));
    for (size_t i = 0; i < split.set.pictures.size(); ++i, ++done) {
      if (options.stop != nullptr && *options.stop)
        return fail(Errc::cancelled, "{}: stopped; nothing was written", target);
      if (options.progress) options.progress(done, all);
      detail::Encoded encoded(*split.pictures, i);
      auto picture =
          prepared(split.set.pictures[i], encoded, *names, writer->needs_size(), keeps_names);
      // Looked at first, so that a picture that cannot be read is not annotated either.
      if (picture && options.images && !keeps_names)
        if (auto ready = encoded.ready(options.link); !ready)
          picture = tl::unexpected<Error>(std::move(ready).error());
      if (!picture) {
        if (options.read.findings == nullptr)
          return tl::unexpected<Error>(std::move(picture).error());
        TRY(tell(options.read, {.flaw = Flaw::picture_unreadable,
                                .file = {},
                                .place = {},
                                .picture = split.set.pictures[i].file,
                                .box = {},
                                .what = picture.error().message(),
                                .remedy = "left out",
                                .mended_by_fix = true}));
        continue;
      }
      TRY(writer->add(*picture, encoded));
      ++out.pictures;
      out.objects += picture->objects.size();
    }
    TRY(writer->end());
  }
  TRY(writer->finish());
  TRY(staging.commit());
  return out;
}

}  // namespace pasu::data
