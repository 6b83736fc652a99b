// What every annotation format comes down to: categories, pictures, and the objects in each
// picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "geom/box.h"

namespace pasu::data {

/// [x, x + w) by [y, y + h) in the picture's pixels, origin top left. Doubles, as annotation files
/// carry them: what is read is what is written.
struct Box {
  double x = 0, y = 0, w = 0, h = 0;
  bool operator==(const Box&) const = default;
};

/// `id` as label maps and COCO number them: from 1, and not always without gaps.
struct Category {
  int64_t id = 0;
  std::string name;
  bool operator==(const Category&) const = default;
};

struct Object {
  int64_t id = 0;        ///< Of the annotation in its file; 0 where the format has none.
  int64_t category = 0;  ///< A Category::id.
  Box box;
  double area = 0;         ///< Of the segmentation where there is one (COCO), else of the box.
  bool crowd = false;      ///< COCO iscrowd, Open Images and TF OD API group_of: many in one box.
  bool difficult = false;  ///< VOC: not counted by its evaluation.
  bool truncated = false;
  int occluded = 0;  ///< KITTI: 0 visible, 1 partly, 2 largely, 3 unknown.
  /// How sure the annotation is, in (0, 1]: 1 by a person's word, less where models labelled it.
  double score = 1;
  bool operator==(const Object&) const = default;
};

struct Picture {
  int64_t id = 0;
  std::string file;  ///< As the annotation names it, relative to the folder of pictures.
  geom::Size size;   ///< 0 x 0 where the format does not say and nobody has looked.
  std::vector<Object> objects;
  /// Where the picture is from (a camera, another set's file): what whole groups are held out by.
  /// COCO's `source`; empty where nothing says.
  std::string source = {};
  bool operator==(const Picture&) const = default;
};

struct DataSet {
  std::vector<Category> categories;  ///< In order of id.
  std::vector<Picture> pictures;

  /// Null where there is none. Linear: label maps are short.
  [[nodiscard]] const Category* category(int64_t id) const;
  [[nodiscard]] const Category* category(std::string_view name) const;
};

}  // namespace pasu::data
