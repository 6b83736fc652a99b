// fine_tune_checkpoint: is it there, whole, and of a kind that can be read.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/nearest.h"
#include "train/pipeline/checkpoint_path.h"
#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kField = "train_config.fine_tune_checkpoint";
constexpr std::string_view kOwnMagic = "PASUCKP1";  // docs/ref/checkpoint.md
constexpr const char* kFromNothing =
    "without fine_tune_checkpoint training begins with random weights";
constexpr uint64_t kTableMagic = 0xdb4775248b80fb57;  // The last 8 bytes of a LevelDB table.

bool is_table(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  uint64_t magic = 0;
  file.seekg(-static_cast<std::streamoff>(sizeof magic), std::ios::end);
  char bytes[sizeof magic] = {};
  if (!file.read(bytes, sizeof bytes)) return false;
  for (size_t i = sizeof bytes; i-- > 0;) magic = magic << 8 | static_cast<uint8_t>(bytes[i]);
  return magic == kTableMagic;
}

bool begins_with(const fs::path& path, std::string_view magic) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(magic.size(), '\0');
  return file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) && bytes == magic;
}

void check_shards(const fs::path& prefix, Remarks& remarks) {
  const std::string start = prefix.filename().string() + ".data-";
  size_t have = 0, wanted = 0;
  std::error_code error;
  const fs::path folder = prefix.parent_path().empty() ? "." : prefix.parent_path();
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    unsigned number = 0, count = 0;
    if (!name.starts_with(start) ||
        std::sscanf(name.c_str() + start.size(), "%5u-of-%5u", &number, &count) != 2)
      continue;
    ++have;
    wanted = std::max<size_t>(wanted, count);
  }
  if (have == 0)
    remarks.add(Level::error, kField,
                fmt::format("{}.index is there, and no {}00000-of-... beside it: the weights are "
                            "missing",
                            prefix.string(), start));
  else if (have != wanted)
    remarks.add(
        Level::error, kField,
        fmt::format("{} of its {} data files are there: copy all {}*", have, wanted, start));
}

void check_type(Remarks& remarks) {
  static const std::vector<std::string> kTypes = {"classification", "detection", "fine_tune",
                                                  "full"};
  const Value* type = remarks.config().find("train_config.fine_tune_checkpoint_type");
  if (type == nullptr || type->text.empty() ||
      std::ranges::find(kTypes, type->text) != kTypes.end())
    return;
  const auto near = nearest(type->text, kTypes);
  remarks.add(Level::error, "train_config.fine_tune_checkpoint_type",
              fmt::format("'{}' is none of classification, detection, fine_tune, full{}",
                          type->text, near ? fmt::format("; did you mean '{}'?", *near) : ""));
}

}  // namespace

void check_checkpoint(Remarks& remarks) {
  check_type(remarks);
  const Value* value = remarks.config().find(kField);
  if (value == nullptr || value->text.empty()) {
    // pasu_person is small, and made to begin from nothing.
    if (model_path(remarks.config()) == "model.pasu_person") return;
    remarks.add(Level::note, kField,
                "is not set: training starts from random weights, which takes far more pictures");
    return;
  }
  const std::string path = local_path(value->text, kField, remarks);
  if (path.empty()) return;
  const auto found = find_checkpoint(path);
  if (!found) {
    remarks.add(Level::error, kField, found.error().message() + "; " + kFromNothing);
    return;
  }
  if (found->kind == CheckpointPath::Kind::pasu) {
    if (!begins_with(path, kOwnMagic))
      remarks.add(
          Level::error, kField,
          fmt::format("'{}' is no checkpoint: pasu's begin with {}, and TensorFlow's are of "
                      "its second format, NAME.index beside NAME.data-...",
                      path, kOwnMagic));
    return;
  }
  const fs::path index = found->path + ".index";
  if (!is_table(index)) {
    remarks.add(
        Level::error, kField,
        fmt::format("{} is no checkpoint index, or is cut off: copy it again", index.string()));
    return;
  }
  check_shards(found->path, remarks);
}

}  // namespace pasu::pipeline::detail
