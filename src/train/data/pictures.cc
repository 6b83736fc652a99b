#include "train/data/pictures.h"

#include <algorithm>

#include "base/read_file.h"
#include "train/data/example.h"
#include "train/data/image_header.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;

template <class T>
std::vector<T> picked(std::vector<T>& from, const std::vector<size_t>& kept) {
  std::vector<T> out;
  out.reserve(kept.size());
  for (const size_t i : kept) out.push_back(std::move(from[i]));
  return out;
}

class Folder final : public Pictures {
 public:
  Folder(fs::path folder, std::vector<std::string> names)
      : folder_(std::move(folder)), names_(std::move(names)) {}

  Result<std::string> load(size_t picture) override {
    const std::string& name = names_[picture];
    if (!stays_inside(name))
      return fail(Errc::not_found, "{}: '{}' leads out of this folder", folder_.string(), name);
    return read_file(folder_ / name, kFileBytesMax);
  }
  std::optional<fs::path> path(size_t picture) const override { return folder_ / names_[picture]; }
  bool is_folder() const override { return true; }
  void keep(const std::vector<size_t>& kept) override { names_ = picked(names_, kept); }

 private:
  fs::path folder_;
  std::vector<std::string> names_;
};

class Records final : public Pictures {
 public:
  Records(std::vector<fs::path> files, std::vector<RecordSet::At> places)
      : files_(std::move(files)), places_(std::move(places)) {}

  Result<std::string> load(size_t picture) override {
    const RecordSet::At& want = places_[picture];
    if (TRY(is_plain(want.file))) {
      const std::string data = TRY(read_record_at(files_[want.file], want.offset));
      return encoded_in(TRY(parse_example(as_bytes(data))), want);
    }
    const auto key = [](uint32_t file, uint64_t offset) { return std::pair(file, offset); };
    if (!reader_ || key(file_, next_) > key(want.file, want.offset) || file_ != want.file) {
      findings_.clear();
      reader_ = TRY(RecordReader::open(files_[want.file], {.findings = &findings_}));
      file_ = want.file;
    }
    while (const auto record = TRY(reader_->next())) {
      next_ = record->offset + 1;
      if (record->offset < want.offset) continue;
      if (record->offset > want.offset) break;
      return encoded_in(TRY(parse_example(record->data)), want);
    }
    reader_.reset();
    return gone(want);
  }
  std::optional<fs::path> path(size_t) const override { return std::nullopt; }
  bool is_folder() const override { return false; }
  void keep(const std::vector<size_t>& kept) override { places_ = picked(places_, kept); }

 private:
  /// Records of uncompressed files are read at once, in any order; compressed ones only by what
  /// comes before them.
  Result<bool> is_plain(uint32_t file) {
    plain_.resize(files_.size());
    if (!plain_[file]) plain_[file] = TRY(RecordReader::open(files_[file]))
    .compression() == Compression::none;
    return *plain_[file];
  }
  Result<std::string> encoded_in(const Example& example, const RecordSet::At& at) const {
    const Feature* encoded = example.find("image/encoded");
    if (encoded == nullptr || encoded->bytes.empty()) return gone(at);
    return std::string(as_text(encoded->bytes.front()));
  }
  tl::unexpected<Error> gone(const RecordSet::At& at) const {
    return fail(Errc::io, "{}: the record at byte {} is no longer there", files_[at.file].string(),
                at.offset);
  }

  std::vector<fs::path> files_;
  std::vector<RecordSet::At> places_;
  std::vector<std::optional<bool>> plain_;  // One a file.
  std::optional<RecordReader> reader_;
  std::vector<Finding> findings_;  // Told when the records were first read.
  uint32_t file_ = 0;
  uint64_t next_ = 0;  // Records from this byte on are still to come.
};

}  // namespace

bool stays_inside(const std::string& name) {
  const fs::path path(name);
  if (name.empty() || path.is_absolute() || name.find('\0') != name.npos) return false;
  return std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
}

std::unique_ptr<Pictures> pictures_in_folder(fs::path folder, std::vector<std::string> names) {
  return std::make_unique<Folder>(std::move(folder), std::move(names));
}

std::unique_ptr<Pictures> pictures_in_records(std::vector<fs::path> files,
                                              std::vector<RecordSet::At> places) {
  return std::make_unique<Records>(std::move(files), std::move(places));
}

Result<std::vector<std::string>> list_pictures(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (format_of_name(name) == ImageFormat::unknown || name.front() == '.') continue;
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    if (out.size() >= kPicturesMax)
      return fail(Errc::too_large, "{}: more than {} pictures", folder.string(), kPicturesMax);
    out.push_back(it->path().lexically_relative(folder).string());
  }
  if (error) return fail(Errc::io, "{}: cannot be listed: {}", folder.string(), error.message());
  std::ranges::sort(out);
  return out;
}

}  // namespace pasu::data
