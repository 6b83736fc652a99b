// One format's way of being written. Driven by convert(): splits one after another, pictures in
// order, and finish() at the end.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "train/data/convert.h"

namespace pasu::data::detail {

/// A picture's file, read only where it is needed.
class Encoded {
 public:
  Encoded(Pictures& pictures, size_t index) : pictures_(pictures), index_(index) {}
  [[nodiscard]] Result<ByteView> bytes();
  /// Copies, or links, the file to `path`, whose folder is made.
  [[nodiscard]] Result<void> save(const std::filesystem::path& path, bool link);

 private:
  Pictures& pictures_;
  size_t index_;
  std::optional<std::string> loaded_;
};

class Target {
 public:
  virtual ~Target() = default;
  /// How pictures' names may look: "a/b.jpg" or "a_b.jpg"; unique with or without extension.
  struct Naming {
    bool folders = true;
    bool by_stem = false;
  };
  [[nodiscard]] virtual Naming naming() const = 0;
  /// Pictures must have a size.
  [[nodiscard]] virtual bool needs_size() const = 0;
  [[nodiscard]] virtual Result<void> begin(const Split& split) = 0;
  /// `picture` has its final name.
  [[nodiscard]] virtual Result<void> add(const Picture& picture, Encoded& encoded) = 0;
  [[nodiscard]] virtual Result<void> end() = 0;
  [[nodiscard]] virtual Result<void> finish() = 0;
};

/// `root` is the folder being made, or the file.
[[nodiscard]] std::unique_ptr<Target> coco_target(std::filesystem::path root, bool is_file,
                                                  const ConvertOptions& options);
[[nodiscard]] std::unique_ptr<Target> voc_target(std::filesystem::path root,
                                                 const ConvertOptions& options);
[[nodiscard]] std::unique_ptr<Target> yolo_target(std::filesystem::path root,
                                                  const ConvertOptions& options);
[[nodiscard]] std::unique_ptr<Target> kitti_target(std::filesystem::path root,
                                                   const ConvertOptions& options);
[[nodiscard]] std::unique_ptr<Target> record_target(std::filesystem::path root, bool is_file,
                                                    const ConvertOptions& options);

/// Text under `path`, whose folder is made.
[[nodiscard]] Result<void> write_text(const std::filesystem::path& path, std::string_view text);
[[nodiscard]] Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace pasu::data::detail
