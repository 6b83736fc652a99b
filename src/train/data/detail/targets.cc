// The formats' targets.
#include <algorithm>

#include "base/part_file.h"
#include "train/data/coco.h"
#include "train/data/detail/target.h"
#include "train/data/kitti.h"
#include "train/data/label_map.h"
#include "train/data/record_set.h"
#include "train/data/yolo.h"

namespace pasu::data::detail {
namespace {

namespace fs = std::filesystem;

fs::path with_extension(const std::string& name, const char* extension) {
  return fs::path(name).replace_extension(extension);
}

/// instances.json and images/; of several splits annotations/instances_NAME.json and images/NAME/.
class CocoTarget final : public Target {
 public:
  CocoTarget(fs::path root, bool is_file, const ConvertOptions& options)
      : root_(std::move(root)), is_file_(is_file), options_(options) {}

  Naming naming() const override { return {}; }
  bool needs_size() const override { return false; }
  Result<void> begin(const Split& split) override {
    name_ = split.name;
    set_ = {.categories = split.set.categories, .pictures = {}};
    return {};
  }
  Result<void> add(const Picture& picture, Encoded& encoded) override {
    set_.pictures.push_back(picture);
    if (is_file_ || !options_.images) return {};
    return encoded.save(root_ / "images" / name_ / picture.file, options_.link);
  }
  Result<void> end() override {
    fs::path file = root_;
    if (!is_file_)
      file /= name_.empty() ? fs::path("instances.json")
                            : fs::path("annotations") / ("instances_" + name_ + ".json");
    if (!is_file_) TRY(make_folder(file.parent_path()));
    return write_coco(set_, file);
  }
  Result<void> finish() override { return {}; }

 private:
  fs::path root_;
  bool is_file_;
  const ConvertOptions& options_;
  std::string name_;
  DataSet set_;
};

/// Annotations/, JPEGImages/ and ImageSets/Main/NAME.txt.
class VocTarget final : public Target {
 public:
  VocTarget(fs::path root, const ConvertOptions& options)
      : root_(std::move(root)), options_(options) {}

  Naming naming() const override { return {.folders = false, .by_stem = true}; }
  bool needs_size() const override { return true; }
  Result<void> begin(const Split& split) override {
    list_.clear();
    name_ = split.name;
    classes_ = {.categories = split.set.categories, .pictures = {}};
    return {};
  }
  Result<void> add(const Picture& picture, Encoded& encoded) override {
    Picture written = picture;
    for (Object& object : written.objects) object.difficult |= object.crowd;
    list_ += with_extension(picture.file, "").string() + "\n";
    TRY(write_text(root_ / "Annotations" / with_extension(picture.file, ".xml"),
                   voc_text(written, classes_, "JPEGImages")));
    if (!options_.images) return {};
    return encoded.save(root_ / "JPEGImages" / picture.file, options_.link);
  }
  Result<void> end() override {
    if (name_.empty()) return {};
    return write_text(root_ / "ImageSets" / "Main" / (name_ + ".txt"), list_);
  }
  Result<void> finish() override { return make_folder(root_ / "Annotations"); }

 private:
  fs::path root_;
  const ConvertOptions& options_;
  std::string name_, list_;
  DataSet classes_;
};

/// images/ and labels/, of several splits with a folder for each; data.yaml.
class YoloTarget final : public Target {
 public:
  YoloTarget(fs::path root, const ConvertOptions& options)
      : root_(std::move(root)), options_(options) {}

  Naming naming() const override { return {.folders = true, .by_stem = true}; }
  bool needs_size() const override { return true; }
  Result<void> begin(const Split& split) override {
    name_ = split.name;
    classes_ = {.categories = split.set.categories, .pictures = {}};
    const fs::path images = fs::path("images") / name_;
    const auto same = std::ranges::find(config_.splits, split_key(), &YoloConfig::Split::name);
    if (same == config_.splits.end())
      config_.splits.push_back({.name = split_key(), .paths = {images.string()}});
    else
      same->paths.push_back(images.string());
    return make_folder(root_ / images);
  }
  Result<void> add(const Picture& picture, Encoded& encoded) override {
    Picture written = picture;
    std::erase_if(written.objects, [](const Object& object) { return object.crowd; });
    TRY(write_text(root_ / "labels" / name_ / with_extension(picture.file, ".txt"),
                   yolo_text(written, classes_)));
    if (!options_.images) return {};
    return encoded.save(root_ / "images" / name_ / picture.file, options_.link);
  }
  Result<void> end() override { return {}; }
  Result<void> finish() override {
    for (const Category& category : classes_.categories) config_.names.push_back(category.name);
    return write_text(root_ / "data.yaml", yolo_config_text(config_));
  }

