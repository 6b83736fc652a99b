// Pictures for tests: a red rectangle on blue, and where it lies.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "av/encoder.h"
#include "base/part_file.h"
#include "media/new_frame.h"
#include "train/data/coco.h"

namespace pasu::train {

/// `box` is red, the rest blue.
inline media::Frame red_on_blue(geom::Size size, const data::Box& box) {
  media::NewFrame out = media::new_frame(media::PixelFormat::rgb24, size.width, size.height);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      uint8_t* p = out.planes[0] + std::ptrdiff_t{y} * out.frame.planes[0].stride + x * 3;
      const bool inside = x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h;
      p[0] = inside ? 230 : 20;
      p[1] = 20;
      p[2] = inside ? 20 : 230;
    }
  return std::move(out.frame);
}

/// A COCO folder with a picture a box, each of an own `source`; an empty box (w 0) is none.
inline std::string red_set(const std::string& name, geom::Size size,
                           const std::vector<data::Box>& boxes) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("pasu_load_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "images");
  data::DataSet set{.categories = {{1, "person"}}, .pictures = {}};
  for (size_t i = 0; i < boxes.size(); ++i) {
    data::Picture picture{.id = static_cast<int64_t>(i + 1),
                          .file = std::to_string(i) + ".jpg",
                          .size = size,
                          .objects = {},
                          .source = "camera_" + std::to_string(i)};
    if (boxes[i].w > 0)
      picture.objects.push_back({.id = static_cast<int64_t>(i + 1),
                                 .category = 1,
                                 .box = boxes[i],
                                 .area = boxes[i].w * boxes[i].h});
    const Bytes jpeg = av::encode_jpeg(red_on_blue(size, boxes[i]), 98).value();
    EXPECT_TRUE(write_file((folder / "images" / picture.file).string(), jpeg));
    set.pictures.push_back(std::move(picture));
  }
  EXPECT_TRUE(data::write_coco(set, folder / "instances.json"));
  return folder.string();
}

}  // namespace pasu::train
