#include "train/data/detail/openers.h"

namespace pasu::data::detail {
namespace {

namespace fs = std::filesystem;

/// "train" of train.record and of train.record-00000-of-00010.
std::string split_name(const std::string& name) {
  fs::path path = fs::path(name).filename();
  while (path.has_extension()) path = path.stem();
  return path.string();
}

}  // namespace

Result<Splits> open_records(const std::string& path, const OpenOptions& options) {
  std::error_code error;
  const bool folder = fs::is_directory(path, error);
  const auto names = folder ? record_names(path) : std::vector{path};
  if (names.empty()) return fail(Errc::not_found, "{}: no *.record or *.tfrecord in it", path);

  // What pasu data convert writes beside its records: it knows classes that no box is of.
  std::optional<LabelMap> beside;
  const fs::path map = (folder ? fs::path(path) : fs::path(path).parent_path()) / "label_map.pbtxt";
  if (options.labels == nullptr && fs::is_regular_file(map, error))
    beside = TRY(read_label_map(map, options.read.findings));
  const LabelMap* labels = beside ? &*beside : options.labels;

  Splits out;
  for (const std::string& name : names) {
    const auto files = TRY(record_files(name));
    RecordSet read = TRY(read_record_set(files, labels, options.read));
    Split split{.name = names.size() > 1 ? split_name(name) : "",
                .format = Format::tfrecord,
                .set = std::move(read.set),
                .annotations = name,
                .files = {},
                .records = read.places,
                .image_folder = {},
                .pictures = pictures_in_records(files, read.places)};
    for (const RecordSet::At& at : read.places) split.files.push_back(files[at.file].string());
    out.push_back(std::move(split));
  }
  return out;
}

}  // namespace pasu::data::detail
