#include "train/data/label_map.h"

#include <cmath>
#include <fstream>

#include <gmock/gmock.h>

#include "train/data/text_proto.h"

namespace pasu::data {
namespace {

namespace fs = std::filesystem;

TEST(TextLexer, TokensHaveTheirPlaces) {
  TextLexer lexer("a: -1.5e3f # c\n  'x\\'y' \"z\" {0x1F}", "t");
  struct Expected {
    TextToken::Kind kind;
    const char* text;
    int line, column;
  };
  using Kind = TextToken::Kind;
  const Expected kTokens[] = {{Kind::identifier, "a", 1, 1},   {Kind::symbol, ":", 1, 2},
                              {Kind::symbol, "-", 1, 4},       {Kind::number, "1.5e3f", 1, 5},
                              {Kind::string, "'x\\'y'", 2, 3}, {Kind::string, "\"z\"", 2, 10},
                              {Kind::symbol, "{", 2, 14},      {Kind::number, "0x1F", 2, 15},
                              {Kind::symbol, "}", 2, 19},      {Kind::end, "", 2, 20},
                              {Kind::end, "", 2, 20}};
  for (const Expected& expected : kTokens) {
    EXPECT_EQ(lexer.peek().value().column, expected.column);
    const TextToken token = lexer.next().value();
    EXPECT_EQ(token.kind, expected.kind) << expected.text;
    EXPECT_EQ(token.text, expected.text);
    EXPECT_EQ(token.line, expected.line) << expected.text;
    EXPECT_EQ(token.column, expected.column) << expected.text;
  }
}

TEST(TextLexer, Values) {
  const auto text_of = [](const char* text) {
    TextLexer lexer(text, "t");
    return string_value(lexer, lexer.next().value());
  };
  EXPECT_EQ(text_of(R"('a\n\x41\101\u00e9\U0001F600\'\\')").value(),
            "a\nAA\xC3\xA9\xF0\x9F\x98\x80'\\");
  EXPECT_EQ(text_of(R"("\q")").error().message(), R"(t:1:1: unknown escape in '"\q"')");
  const auto number_of = [](const char* text) {
    TextLexer lexer(text, "t");
    return double_value(lexer, lexer.next().value());
  };
  EXPECT_EQ(number_of("1.5e3f").value(), 1500);
  EXPECT_EQ(number_of("017").value(), 15);
  EXPECT_EQ(number_of("0x1F").value(), 31);
  EXPECT_EQ(number_of(".5").value(), 0.5);
  EXPECT_EQ(number_of("5.").value(), 5);
  EXPECT_EQ(number_of("1e999").value(), HUGE_VAL);
  EXPECT_EQ(number_of("Infinity").value(), HUGE_VAL);
  EXPECT_TRUE(std::isnan(number_of("nan").value()));
  EXPECT_FALSE(number_of("'1'"));
}

TEST(TextLexer, BrokenTextHasItsPlace) {
  const std::pair<const char*, const char*> kCases[] = {
      {"\n 12ab", "t:2:2: the number 12 runs into 'a'"},
      {" 'abc\n'", "t:1:2: this string has no end on its line"},
      {"'abc\\", "t:1:1: this string has no end on its line"},
      {"\x80", "t:1:1: byte 0x80 outside a string"},
      {"0x", "t:1:1: 0x without digits"}};
  for (const auto& [text, expected] : kCases) {
    TextLexer lexer(text, "t");
    EXPECT_EQ(lexer.next().error().message(), expected);
  }
}

TEST(LabelMap, ReadsTheDialects) {
  const char* text =
      "# ours\nitem { id: 2 name: 'b' 'c' }\nitem: < name: \"a\"; id: 1, display_name: 'A' "
      "keypoints { id: 0 label: 'x' } ancestor_ids: ['p', 'q'] frequency: COMMON >\n"
      "item { name: 'background' id: 0 }\n";
  const LabelMap map = parse_label_map(text, "m").value();
  EXPECT_EQ(map.labels, (std::vector<Label>{{1, "a", "A"}, {2, "bc", ""}}));
  EXPECT_EQ(map.find("A")->id, 1);
  EXPECT_EQ(map.find("a")->id, 1);
  EXPECT_EQ(map.find("d"), nullptr);
  EXPECT_EQ(map.find(2)->name, "bc");
  EXPECT_EQ(map.categories(), (std::vector<Category>{{1, "A"}, {2, "bc"}}));
}

TEST(LabelMap, ARepeatedIdKeepsItsFirst) {
  std::vector<Finding> findings;
  const LabelMap map =
      parse_label_map("item{id:1 name:'a'}\nitem{id:1 name:'b'}", "m", &findings).value();
  EXPECT_EQ(map.labels, (std::vector<Label>{{1, "a", ""}}));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(
      findings[0].text(),
      "m: line 2: item 'b' repeats id 1 of line 1 and is left out (give it an id of its own)");
}

TEST(LabelMap, BrokenOnesAreNamed) {
  const std::pair<const char*, const char*> kCases[] = {
      {"itme { id: 1 }", "m:1:1: expected 'item', found 'itme'"},
      {"item { id: 1\n nam: 'x' }", "m:2:2: an item has no field 'nam'; did you mean 'name'?"},
      {"item { id: 1", "m:1:1: this item has no closing '}'"},
      {"item id: 1", "m:1:6: expected '{' after 'item', found 'id'"},
      {"item { id 1 }", "m:1:11: expected ':' after 'id', found '1'"},
      {"item { id: 'x' }", "m:1:12: expected a whole number, found ''x''"},
      {"item { id: -1 name: 'x' }", "m:1:13: id -1 is not in 1..2147483647"},
      {"item { id: 99999999999 name: 'x' }", "m:1:12: id 99999999999 is not in 1..2147483647"},
      {"item { id: 1 name: x }", "m:1:20: expected a string, found 'x'"},
      {"item { name: 'x' }", "m:1:1: this item has no id; ids are numbered from 1"},
      {"item { id: 1 }", "m:1:1: item 1 has no name"},
      {"item { id: 0 name: 'x' }", "m:1:1: id 0 is the background's; number 'x' from 1"},
      {"item { frequency: } }", "m:1:19: expected a value, found '}'"},
  };
  for (const auto& [text, expected] : kCases) {
    const auto map = parse_label_map(text, "m");
    ASSERT_FALSE(map) << text;
    EXPECT_EQ(map.error().message(), expected);
  }
}

TEST(LabelMap, WhatIsWrittenComesBack) {
  const fs::path path = fs::path(testing::TempDir()) / "label_map.pbtxt";
  const std::vector<Category> categories{{1, "it's"}, {3, "back\\slash\n"}, {90, "caf\xC3\xA9"}};
  ASSERT_TRUE(write_label_map(categories, path));
  EXPECT_EQ(read_label_map(path).value().categories(), categories);
  fs::remove(path);
}

TEST(LabelMap, EveryRealOneIsRead) {
  const fs::path folder = fs::path(PASU_SOURCE_DIR) / "../shared/data/tf_od/label_maps";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs ../shared/data";
  const std::pair<const char*, size_t> kCounts[] = {
      {"ava_label_map_v2.1.pbtxt", 60},
      {"face_label_map.pbtxt", 1},
      {"face_person_with_keypoints_label_map.pbtxt", 2},
      {"fgvc_2854_classes_label_map.pbtxt", 2854},
      {"kitti_label_map.pbtxt", 2},
      {"mscoco_complete_label_map.pbtxt", 90},
      {"mscoco_label_map.pbtxt", 80},
      {"oid_bbox_trainable_label_map.pbtxt", 545},
      {"oid_object_detection_challenge_500_label_map.pbtxt", 500},
      {"oid_v4_label_map.pbtxt", 601},
      {"pascal_label_map.pbtxt", 20},
      {"pet_label_map.pbtxt", 37},
      {"snapshot_serengeti_label_map.pbtxt", 48}};
  for (const auto& [name, count] : kCounts) {
    const auto map = read_label_map(folder / name);
    ASSERT_TRUE(map) << map.error().message();
    EXPECT_EQ(map->labels.size(), count) << name;
  }
  EXPECT_EQ(read_label_map(folder / "mscoco_label_map.pbtxt").value().find("person")->id, 1);
}

}  // namespace
}  // namespace pasu::data
