#include "train/data/source.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/read_file.h"
#include "train/data/detail/lines.h"
#include "train/data/detail/openers.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> kFormats = {"coco", "voc", "yolo", "kitti", "tfrecord"};

constexpr std::array<const char*, 8> kSplits = {"train",      "training", "val",  "valid",
                                                "validation", "dev",      "test", "testing"};

/// Do the files of `folder` hold KITTI's words or YOLO's numbers; by the first line there is.
std::optional<Format> format_of_labels(const fs::path& folder) {
  std::error_code error;
  size_t looked_at = 0;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    constexpr size_t kFilesMax = 1000, kBytesMax = 16 << 20;
    const std::string name = it->path().filename().string();
    if (it->path().extension() != ".txt" || name == "classes.txt" || ++looked_at > kFilesMax)
      continue;
    const auto text = read_file(it->path(), kBytesMax);
    if (!text) continue;
    std::string_view rest = *text;
    const auto words = detail::words_of(detail::take_line(rest), 20);
    if (words.empty()) continue;
    if (!detail::number_of(words.front())) return Format::kitti;
    return Format::yolo;
  }
  if (error || looked_at == 0) return std::nullopt;
  return Format::yolo;  // All empty: pictures with nothing in them.
}

std::optional<Format> format_of_folder(const fs::path& folder) {
  std::error_code error;
  if (!detail::coco_files(folder).empty()) return Format::coco;
  for (const fs::path& xml : {folder / "Annotations", folder})
    if (!detail::files_with(xml, {".xml"}).empty()) return Format::voc;
  if (!detail::yolo_config_file(folder).empty()) return Format::yolo;
  if (!detail::record_names(folder).empty()) return Format::tfrecord;
  for (const char* labels : {"label_2", "training/label_2"})
    if (fs::is_directory(folder / labels, error)) return Format::kitti;
  if (fs::is_directory(folder / "labels", error)) return format_of_labels(folder / "labels");
  if (fs::exists(folder / "classes.txt", error) || fs::exists(folder / "obj.names", error))
    return Format::yolo;
  if (!detail::files_with(folder, {".txt"}).empty()) {
    const auto pictures = detail::files_with(folder, {".jpg", ".jpeg", ".png", ".bmp", ".webp"});
    if (!pictures.empty()) return format_of_labels(folder);
  }
  return std::nullopt;
}

/// Folders named train, val ... in which something is recognised.
std::vector<fs::path> split_folders(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const char* name : kSplits)
    if (fs::is_directory(folder / name, error) && format_of_folder(folder / name))
      out.push_back(folder / name);
  return out;
}

/// Formats without class numbers of their own get the same in all splits: by name, or as the label
/// map says.
Result<void> number_classes(std::vector<Split>& splits, const OpenOptions& options) {
  std::set<std::string> names;
  for (const Split& split : splits)
    for (const Category& category : split.set.categories) names.insert(category.name);
  std::map<std::string, int64_t> ids;
  for (const std::string& name : names) {
    const Label* label = options.labels != nullptr ? options.labels->find(name) : nullptr;
    if (options.labels != nullptr && label == nullptr)
      TRY(tell(options.read,
               detail::about(Flaw::label_map_mismatch, options.labels->path,
                             fmt::format("has no class '{}', which objects are of", name),
                             "add it to the label map; left out")));
    if (options.labels == nullptr)
      ids[name] = static_cast<int64_t>(ids.size() + 1);
    else if (label != nullptr)
      ids[name] = label->id;
  }
  for (Split& split : splits) {
    std::map<int64_t, int64_t> numbers;
    for (const Category& category : split.set.categories)
      if (ids.contains(category.name)) numbers[category.id] = ids.at(category.name);
    split.set.categories.clear();
    if (options.labels != nullptr)
      split.set.categories = options.labels->categories();
    else
      for (const auto& [name, id] : ids) split.set.categories.push_back({id, name});
    for (Picture& picture : split.set.pictures) {
      std::erase_if(picture.objects,
                    [&](const Object& object) { return !numbers.contains(object.category); });
      for (Object& object : picture.objects) object.category = numbers.at(object.category);
    }
  }
  return {};
}

