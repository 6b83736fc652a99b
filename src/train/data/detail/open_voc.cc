#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/read_file.h"
#include "train/data/detail/lines.h"
#include "train/data/detail/openers.h"

namespace pasu::data::detail {
namespace {

namespace fs = std::filesystem;

constexpr size_t kListBytesMax = 256u << 20;

/// The lists of ImageSets/Main that are of all classes: a name a line.
Result<std::map<std::string, std::vector<std::string>>> read_lists(const fs::path& root) {
  std::map<std::string, std::vector<std::string>> out;
  const fs::path folder = root / "ImageSets" / "Main";
  std::error_code error;
  const bool parted =
      fs::exists(folder / "train.txt", error) && fs::exists(folder / "val.txt", error);
  for (const char* name : {"train", "val", "test", "trainval"}) {
    if (!fs::is_regular_file(folder / (std::string(name) + ".txt"), error)) continue;
    if (parted && std::string_view(name) == "trainval") continue;
    const std::string text = TRY(read_file(folder / (std::string(name) + ".txt"), kListBytesMax));
    std::string_view rest = text;
    auto& list = out[name];
    while (!rest.empty())
      if (const auto words = words_of(take_line(rest), 2); !words.empty())
        list.emplace_back(words.front());
  }
  return out;
}

/// The picture of an annotation: as <filename> says, or any kind by the annotation's own name.
std::string find_picture(const fs::path& folder, const std::string& said, const fs::path& file) {
  std::error_code error;
  if (stays_inside(said) && fs::is_regular_file(folder / said, error)) return said;
  for (const char* extension : {".jpg", ".jpeg", ".png", ".JPG", ".bmp", ".webp"}) {
    const std::string name = file.stem().string() + extension;
    if (fs::is_regular_file(folder / name, error)) return name;
  }
  return said;
}

}  // namespace

Result<Splits> open_voc(const fs::path& path, const OpenOptions& options) {
  std::error_code error;
  const bool usual = fs::is_directory(path / "Annotations", error);
  const fs::path xml = usual ? path / "Annotations" : path;
  fs::path images = options.images;
  for (const char* name : {"JPEGImages", "images", "Images"})
    if (images.empty() && fs::is_directory(path / name, error)) images = path / name;
  if (images.empty()) images = path;
  const auto files = files_with(xml, {".xml"});
  if (files.empty()) return fail(Errc::not_found, "{}: no *.xml in it", xml.string());

  // A broken file is left out by read_voc(); each file is read alone to know which one is whose.
  std::unordered_map<std::string, size_t> by_stem;
  std::vector<Picture> pictures;
  std::vector<std::string> from;
  std::map<std::string, int64_t> ids;
  std::vector<Category> categories;
  for (const fs::path& file : files) {
    DataSet one = TRY(read_voc({file}, options.corners, options.read));
    if (one.pictures.empty()) continue;
    Picture& picture = one.pictures.front();
    picture.file = find_picture(images, picture.file, file);
    picture.id = static_cast<int64_t>(pictures.size() + 1);
    for (Object& object : picture.objects) {
      const std::string& name = one.category(object.category)->name;
      const auto [id, fresh] = ids.emplace(name, static_cast<int64_t>(ids.size() + 1));
      if (fresh) categories.push_back({id->second, name});
      object.category = id->second;
    }
    by_stem.emplace(file.stem().string(), pictures.size());
    pictures.push_back(std::move(picture));
    from.push_back(file.string());
  }

  auto lists = TRY(read_lists(path));
  if (lists.empty()) {
    auto& all = lists[""];
    for (const std::string& file : from) all.push_back(fs::path(file).stem().string());
  }
  Splits out;
  for (const auto& [name, stems] : lists) {
    Split split{.name = lists.size() > 1 ? name : "",
                .format = Format::voc,
                .set = {.categories = categories, .pictures = {}},
                .annotations = xml,
                .files = {},
                .records = {},
                .image_folder = images,
                .pictures = {}};
    for (const std::string& stem : stems) {
      const auto found = by_stem.find(stem);
      if (found == by_stem.end()) {
        TRY(tell(options.read,
                 about(Flaw::picture_unknown, path / "ImageSets" / "Main" / (name + ".txt"),
                       fmt::format("lists '{}', which has no annotation", stem),
                       "add the annotation or take the line out")));
        continue;
      }
      split.set.pictures.push_back(pictures[found->second]);
      split.files.push_back(from[found->second]);
    }
    split.pictures = pictures_in_folder(images, names_of(split.set));
    out.push_back(std::move(split));
  }
  return out;
}

}  // namespace pasu::data::detail
