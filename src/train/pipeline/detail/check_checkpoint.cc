// fine_tune_checkpoint: is it there, whole, and of a kind that can be read.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/nearest.h"
#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kField = "train_config.fine_tune_checkpoint";
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

/// The prefix that a name within a checkpoint stands for.
std::string prefix_of(const std::string& name) {
  for (const char* end : {".index", ".meta"})
    if (name.ends_with(end)) return name.substr(0, name.size() - std::strlen(end));
  if (const size_t data = name.rfind(".data-"); data != name.npos) return name.substr(0, data);
  return "";
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
  std::error_code ignored;
  if (const std::string prefix = prefix_of(path); !prefix.empty()) {
    remarks.add(Level::error, kField,
                fmt::format("'{}' names one file of a checkpoint; give what its files begin with: "
                            "'{}'",
                            value->text, prefix_of(value->text)));
    return;
  }
  const fs::path index = path + ".index";
  if (!fs::exists(index, ignored)) {
    remarks.add(Level::error, kField,
                fs::is_directory(path, ignored)
                    ? fmt::format("'{}' is a folder; give what the files of a checkpoint in it "
                                  "begin with, such as '{}/model.ckpt'",
                                  path, path)
                : fs::is_regular_file(path, ignored)
                    ? fmt::format("'{}' is a file; checkpoints are read in TensorFlow's second "
                                  "format, NAME.index beside NAME.data-...",
                                  path)
                    : fmt::format("there is no {}", index.string()));
    return;
  }
  if (!is_table(index)) {
    remarks.add(
        Level::error, kField,
        fmt::format("{} is no checkpoint index, or is cut off: copy it again", index.string()));
    return;
  }
  check_shards(path, remarks);
}

}  // namespace pasu::pipeline::detail
