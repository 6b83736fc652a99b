#include <algorithm>

#include "base/read_file.h"
#include "train/data/detail/lines.h"
#include "train/data/detail/openers.h"
#include "train/data/yolo.h"

namespace pasu::data::detail {
namespace {

namespace fs = std::filesystem;

constexpr size_t kConfigBytesMax = 4 << 20, kListBytesMax = 1u << 30, kLabelsBytesMax = 64 << 20;

/// A folder of pictures, or a list of them; names are relative to `root`.
struct Part {
  fs::path root;
  std::vector<std::string> names;
};

/// a/images/train/x.jpg has a/labels/train/x.txt; without a folder images the label lies beside.
fs::path label_file(const fs::path& picture) {
  std::vector<fs::path> parts(picture.begin(), picture.end());
  for (size_t i = parts.size(); i-- > 0;)
    if (parts[i] == "images" && i + 1 < parts.size()) {
      parts[i] = "labels";
      break;
    }
  fs::path out;
  for (const fs::path& part : parts) out /= part;
  return out.replace_extension(".txt");
}

/// Where data.yaml's words lead: from its `path`, from where it lies, or, as some exports write,
/// with a ../ too much.
fs::path find_part(const fs::path& folder, const std::string& root, const std::string& said) {
  std::error_code error;
  std::string_view less = said;
  while (less.starts_with("../")) less.remove_prefix(3);
  for (const fs::path& candidate :
       {folder / root / said, folder / said, folder / less, folder / root / less})
    if (fs::exists(candidate, error)) return candidate.lexically_normal();
  return folder / said;
}

Result<Part> read_list(const fs::path& list, const fs::path& folder, const ReadOptions& options) {
  Part out{.root = folder, .names = {}};
  const std::string text = TRY(read_file(list, kListBytesMax));
  std::string_view rest = text;
  for (int number = 1; !rest.empty(); ++number) {
    std::string_view line = take_line(rest);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    if (line.empty()) continue;
    fs::path name = fs::path(line).lexically_normal();
    if (name.is_absolute()) name = name.lexically_relative(fs::absolute(folder).lexically_normal());
    if (stays_inside(name.string())) {
      out.names.push_back(name.string());
      continue;
    }
    Finding finding = about(Flaw::picture_missing, list,
                            fmt::format("'{}' leads out of {}", line, folder.string()),
                            "list pictures below the folder of data.yaml");
    finding.place = fmt::format("line {}", number);
    TRY(tell(options, std::move(finding)));
  }
  return out;
}

Result<Split> read_part(const std::string& name, Part part, const fs::path& annotations,
                        const std::vector<std::string>& classes, const OpenOptions& options) {
  Split split{.name = name,
              .format = Format::yolo,
              .set = {},
              .annotations = annotations,
              .files = {},
              .records = {},
              .image_folder = part.root,
              .pictures = {}};
  int64_t highest = static_cast<int64_t>(classes.size());
  std::error_code error;
  for (const std::string& file : part.names) {
    const fs::path path = part.root / file;
    if (!fs::is_regular_file(path, error)) {
      TRY(tell(options.read, about(Flaw::picture_missing, path, "is listed and not there",
                                   "add it or take it off the list")));
      continue;
    }
    Picture picture {
      .id = static_cast<int64_t>(split.set.pictures.size() + 1), .file = file,
      .size = TRY(size_of(path, options.read))
      , .objects = {}
    };
    if (picture.size.width == 0) continue;  // Shares of nothing: told by size_of().
    const fs::path labels = label_file(path);
    if (fs::is_regular_file(labels, error)) {  // Without one there is nothing in the picture.
      const std::string text = TRY(read_file(labels, kLabelsBytesMax));
      picture.objects =
          TRY(parse_yolo(text, labels.string(), picture.size, classes.size(), options.read));
    }
    for (const Object& object : picture.objects) highest = std::max(highest, object.category);
    split.set.pictures.push_back(std::move(picture));
    split.files.push_back(labels.string());
  }
  for (int64_t id = 1; id <= highest; ++id)
    split.set.categories.push_back({id, static_cast<size_t>(id) <= classes.size()
                                            ? classes[static_cast<size_t>(id - 1)]
                                            : fmt::format("class {}", id - 1)});
  split.pictures = pictures_in_folder(part.root, names_of(split.set));
  return split;
}

Result<std::vector<std::string>> read_class_names(const fs::path& folder) {
  std::error_code error;
  for (const fs::path& where : {folder, folder / "labels", folder / ".."})
    for (const char* name : {"classes.txt", "obj.names", "classes.names"})
      if (fs::is_regular_file(where / name, error)) {
        const std::string text = TRY(read_file(where / name, kConfigBytesMax));
        return parse_class_names(text, (where / name).string());
      }
  return std::vector<std::string>();
}

}  // namespace

Result<Splits> open_yolo(const fs::path& path, const OpenOptions& options) {
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  const fs::path folder = is_folder ? path : path.parent_path();
  const fs::path config_file = is_folder ? yolo_config_file(path) : path;
  Splits out;
  if (!config_file.empty()) {
    const std::string text = TRY(read_file(config_file, kConfigBytesMax));
    const YoloConfig config = TRY(parse_yolo_config(text, config_file.string()));
    for (const YoloConfig::Split& said : config.splits) {
      Part all;
      for (const std::string& one : said.paths) {
        const fs::path where = find_part(folder, config.root, one);
        Part part{.root = where, .names = {}};
        if (fs::is_directory(where, error)) {
          part.names = TRY(list_pictures(where));
        } else if (fs::is_regular_file(where, error)) {
          part = TRY(read_list(where, folder, options.read));
        } else {
          TRY(tell(options.read, about(Flaw::picture_missing, config_file,
                                       fmt::format("{}: '{}' is not there", said.name, one),
                                       "correct the path or take the line out")));
          continue;
        }
        if (said.paths.size() == 1) {
          all = std::move(part);
          break;
        }
        all.root = folder;  // Several folders: named from above them.
        for (const std::string& name : part.names)
          all.names.push_back((part.root / name).lexically_relative(folder).string());
      }
      if (all.root.empty()) continue;
      out.push_back(TRY(read_part(said.name, std::move(all), config_file, config.names, options)));
    }
    if (out.size() == 1) out.front().name.clear();
    if (!out.empty()) return out;
  }
  Part part{.root = options.images, .names = {}};
  if (part.root.empty())
    part.root = fs::is_directory(folder / "images", error) ? folder / "images" : folder;
  part.names = TRY(list_pictures(part.root));
  if (part.names.empty())
    return fail(Errc::not_found, "{}: no pictures in {}", path.string(), part.root.string());
  const auto classes = TRY(read_class_names(folder));
  const fs::path labels = folder / "labels";
  out.push_back(TRY(read_part(
      "", std::move(part), fs::is_directory(labels, error) ? labels : folder, classes, options)));
  return out;
}

}  // namespace pasu::data::detail
