// Each format's way of lying on disk. Errors as open_source()'s.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/data/source.h"

namespace pasu::data::detail {

using Splits = std::vector<Split>;

[[nodiscard]] Result<Splits> open_coco(const std::filesystem::path& path,
                                       const OpenOptions& options);
[[nodiscard]] Result<Splits> open_voc(const std::filesystem::path& path,
                                      const OpenOptions& options);
[[nodiscard]] Result<Splits> open_yolo(const std::filesystem::path& path,
                                       const OpenOptions& options);
[[nodiscard]] Result<Splits> open_kitti(const std::filesystem::path& path,
                                        const OpenOptions& options);
[[nodiscard]] Result<Splits> open_records(const std::string& path, const OpenOptions& options);

/// Files of `folder` (not below it) with one of these extensions, by name.
[[nodiscard]] std::vector<std::filesystem::path> files_with(
    const std::filesystem::path& folder, std::initializer_list<const char*> extensions);
/// COCO files of a folder: instances.json, annotations/*.json and the like.
[[nodiscard]] std::vector<std::filesystem::path> coco_files(const std::filesystem::path& folder);
/// Record files and sets of shards in a folder, each by the name record_files() takes.
[[nodiscard]] std::vector<std::string> record_names(const std::filesystem::path& folder);
/// data.yaml, or the only .yaml file with names in it; or empty.
[[nodiscard]] std::filesystem::path yolo_config_file(const std::filesystem::path& folder);
/// The folder of KITTI's labels and of its pictures; the first is empty where there is none.
struct KittiFolders {
  std::filesystem::path labels, images;
};
[[nodiscard]] KittiFolders kitti_folders(const std::filesystem::path& folder);

/// The names of `set`'s pictures.
[[nodiscard]] std::vector<std::string> names_of(const DataSet& set);
/// The size a picture's header gives; what is wrong is told, and 0 x 0 given.
[[nodiscard]] Result<geom::Size> size_of(const std::filesystem::path& picture,
                                         const ReadOptions& options);
/// A finding about a file as a whole.
[[nodiscard]] Finding about(Flaw flaw, const std::filesystem::path& file, std::string what,
                            std::string remedy);

}  // namespace pasu::data::detail
