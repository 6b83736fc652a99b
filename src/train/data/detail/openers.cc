#include "train/data/detail/openers.h"

#include <algorithm>
#include <set>

#include "base/read_file.h"
#include "train/data/image_header.h"
#include "train/data/yolo.h"

namespace pasu::data::detail {

namespace fs = std::filesystem;

std::vector<fs::path> files_with(const fs::path& folder,
                                 std::initializer_list<const char*> extensions) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string extension = it->path().extension().string();
    for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    std::error_code ignored;
    if (std::ranges::any_of(extensions, [&](const char* e) { return extension == e; }) &&
        it->is_regular_file(ignored))
      out.push_back(it->path());
  }
  std::ranges::sort(out);
  return out;
}

std::vector<fs::path> coco_files(const fs::path& folder) {
  std::error_code error;
  for (const char* name : {"instances.json", "_annotations.coco.json"})
    if (fs::is_regular_file(folder / name, error)) return {folder / name};
  for (const fs::path& where : {folder / "annotations", folder}) {
    auto files = files_with(where, {".json"});
    std::vector<fs::path> instances;
    for (const fs::path& file : files)
      if (file.filename().string().starts_with("instances")) instances.push_back(file);
    if (!instances.empty()) return instances;
    if (where != folder || files.size() == 1)
      if (!files.empty()) return files;
  }
  return {};
}

std::vector<std::string> record_names(const fs::path& folder) {
  std::set<std::string> out;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::string name = it->path().filename().string();
    constexpr size_t kTail = 15;  // -00000-of-00000
    if (name.size() > kTail && name.compare(name.size() - 9, 4, "-of-") == 0 &&
        name[name.size() - kTail] == '-')
      name.resize(name.size() - kTail);
    const std::string extension = fs::path(name).extension().string();
    if (extension == ".record" || extension == ".tfrecord" || extension == ".tfrecords" ||
        name.size() < it->path().filename().string().size())
      out.insert((folder / name).string());
  }
  return {out.begin(), out.end()};
}

fs::path yolo_config_file(const fs::path& folder) {
  std::error_code error;
  if (fs::is_regular_file(folder / "data.yaml", error)) return folder / "data.yaml";
  for (const fs::path& file : files_with(folder, {".yaml", ".yml"})) {
    constexpr size_t kBytesMax = 4 << 20;
    const auto text = read_file(file, kBytesMax);
    if (!text) continue;
    const auto config = parse_yolo_config(*text, file.string());
    if (config && !config->names.empty() && !config->splits.empty()) return file;
  }
  return {};
}

KittiFolders kitti_folders(const fs::path& folder) {
  std::error_code error;
  for (const fs::path& root : {folder, folder / "training"})
    for (const auto& [labels, images] :
         {std::pair("label_2", "image_2"), {"labels", "images"}, {"label_2", "images"}})
      if (fs::is_directory(root / labels, error) && fs::is_directory(root / images, error))
        return {.labels = root / labels, .images = root / images};
  if (fs::is_directory(folder / "label_2", error)) return {folder / "label_2", folder};
  return {.labels = folder, .images = folder};
}

std::vector<std::string> names_of(const DataSet& set) {
  std::vector<std::string> out;
  out.reserve(set.pictures.size());
  for (const Picture& picture : set.pictures) out.push_back(picture.file);
  return out;
}

Result<geom::Size> size_of(const fs::path& picture, const ReadOptions& options) {
  const auto header = read_image_header(picture);
  if (header) return header->size;
  TRY(tell(options, {.flaw = Flaw::picture_unreadable,
                     .file = {},
                     .place = {},
                     .picture = picture.filename().string(),
                     .box = {},
                     .what = header.error().message(),
                     .remedy = "replace the picture or leave it out",
                     .mended_by_fix = true}));
  return geom::Size{};
}

Finding about(Flaw flaw, const fs::path& file, std::string what, std::string remedy) {
  return {.flaw = flaw,
          .file = file.string(),
          .place = {},
          .picture = {},
          .box = {},
          .what = std::move(what),
          .remedy = std::move(remedy)};
}

}  // namespace pasu::data::detail
