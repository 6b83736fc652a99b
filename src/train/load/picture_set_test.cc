#include "train/load/picture_set.h"

#include <fstream>

#include <gmock/gmock.h>

#include "pixel/letterbox.h"
#include "train/load/detail/own_frame.h"
#include "train/load/test_pictures.h"

namespace pasu::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Part = PictureSetOptions::Part;

const std::vector<data::Box> kBoxes = {{20, 30, 20, 40}, {50, 10, 16, 60}, {0, 0, 0, 0}};

std::vector<std::string> names(const PictureSet& set) {
  std::vector<std::string> out;
  for (size_t i = 0; i < set.size(); ++i) out.push_back(set.name(i));
  return out;
}

TEST(PictureSet, HoldsOutWholeSources) {
  PictureSetOptions options;
  SetOptions street;
  street.path = red_set("hold", {96, 80}, kBoxes);
  street.name = "street";
  options.sets = {street};
  options.hold_out = {"street/camera_[12]"};
  options.part = Part::kept;
  EXPECT_THAT(names(*PictureSet::open(options).value()), ElementsAre("street/0.jpg"));
  options.part = Part::held_out;
  EXPECT_THAT(names(*PictureSet::open(options).value()),
              ElementsAre("street/1.jpg", "street/2.jpg"));
  options.part = Part::all;
  EXPECT_EQ(PictureSet::open(options).value()->size(), 3u);
  options.hold_out = {"street/camera_9"};
  EXPECT_THAT(PictureSet::open(options).error().message(),
              HasSubstr("hold out 'street/camera_9': no picture is of that source"));
  options.hold_out = {"*"};
  options.part = Part::kept;
  EXPECT_THAT(PictureSet::open(options).error().message(),
              HasSubstr("all 3 pictures are held out"));
}

TEST(PictureSet, WhatIsNoSetIsSaidSo) {
  EXPECT_THAT(PictureSet::open({}).error().message(), HasSubstr("no picture in no data set"));
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set("empty", {96, 80}, {});
  options.sets = {set};
  EXPECT_THAT(PictureSet::open(options).error().message(), HasSubstr("no picture in"));
  options.sets[0].path = red_set("classes", {96, 80}, kBoxes);
  options.classes = {"raccoon"};
  EXPECT_THAT(PictureSet::open(options).error().message(), HasSubstr("has the class 'raccoon'"));
  options.classes.clear();
  options.sets[0].split = "val";
  EXPECT_THAT(PictureSet::open(options).error().message(), HasSubstr("has no split 'val'"));
}

TEST(PictureSet, PlainIsWhatTheServerShows) {
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set("plain", {97, 81}, kBoxes);
  options.sets = {set};
  const auto pictures = PictureSet::open(options).value();
  const geom::Size input{64, 96};
  const PlainSample plain = pictures->plain(0, input).value();
  const auto decoded = pictures->decode(0).value();
  std::vector<uint8_t> served(64 * 96 * 3);
  const auto box = geom::Letterbox::fit({97, 81}, input);
  pixel::letterbox_u8(decoded->frame, box, pixel::ChannelOrder::rgb, served.data());
  EXPECT_EQ(plain.sample.rgb, served);
  ASSERT_EQ(plain.sample.truths.size(), 1u);
  const Truth& truth = plain.sample.truths[0];
  const geom::Box back =
      box.to_source(geom::Box::from_corners(truth.x1, truth.y1, truth.x2, truth.y2));
  EXPECT_NEAR(back.x, 20, 1e-3);
  EXPECT_NEAR(back.y, 30, 1e-3);
  EXPECT_NEAR(back.w, 20, 1e-3);
  EXPECT_NEAR(back.h, 40, 1e-3);
}

TEST(PictureSet, LargePicturesAreScaledOnceAndKept) {
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set("large", {200, 100}, {{50, 20, 40, 60}});
  options.sets = {set};
  options.side_max = 64;
  const auto pictures = PictureSet::open(options).value();
  const auto decoded = pictures->decode(0).value();
  EXPECT_EQ(decoded->frame.width, 64);
  EXPECT_EQ(decoded->frame.height, 32);
  EXPECT_FLOAT_EQ(decoded->scale_x, 0.32f);
  EXPECT_EQ(pictures->decode(0).value(), decoded);
  EXPECT_EQ(pictures->counts().decoded, 1u);
  EXPECT_EQ(pictures->counts().from_cache, 1u);
  const Truth truth = pictures->plain(0, {100, 50}).value().sample.truths.at(0);
  EXPECT_NEAR(truth.x1, 25, 1e-3);
  EXPECT_NEAR(truth.y2, 40, 1e-3);

  options.cache_bytes_max = 0;
  const auto uncached = PictureSet::open(options).value();
  (void)uncached->decode(0);
  (void)uncached->decode(0);
  EXPECT_EQ(uncached->counts().decoded, 2u);
  EXPECT_EQ(uncached->counts().cache_bytes, 0u);
}

TEST(PictureSet, PicturesAreTurnedWhereTheirBoxesAre) {
  media::Frame frame = red_on_blue({40, 20}, {0, 0, 8, 6});
  const auto is_red = [](const media::Frame& f, int x, int y) {
    return f.planes[0].data[std::ptrdiff_t{y} * f.planes[0].stride + x * 3] > 200;
  };
  frame.rotation = 90;
  const auto turned = detail::own_frame(frame, {20, 40}, 1024);
  ASSERT_EQ(turned.frame.width, 20);
  ASSERT_EQ(turned.frame.height, 40);
  EXPECT_TRUE(is_red(turned.frame, 19, 0) && is_red(turned.frame, 14, 7));
  EXPECT_FALSE(is_red(turned.frame, 13, 0) || is_red(turned.frame, 19, 8));
  EXPECT_EQ(turned.scale_x, 1);
  frame.rotation = -90;
  const auto back = detail::own_frame(frame, {20, 40}, 1024);
  EXPECT_TRUE(is_red(back.frame, 0, 39) && is_red(back.frame, 5, 32));
  const auto as_stored = detail::own_frame(frame, {40, 20}, 1024);
  EXPECT_EQ(as_stored.frame.width, 40);
  EXPECT_TRUE(is_red(as_stored.frame, 0, 0));
}

TEST(PictureSet, APictureThatDoesNotDecodeIsNamed) {
  PictureSetOptions options;
  SetOptions set;
  set.path = red_set("damaged", {96, 80}, kBoxes);
  std::ofstream(set.path + "/images/1.jpg") << "no picture";
  options.sets = {set};
  const auto pictures = PictureSet::open(options).value();
  EXPECT_TRUE(pictures->decode(0));
  EXPECT_THAT(pictures->decode(1).error().message(), HasSubstr("pasu_load_damaged/1.jpg: "));
  EXPECT_FALSE(pictures->decode(1));
  EXPECT_EQ(pictures->counts().failed, 1u);
  EXPECT_EQ(pictures->failures().size(), 1u);
}

}  // namespace
}  // namespace pasu::train
