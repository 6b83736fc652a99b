#include <algorithm>

#include "train/data/coco.h"
#include "train/data/detail/openers.h"

namespace pasu::data::detail {
namespace {

namespace fs = std::filesystem;

/// The folder in which most of the first pictures are; the first one where none has any.
fs::path folder_with(const DataSet& set, const std::vector<fs::path>& candidates) {
  constexpr size_t kLookedAt = 32;
  const size_t step = std::max<size_t>(1, set.pictures.size() / kLookedAt);
  size_t best_count = 0;
  fs::path best = candidates.front();
  for (const fs::path& folder : candidates) {
    size_t count = 0;
    std::error_code error;
    for (size_t i = 0; i < set.pictures.size(); i += step)
      count += stays_inside(set.pictures[i].file) &&
               fs::is_regular_file(folder / set.pictures[i].file, error);
    if (count <= best_count) continue;
    best_count = count;
    best = folder;
  }
  return best;
}

/// "train2017" of instances_train2017.json; empty for instances.json.
std::string split_name(const fs::path& file) {
  std::string name = file.stem().string();
  for (const std::string_view prefix : {"instances", "_annotations.coco"})
    if (name.starts_with(prefix)) name.erase(0, prefix.size());
  while (!name.empty() && (name.front() == '_' || name.front() == '-')) name.erase(0, 1);
  return name;
}

std::vector<fs::path> candidates(const fs::path& file, const std::string& name) {
  const fs::path beside = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  std::vector<fs::path> out;
  for (const fs::path& root : {beside, beside / ".."}) {
    if (!name.empty()) {
      out.push_back(root / "images" / name);
      out.push_back(root / name);
      out.push_back(root / name / "images");
    }
    for (const char* folder : {"images", "data", "JPEGImages"}) out.push_back(root / folder);
    out.push_back(root);
  }
  for (fs::path& folder : out) folder = folder.lexically_normal();
  return out;
}

}  // namespace

Result<Splits> open_coco(const fs::path& path, const OpenOptions& options) {
  std::error_code error;
  const auto files = fs::is_directory(path, error) ? coco_files(path) : std::vector{path};
  if (files.empty())
    return fail(Errc::not_found, "{}: no instances.json, no annotations/*.json", path.string());
  Splits out;
  for (const fs::path& file : files) {
    DataSet set = TRY(read_coco(file, options.read));
    Split split{.name = files.size() > 1 ? split_name(file) : "",
                .format = Format::coco,
                .set = std::move(set),
                .annotations = file,
                .files = {},
                .records = {},
                .image_folder = {},
                .pictures = {}};
    split.image_folder = options.images.empty()
                             ? folder_with(split.set, candidates(file, split_name(file)))
                             : options.images;
    split.pictures = pictures_in_folder(split.image_folder, names_of(split.set));
    out.push_back(std::move(split));
  }
  return out;
}

}  // namespace pasu::data::detail
