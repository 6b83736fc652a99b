#include <map>

#include "base/read_file.h"
#include "train/data/detail/openers.h"
#include "train/data/kitti.h"

namespace pasu::data::detail {

namespace fs = std::filesystem;

Result<Splits> open_kitti(const fs::path& path, const OpenOptions& options) {
  constexpr size_t kBytesMax = 16u << 20;
  KittiFolders folders = kitti_folders(path);
  if (!options.images.empty()) folders.images = options.images;
  Split split{.name = {},
              .format = Format::kitti,
              .set = {},
              .annotations = folders.labels,
              .files = {},
              .records = {},
              .image_folder = folders.images,
              .pictures = {}};
  std::map<std::string, int64_t> ids;
  for (const std::string& name : TRY(list_pictures(folders.images))) {
    const fs::path file = folders.labels / fs::path(name).replace_extension(".txt");
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
      TRY(tell(options.read, about(Flaw::picture_unlisted, folders.images / name,
                                   fmt::format("has no label file {}", file.string()),
                                   "an empty label file says that nothing is in it")));
      continue;
    }
    Picture picture {
      .id = static_cast<int64_t>(split.set.pictures.size() + 1), .file = name,
      .size = TRY(size_of(folders.images / name, options.read))
      , .objects = {}
    };
    const std::string text = TRY(read_file(file, kBytesMax));
    for (KittiObject& object : TRY(parse_kitti(text, file.string(), options.read))) {
      const auto [id, fresh] = ids.emplace(object.type, static_cast<int64_t>(ids.size() + 1));
      if (fresh) split.set.categories.push_back({id->second, object.type});
      object.object.category = id->second;
      picture.objects.push_back(object.object);
    }
    split.set.pictures.push_back(std::move(picture));
    split.files.push_back(file.string());
  }
  if (split.set.pictures.empty())
    return fail(Errc::not_found, "{}: no picture in {} has a label file in {}", path.string(),
                folders.images.string(), folders.labels.string());
  split.pictures = pictures_in_folder(folders.images, names_of(split.set));
  Splits out;
  out.push_back(std::move(split));
  return out;
}

}  // namespace pasu::data::detail