Result<std::vector<Split>> open_as(Format format, const std::string& path,
                                   const OpenOptions& options) {
  switch (format) {
    case Format::coco:
      return detail::open_coco(path, options);
    case Format::voc:
      return detail::open_voc(path, options);
    case Format::yolo:
      return detail::open_yolo(path, options);
    case Format::kitti:
      return detail::open_kitti(path, options);
    case Format::tfrecord:
      return detail::open_records(path, options);
  }
  return fail(Errc::internal, "{}: no format", path);
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

const char* to_string(Format format) { return kFormats.at(static_cast<size_t>(format)); }

Result<Format> format_from(const std::string& name) {
  for (size_t i = 0; i < kFormats.size(); ++i)
    if (name == kFormats[i]) return static_cast<Format>(i);
  return fail(Errc::invalid_argument, "'{}' is no format: coco, voc, yolo, kitti or tfrecord",
              name);
}

std::string Split::place_of(size_t picture) const {
  if (records.empty()) return {};
  return fmt::format("record {} at byte {}", records[picture].index, records[picture].offset);
}

void Split::keep(const std::vector<size_t>& kept) {
  const auto picked = [&](auto& list) {
    if (list.empty()) return;
    std::remove_reference_t<decltype(list)> out;
    for (const size_t i : kept) out.push_back(std::move(list[i]));
    list = std::move(out);
  };
  picked(set.pictures);
  picked(files);
  picked(records);
  if (kept.empty()) set.pictures.clear();
  pictures->keep(kept);
}

Result<Format> recognise(const std::string& given) {
  const std::string path = without_slash(given);
  std::error_code error;
  if (fs::is_directory(path, error)) {
    if (const auto format = format_of_folder(path)) return *format;
    if (const auto folders = split_folders(path); !folders.empty())
      return *format_of_folder(folders.front());
    return fail(Errc::unsupported,
                "{}: no data set was recognised in this folder: no COCO JSON, no Annotations/*.xml "
                "(VOC), no data.yaml or labels/ (YOLO), no label_2/ (KITTI), no *.record or "
                "*.tfrecord; --from says what it is",
                path);
  }
  const std::string extension = fs::path(path).extension().string();
  if (extension == ".json") return Format::coco;
  if (extension == ".yaml" || extension == ".yml") return Format::yolo;
  const auto files = TRY(record_files(path));
  const auto source = TRY(RecordReader::open(files.front()));
  const bool named = path.find(".record") != path.npos || path.find(".tfrecord") != path.npos ||
                     files.size() > 1 || source.compression() != Compression::none;
  if (named) return Format::tfrecord;
  auto reader = TRY(RecordReader::open(files.front()));
  if (reader.next()) return Format::tfrecord;
  return fail(Errc::unsupported,
              "{}: neither COCO JSON, nor data.yaml, nor a TFRecord file; --from says what it is",
              path);
}

Result<std::vector<Split>> open_source(const std::string& given, const OpenOptions& options) {
  const std::string path = without_slash(given);
  const Format format = options.format ? *options.format : TRY(recognise(path));
  std::error_code error;
  std::vector<Split> splits;
  const bool nested = fs::is_directory(path, error) && !format_of_folder(path);
  const auto folders = nested ? split_folders(path) : std::vector<fs::path>();
  if (folders.empty()) {
    splits = TRY(open_as(format, path, options));
  } else {
    for (const fs::path& folder : folders) {
      auto read = TRY(open_as(format, folder.string(), options));
      for (Split& split : read) {
        const std::string name = folder.filename().string();
        split.name = split.name.empty() ? name : name + "_" + split.name;
        splits.push_back(std::move(split));
      }
    }
  }
  if (format == Format::voc || format == Format::kitti) TRY(number_classes(splits, options));
  return splits;
}

}  // namespace pasu::data