 private:
  /// data.yaml knows these three.
  std::string split_key() const {
    if (name_.find("val") != std::string::npos || name_ == "dev") return "val";
    return name_.find("test") != std::string::npos ? "test" : "train";
  }

  fs::path root_;
  const ConvertOptions& options_;
  std::string name_;
  DataSet classes_;
  YoloConfig config_;
};

/// image_2/ and label_2/, of several splits in a folder for each.
class KittiTarget final : public Target {
 public:
  KittiTarget(fs::path root, const ConvertOptions& options)
      : root_(std::move(root)), options_(options) {}

  Naming naming() const override { return {.folders = false, .by_stem = true}; }
  bool needs_size() const override { return false; }
  Result<void> begin(const Split& split) override {
    name_ = split.name;
    classes_ = {.categories = split.set.categories, .pictures = {}};
    return make_folder(root_ / name_ / "label_2");
  }
  Result<void> add(const Picture& picture, Encoded& encoded) override {
    Picture written = picture;
    DataSet classes = classes_;
    constexpr int64_t kDontCare = INT64_MAX;
    classes.categories.push_back({kDontCare, "DontCare"});
    for (Object& object : written.objects)
      if (object.crowd) object.category = kDontCare;
    TRY(write_text(root_ / name_ / "label_2" / with_extension(picture.file, ".txt"),
                   kitti_text(written, classes)));
    if (!options_.images) return {};
    return encoded.save(root_ / name_ / "image_2" / picture.file, options_.link);
  }
  Result<void> end() override { return {}; }
  Result<void> finish() override { return {}; }

 private:
  fs::path root_;
  const ConvertOptions& options_;
  std::string name_;
  DataSet classes_;
};

/// NAME.record or its shards (data.record for the only split) and label_map.pbtxt.
class RecordTarget final : public Target {
 public:
  RecordTarget(fs::path root, bool is_file, const ConvertOptions& options)
      : root_(std::move(root)), is_file_(is_file), options_(options) {}

  Naming naming() const override { return {}; }
  bool needs_size() const override { return true; }
  Result<void> begin(const Split& split) override {
    classes_ = {.categories = split.set.categories, .pictures = {}};
    const fs::path file =
        is_file_ ? root_ : root_ / ((split.name.empty() ? "data" : split.name) + ".record");
    writer_.emplace(TRY(RecordWriter::create(file, {.compression = options_.compression,
                                                    .shards = options_.shards,
                                                    .records = split.set.pictures.size()})));
    return {};
  }
  Result<void> add(const Picture& picture, Encoded& encoded) override {
    const ByteView bytes = TRY(encoded.bytes());
    return writer_->write(as_bytes(picture_example(picture, classes_, bytes)));
  }
  Result<void> end() override {
    TRY(writer_->commit());
    writer_.reset();
    return {};
  }
  Result<void> finish() override {
    const fs::path map =
        is_file_ ? fs::path(root_.string() + ".label_map.pbtxt") : root_ / "label_map.pbtxt";
    return write_label_map(classes_.categories, map);
  }

 private:
  fs::path root_;
  bool is_file_;
  const ConvertOptions& options_;
  DataSet classes_;
  std::optional<RecordWriter> writer_;
};

}  // namespace

std::unique_ptr<Target> coco_target(fs::path root, bool is_file, const ConvertOptions& options) {
  return std::make_unique<CocoTarget>(std::move(root), is_file, options);
}
std::unique_ptr<Target> voc_target(fs::path root, const ConvertOptions& options) {
  return std::make_unique<VocTarget>(std::move(root), options);
}
std::unique_ptr<Target> yolo_target(fs::path root, const ConvertOptions& options) {
  return std::make_unique<YoloTarget>(std::move(root), options);
}
std::unique_ptr<Target> kitti_target(fs::path root, const ConvertOptions& options) {
  return std::make_unique<KittiTarget>(std::move(root), options);
}
std::unique_ptr<Target> record_target(fs::path root, bool is_file, const ConvertOptions& options) {
  return std::make_unique<RecordTarget>(std::move(root), is_file, options);
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Errc::io, "{}: cannot be made: {}", folder.string(), error.message());
  return {};
}

Result<void> write_text(const fs::path& path, std::string_view text) {
  TRY(make_folder(path.parent_path()));
  return write_file(path.string(), as_bytes(text));
}

Result<ByteView> Encoded::bytes() {
  if (!loaded_) loaded_ = TRY(pictures_.load(index_));
  return as_bytes(*loaded_);
}

Result<void> Encoded::save(const fs::path& path, bool link) {
  TRY(make_folder(path.parent_path()));
  const auto file = pictures_.path(index_);
  if (link && file) {
    std::error_code error;
    fs::create_hard_link(*file, path, error);
    if (!error) return {};
  }
  return write_file(path.string(), TRY(bytes()));
}

}  // namespace pasu::data::detail
