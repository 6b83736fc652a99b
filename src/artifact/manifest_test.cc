#include "artifact/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::artifact {
namespace {

using ::testing::HasSubstr;

constexpr const char* kHash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The least a manifest may say; each test breaks one thing.
std::string text(
    const std::string& head = "family = \"yolox\"\nlabels = [\"person\"]\n",
    const std::string& outputs = "[[output]]\nrole = \"predictions\"\nname = \"out\"\n",
    const std::string& rest = "") {
  return "format = 1\nname = \"m\"\n" + head + outputs +
         "[[variant]]\nfile = \"m.onnx\"\nwidth = 416\nheight = 256\n" + rest +
         "[[file]]\npath = \"m.onnx\"\nsha256 = \"" + kHash + "\"\n";
}

std::string refusal(const std::string& manifest) {
  const auto parsed = parse_manifest(manifest, "m.toml");
  EXPECT_FALSE(parsed) << manifest;
  return parsed ? "" : parsed.error().message();
}

std::string replaced(std::string all, const std::string& from, const std::string& to) {
  const size_t at = all.find(from);
  EXPECT_NE(at, all.npos) << from;
  return at == all.npos ? all : all.replace(at, from.size(), to);
}

TEST(Manifest, TheLeastHasDefaults) {
  const auto m = parse_manifest(text(), "m.toml");
  ASSERT_TRUE(m) << m.error().message();
  EXPECT_EQ(m->family, Family::yolox);
  EXPECT_EQ(m->input.layout, Layout::nchw);
  EXPECT_EQ(m->input.color, ColorOrder::rgb);
  EXPECT_EQ(m->input.resize, Resize::letterbox);
  EXPECT_EQ(m->input.scale, (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(m->nms.iou, 0.5f);
  ASSERT_EQ(m->variants.size(), 1u);
  EXPECT_EQ(m->variants[0].name, "416x256");
  EXPECT_EQ(m->variants[0].threshold, 0.5f);
  EXPECT_EQ(m->output("predictions")->name, "out");
  EXPECT_EQ(m->output("boxes"), nullptr);
}

struct Case {
  const char* name;
  std::string manifest;
  const char* message;
};

class ManifestErrors : public ::testing::TestWithParam<Case> {};

TEST_P(ManifestErrors, NameFileLineKeyAndRemedy) {
  EXPECT_THAT(refusal(GetParam().manifest), HasSubstr(GetParam().message));
}

const std::string kHead = "family = \"yolox\"\nlabels = [\"person\"]\n";
const std::string kOut = "[[output]]\nrole = \"predictions\"\nname = \"out\"\n";

INSTANTIATE_TEST_SUITE_P(
    All, ManifestErrors,
    ::testing::Values(
        Case{"empty", "", "format: is missing: 1. Is this a model's manifest?"},
        Case{"no_toml", "format = ", "m.toml:1:"},
        Case{"another_format", replaced(text(), "format = 1", "format = 2"),
             "m.toml: format: this program reads format 1, found 2"},
        Case{"no_name", replaced(text(), "name = \"m\"\n", ""), "name: is missing"},
        Case{"no_family", replaced(text(), "family = \"yolox\"\n", ""),
             "family: is missing: one of anchor_free_grid, ssd_detection_output"},
        Case{"family_mistyped", replaced(text(), "\"yolox\"", "\"yolo\""),
             "m.toml:3: family: expected one of anchor_free_grid, ssd_detection_output, tfod_raw, "
             "tfod_nms, yolox, fastestdet, boxes_labels; found 'yolo'; did you mean 'yolox'?"},
        Case{"unknown_key", text(kHead + "lables = [\"x\"]\n"),
             "m.toml:5: lables: unknown key; did you mean 'labels'?"},
        Case{"no_labels", text("family = \"yolox\"\n"), "labels: is missing"},
        Case{"label_twice", text("family = \"yolox\"\nlabels = [\"a\", \"a\"]\n"),
             "m.toml:4: labels: 'a' stands twice"},
        Case{"label_empty", text("family = \"yolox\"\nlabels = [\"\"]\n"),
             "labels: an empty label"},
        Case{"labels_and_file", text(kHead + "labels_file = \"l.txt\"\n"),
             "labels_file: is given, and so is labels"},
        Case{"layout", text(kHead, kOut, "[input]\nlayout = \"hwc\"\n"),
             "input.layout: expected one of nchw, nhwc; found 'hwc'"},
        Case{"two_means", text(kHead, kOut, "[input]\nmean = [1, 2]\n"),
             "input.mean: expected 3 numbers, found 2"},
        Case{"scale_zero", text(kHead, kOut, "[input]\nscale = [1, 0, 1]\n"),
             "input.scale: 0 is not above 0"},
        Case{"scale_nan", text(kHead, kOut, "[input]\nscale = [1, nan, 1]\n"), "is not above 0"},
        Case{"mean_inf", text(kHead, kOut, "[input]\nmean = [inf, 0, 0]\n"), "is no pixel value"},
        Case{"no_output", text(kHead, ""),
             "output: family yolox needs [[output]] with role \"predictions\""},
        Case{"role", text(kHead, "[[output]]\nrole = \"boxes\"\nname = \"o\"\n"),
             "output.role: 'boxes' is not an output of family yolox; expected \"predictions\""},
        Case{"role_twice", text(kHead, kOut + kOut), "output.role: a second output 'predictions'"},
        Case{"output_unnamed", text(kHead, "[[output]]\nrole = \"predictions\"\n"),
             "output.name: is missing"},
        Case{"grid_without_stride",
             text("family = \"anchor_free_grid\"\nlabels = [\"a\"]\n",
                  "[[output]]\nrole = \"grid\"\nname = \"o\"\n"),
             "output.stride: is missing: input pixels per cell"},
        Case{"strides", text(kHead, kOut, "[decode]\nstrides = [8, 16.5]\n"),
             "decode.strides: 16.5 is not a whole number in 1..1024"},
        Case{"iou", text(kHead, kOut, "[nms]\niou = 1.5\n"), "nms.iou: 1.5 is not between 0 and 1"},
        Case{"no_variant", "format = 1\nname = \"m\"\n" + kHead + kOut,
             "variant: is missing: [[variant]] with file"},
        Case{"no_width", replaced(text(), "width = 416\n", ""), "variant.width: is missing"},
        Case{"width_0", replaced(text(), "width = 416", "width = 0"),
             "variant.width: 0 is not between 1 and 8192"},
        Case{"threshold", text(kHead, kOut, "threshold = nan\n"), "variant.threshold: nan is not"},
        Case{"variant_twice",
             text(kHead, kOut, "[[variant]]\nfile = \"m.onnx\"\nwidth = 416\nheight = 256\n"),
             "variant.name: a second variant '416x256'"},
        Case{"path_outside", replaced(text(), "file = \"m.onnx\"", "file = \"../m.onnx\""),
             "variant.file: '../m.onnx' is not a path inside the package"},
        Case{"path_absolute", replaced(text(), "path = \"m.onnx\"", "path = \"/etc/passwd\""),
             "file.path: '/etc/passwd' is not a path inside the package"},
        Case{"path_dots_within", replaced(text(), "file = \"m.onnx\"", "file = \"a/../../m\""),
             "is not a path inside the package"},
        Case{"sha_short", replaced(text(), kHash, "abc"), "file.sha256: expected 64 hexadecimal"},
        Case{"sha_missing", replaced(text(), "path = \"m.onnx\"", "path = \"n.onnx\""),
             "file: no [[file]] with the sha256 of 'm.onnx'"},
        Case{"bin_unlisted", replaced(replaced(text(), "m.onnx", "m.xml"), "m.onnx", "m.xml"),
             "file: no [[file]] with the sha256 of 'm.bin'"},
        Case{"file_twice",
             text(kHead, kOut,
                  std::string("[[file]]\npath = \"m.onnx\"\nsha256 = \"") + kHash + "\"\n"),
             "file.path: 'm.onnx' is listed twice"}),
    [](const auto& entry) { return entry.param.name; });

Manifest full() {
  Manifest m;
  m.name = "street \"north\"";
  m.version = "1.2";
  m.description = "tab\there, line\nthere, 사람";
  m.family = Family::anchor_free_grid;
  m.labels = {"person", "사람", "a\\b"};
  m.label_first = 1;
  m.input = {
      "image",        Layout::nhwc,   ElementType::u8, ColorOrder::bgr, {103.53, 116.28, 123.675},
      {57.375, 1, 2}, Resize::stretch};
  m.outputs = {{"grid", "s8", 8}, {"grid", "s16", 16}};
  m.decode = {BoxCoding::ltrb, ScoreCoding::probability, 3.5, {}};
  m.nms = {0.45f, 200, 50, false, 20};
  m.variants = {{"a", "x/m.xml", {320, 192}, "int8", 0.375f},
                {"b", "m.onnx", {640, 384}, "f32", 0.1f}};
  m.files = {{"x/m.xml", kHash}, {"x/m.bin", kHash}, {"m.onnx", kHash}};
  m.provenance = {"somewhere", "Apache-2.0", "2026-11-25", "a note"};
  return m;
}

TEST(ManifestRoundTrip, EverythingComesBack) {
  const Manifest m = full();
  const auto back = parse_manifest(write_manifest(m), "m.toml");
  ASSERT_TRUE(back) << back.error().message() << write_manifest(m);
  EXPECT_EQ(back->name, m.name);
  EXPECT_EQ(back->version, m.version);
  EXPECT_EQ(back->description, m.description);
  EXPECT_EQ(back->family, m.family);
  EXPECT_EQ(back->labels, m.labels);
  EXPECT_EQ(back->label_first, m.label_first);
  EXPECT_EQ(back->input.name, m.input.name);
  EXPECT_EQ(back->input.layout, m.input.layout);
  EXPECT_EQ(back->input.type, m.input.type);
  EXPECT_EQ(back->input.color, m.input.color);
  EXPECT_EQ(back->input.mean, m.input.mean);
  EXPECT_EQ(back->input.scale, m.input.scale);
  EXPECT_EQ(back->input.resize, m.input.resize);
  ASSERT_EQ(back->outputs.size(), 2u);
  EXPECT_EQ(back->outputs[1].name, "s16");
  EXPECT_EQ(back->outputs[1].stride, 16);
  EXPECT_EQ(back->decode.boxes, m.decode.boxes);
  EXPECT_EQ(back->decode.scores, m.decode.scores);
  EXPECT_EQ(back->decode.exp_clamp, m.decode.exp_clamp);
  EXPECT_EQ(back->nms, m.nms);
  ASSERT_EQ(back->variants.size(), 2u);
  EXPECT_EQ(back->variants[1].file, "m.onnx");
  EXPECT_EQ(back->variants[1].input, m.variants[1].input);
  EXPECT_EQ(back->variants[1].precision, "f32");
  EXPECT_EQ(back->variants[1].threshold, 0.1f);
  ASSERT_EQ(back->files.size(), 3u);
  EXPECT_EQ(back->files[1].path, "x/m.bin");
  EXPECT_EQ(back->provenance.note, m.provenance.note);
  EXPECT_EQ(write_manifest(*back), write_manifest(m));
}

TEST(ManifestRoundTrip, YoloxStridesAndLabelsFile) {
  Manifest m = parse_manifest(text(), "m.toml").value();
  m.decode.strides = {8, 16, 32};
  m.labels_file = "labels.txt";
  const auto back = parse_manifest(write_manifest(m), "m.toml");
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->decode.strides, m.decode.strides);
  EXPECT_EQ(back->labels_file, "labels.txt");
  EXPECT_TRUE(back->labels.empty());
}

TEST(Labels, OneALine) {
  EXPECT_EQ(parse_labels("# COCO\nperson\r\n\ntraffic light  \nlast", "l.txt").value(),
            (std::vector<std::string>{"person", "traffic light", "last"}));
  for (const auto& [given, message] : {std::pair("\n# nothing\n", "l.txt: no labels in it"),
                                       {"a\nb\na\n", "l.txt: 'a' stands twice"},
                                       {"a\nb\001\n", "l.txt: a control character in a label"}}) {
    const auto labels = parse_labels(given, "l.txt");
    ASSERT_FALSE(labels);
    EXPECT_THAT(labels.error().message(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace pasu::artifact
