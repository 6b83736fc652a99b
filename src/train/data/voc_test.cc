#include "train/data/voc.h"

#include <fstream>

#include <gmock/gmock.h>

#include "train/data/xml_reader.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kReal = R"(<?xml version="1.0"?>
<!-- by hand -->
<annotation verified="no">
  <folder>VOC2012</folder><filename>a &amp; b&#x2e;jpg</filename>
  <size><width>500</width><height>281</height><depth>3</depth></size>
  <object><name>person</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
    <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>500</xmax><ymax>281</ymax></bndbox>
    <part><name>head</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></part>
  </object>
  <object><bndbox><ymin>20.5</ymin><xmin>10</xmin><xmax>10</xmax><ymax>30</ymax></bndbox>
    <name><![CDATA[dog]]></name><difficult>1</difficult><truncated/></object>
</annotation>
)";

TEST(Voc, PixelsFrom1AreBothInside) {
  const VocPicture read = parse_voc(kReal, "a.xml", VocCorners::pixels_from_1).value();
  EXPECT_EQ(read.picture.file, "a & b.jpg");
  EXPECT_EQ(read.picture.size, (geom::Size{500, 281}));
  EXPECT_EQ(read.names, (std::vector<std::string>{"person", "dog"}));
  ASSERT_EQ(read.picture.objects.size(), 2u);
  EXPECT_EQ(read.picture.objects[0].box, (Box{0, 0, 500, 281}));
  EXPECT_TRUE(read.picture.objects[0].truncated);
  EXPECT_FALSE(read.picture.objects[0].difficult);
  EXPECT_EQ(read.picture.objects[1].box, (Box{9, 19.5, 1, 10.5}));
  EXPECT_TRUE(read.picture.objects[1].difficult);
  EXPECT_FALSE(read.picture.objects[1].truncated);
  EXPECT_EQ(read.picture.objects[1].category, 1);
  const VocPicture edges = parse_voc(kReal, "a.xml", VocCorners::edges_from_0).value();
  EXPECT_EQ(edges.picture.objects[0].box, (Box{1, 1, 499, 280}));
}

TEST(Voc, WhatIsWrittenComesBack) {
  DataSet set{.categories = {{1, "a<b"}, {2, "caf\xC3\xA9"}}, .pictures = {}};
  Picture picture{.id = 1, .file = "x & y.png", .size = {640, 480}, .objects = {}};
  picture.objects.push_back(
      {.category = 2, .box = {0, 0, 640, 480}, .area = 307200, .difficult = true});
  picture.objects.push_back(
      {.category = 1, .box = {3.25, 4, 1.5, 2}, .area = 3, .truncated = true, .occluded = 1});
  picture.objects.push_back({.category = 1, .box = {3.0000004, 4.9999999, 10, 20}, .area = 200});
  const std::string text = voc_text(picture, set, "images");
  const VocPicture read = parse_voc(text, "x.xml", VocCorners::pixels_from_1).value();
  ASSERT_EQ(read.picture.objects.size(), 3u);
  EXPECT_EQ(read.picture.file, picture.file);
  EXPECT_EQ(read.picture.objects[0].box, picture.objects[0].box);
  EXPECT_EQ(read.picture.objects[1].box, picture.objects[1].box);
  EXPECT_EQ(read.picture.objects[2].box, (Box{3, 5, 10, 20}));
  EXPECT_TRUE(read.picture.objects[0].difficult);
  EXPECT_TRUE(read.picture.objects[1].truncated);
  EXPECT_EQ(read.picture.objects[1].occluded, 1);
  EXPECT_EQ(read.names, (std::vector<std::string>{"caf\xC3\xA9", "a<b"}));
}

TEST(Voc, BrokenFilesAreNamed) {
  const std::pair<std::string, const char*> kCases[] = {
      {"", "a.xml: line 1: holds no tag"},
      {"hello", "a.xml: line 1: text before the first tag: is this XML?"},
      {"<annotation>\n<object>", "a.xml: line 2: the text ends within <object>"},
      {"<annotation></object>", "a.xml: line 1: </object> closes <annotation>"},
      {"<x/>", "a.xml: line 1: expected <annotation>, found <x>"},
      {"<annotation/><annotation/>", "a.xml: line 1: <annotation> after the document's end"},
      {"<!DOCTYPE a [<!ENTITY b \"c\">]><annotation/>", "a.xml: line 1: a DOCTYPE or the like"},
      {"<annotation><filename>&b;</filename></annotation>", "unknown entity '&b;'"},
      {"<annotation><filename>a & b</filename></annotation>", "'&' begins no entity"},
      {"<annotation><size><width>x</width></size></annotation>", "<width>: 'x' is no number"},
      {"<annotation><size><width>-1</width></size></annotation>",
       "<width> -1: no picture has that"},
      {"<annotation>\n<object><bndbox/></object></annotation>",
       "a.xml: line 2: an object without <name> (name its class)"},
      {"<annotation><object><name>a</name><bndbox><xmin>1</xmin></bndbox></object></annotation>",
       "object 'a' has no <bndbox> with xmin, ymin, xmax, ymax"},
      {"<annotation><object><name>a</name><bndbox><xmin>nan</xmin><ymin>1</ymin><xmax>2</xmax>"
       "<ymax>2</ymax></bndbox></object></annotation>",
       "object 'a': box nan, 1, 2, 2 is not finite"},
      {"<annotation a='", "an attribute's value has no end"},
      {"<annotation><!-- ", "a comment has no end"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto read = parse_voc(text, "a.xml", VocCorners::pixels_from_1);
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().message(), HasSubstr(expected)) << text;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  XmlReader xml(deep);
  Result<XmlEvent> event = xml.next();
  while (event) event = xml.next();
  EXPECT_EQ(event.error().code(), Errc::too_large);
}

TEST(Voc, ABadObjectIsAFinding) {
  std::vector<Finding> findings;
  const auto read = parse_voc(
      "<annotation><object><name>a</name></object><object><name>a</name><bndbox><xmin>1</xmin>"
      "<ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></object><filename>p.jpg</filename>"
      "</annotation>",
      "a.xml", VocCorners::pixels_from_1, {.findings = &findings});
  EXPECT_EQ(read.value().picture.objects.size(), 1u);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].picture, "p.jpg");
  EXPECT_EQ(findings[0].place, "line 1");
}

TEST(Voc, ClassesAreNumberedByName) {
  const fs::path folder = fs::path(testing::TempDir()) / "pasu_voc";
  fs::create_directories(folder);
  std::ofstream(folder / "a.xml") << kReal;
  std::ofstream(folder / "b.xml") << "<annotation></annotation>";
  const DataSet set =
      read_voc({folder / "a.xml", folder / "b.xml"}, VocCorners::pixels_from_1).value();
  EXPECT_EQ(set.categories, (std::vector<Category>{{1, "dog"}, {2, "person"}}));
  EXPECT_EQ(set.pictures[0].objects[0].category, 2);
  EXPECT_EQ(set.pictures[1].file, "b.jpg");
  EXPECT_EQ(set.pictures[1].id, 2);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace pasu::data
