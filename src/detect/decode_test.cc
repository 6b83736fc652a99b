// Every family's decoder on small tensors made by hand: the numbers beside each follow from the
// family's rule at the head of its file.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/detail/decoder.h"

namespace pasu::detect::detail {
namespace {

using artifact::Family;
using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// A network's outputs, and the manifest that speaks of them.
struct Net {
  artifact::Manifest manifest;
  geom::Size input{64, 32};
  std::vector<std::vector<int64_t>> shapes;  // As declared.
  std::vector<std::vector<float>> data;
  std::vector<std::vector<int64_t>> came;  // As they came out; empty: as declared.

  Net(Family family, std::vector<std::string> labels, std::vector<artifact::OutputSpec> outputs) {
    manifest.path = "m.toml";
    manifest.family = family;
    manifest.labels = std::move(labels);
    manifest.outputs = std::move(outputs);
  }

  Result<std::unique_ptr<Decoder>> make() const {
    std::vector<TensorInfo> infos;
    for (size_t i = 0; i < shapes.size(); ++i)
      infos.push_back({manifest.outputs[i].name, shapes[i]});
    return make_decoder(manifest, input, infos);
  }

  std::vector<geom::Detection> decode(float score_min, int image = 0) const {
    auto decoder = make();
    EXPECT_TRUE(decoder) << decoder.error().message();
    if (!decoder) return {};
    std::vector<Tensor> tensors;
    for (size_t i = 0; i < data.size(); ++i)
      tensors.push_back({data[i].data(), came.empty() ? shapes[i] : came[i]});
    std::vector<geom::Detection> out;
    (*decoder)->decode(tensors, image, score_min, out);
    return out;
  }

  std::string refusal() const {
    const auto decoder = make();
    EXPECT_FALSE(decoder);
    return decoder ? "" : decoder.error().message();
  }
};

void expect_box(const geom::Detection& d, float x, float y, float w, float h, float score,
                int label) {
  EXPECT_NEAR(d.box.x, x, 1e-3);
  EXPECT_NEAR(d.box.y, y, 1e-3);
  EXPECT_NEAR(d.box.w, w, 1e-3);
  EXPECT_NEAR(d.box.h, h, 1e-3);
  EXPECT_NEAR(d.score, score, 1e-5);
  EXPECT_EQ(d.label, label);
}

/// A 64x32 input at stride 16: 4 x 2 cells, two labels.
Net grid_net() {
  Net net(Family::anchor_free_grid, {"person", "bike"}, {{"grid", "s16", 16}});
  net.shapes = {{1, 6, 2, 4}};
  net.data = {std::vector<float>(6 * 8, 0.f)};
  for (int i = 0; i < 16; ++i) net.data[0][i] = -10;
  return net;
}

TEST(GridDecoder, CellScoreAndDistances) {
  Net net = grid_net();
  net.data[0][8 + 6] = 0;                   // bike, cell (row 1, column 2), logit 0
  net.data[0][3 * 8 + 6] = std::log(0.5f);  // top: half a stride
  net.data[0][5 * 8 + 6] = 100;             // bottom: clamped to e^4 strides
  const auto found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 1u);
  // Centre (2.5, 1.5) * 16 = (40, 24); left and right e^0 = 1 stride.
  expect_box(found[0], 24, 16, 32, 8 + 16 * std::exp(4.f), 0.5f, 1);
}

TEST(GridDecoder, PlainDistancesAndProbabilities) {
  Net net = grid_net();
  net.manifest.decode.boxes = artifact::BoxCoding::ltrb;
  net.manifest.decode.scores = artifact::ScoreCoding::probability;
  net.data[0][0] = 0.75f;
  net.data[0][2 * 8] = 0.25f;
  net.data[0][3 * 8] = -3;  // A distance below nothing is nothing.
  net.data[0][4 * 8] = 1;
  net.data[0][5 * 8] = 2;
  const auto found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 4, 8, 20, 32, 0.75f, 0);
}

TEST(GridDecoder, SecondPictureOfABatch) {
  Net net = grid_net();
  net.shapes = {{2, 6, 2, 4}};
  const auto first = net.data[0];
  net.data[0].insert(net.data[0].end(), first.begin(), first.end());
  net.data[0][48] = 3;
  EXPECT_TRUE(net.decode(0.5f, 0).empty());
  const auto found = net.decode(0.5f, 1);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], -8, -8, 32, 32, 1 / (1 + std::exp(-3.f)), 0);
}

TEST(GridDecoder, PassesOverNan) {
  Net net = grid_net();
  net.data[0][0] = kNan;  // A score.
  net.data[0][1] = 5;
  net.data[0][2 * 8 + 1] = kNan;  // A distance of a cell that scores.
  net.data[0][2] = kInf;          // Certain: a score of 1.
  const auto found = net.decode(0.1f);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 24, -8, 32, 32, 1, 0);
}

TEST(GridDecoder, RefusesWhatDoesNotFit) {
  Net net = grid_net();
  net.shapes = {{1, 5, 2, 4}};
  EXPECT_EQ(net.refusal(),
            "m.toml: output 's16' (grid): expected [?, 6, 2, 4], 2 label(s) + 4 distances for each "
            "cell of stride 16; the network gives [1, 5, 2, 4]");
  net.shapes = {{1, 6, -1, -1}};  // What is read by its size must be known.
  EXPECT_THAT(net.refusal(), HasSubstr("the network gives [1, 6, ?, ?]"));
  net.input = {60, 32};
  EXPECT_THAT(net.refusal(), HasSubstr("the input 60x32 is no multiple of stride 16"));
}

Net ssd_net(std::vector<float> tuples) {
  Net net(Family::ssd_detection_output, {"vehicle", "person"}, {{"detections", "out", 0}});
  net.shapes = {{1, 1, static_cast<int64_t>(tuples.size() / 7), 7}};
  net.data = {std::move(tuples)};
  return net;
}

TEST(SsdDecoder, Tuples) {
  const Net net = ssd_net({0,  1,     0.9f, 0.25f, 0.5f, 0.5f, 1,     //
                           0,  0,     0.2f, 0,     0,    1,    1,     // Below the threshold.
                           1,  0,     0.8f, 0,     0,    0.5f, 0.5f,  // The next picture's.
                           0,  2,     0.9f, 0,     0,    1,    1,     // No such label.
                           0,  kNan,  0.9f, 0,     0,    1,    1,     //
                           0,  1e30f, 0.9f, 0,     0,    1,    1,     //
                           0,  1,     kNan, 0,     0,    1,    1,     //
                           0,  1,     0.9f, kNan,  0,    1,    1,     //
                           0,  1,     0.9f, 1,     1,    0,    0,     // Inside out.
                           -1, 0,     0,    0,     0,    0,    0,     // The end.
                           0,  1,     0.9f, 0,     0,    1,    1});
  auto found = net.decode(0.5f, 0);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 16, 16, 16, 16, 0.9f, 1);
  found = net.decode(0.5f, 1);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 0, 0, 32, 16, 0.8f, 0);
}

TEST(SsdDecoder, LabelFirst) {
  Net net = ssd_net({0, 1, 0.9f, 0, 0, 1, 1});
  net.manifest.label_first = 1;
  ASSERT_EQ(net.decode(0.5f).size(), 1u);
  EXPECT_EQ(net.decode(0.5f)[0].label, 0);
}

Net tfod_raw_net() {
  Net net(Family::tfod_raw, {"person"}, {{"boxes", "b", 0}, {"scores", "s", 0}});
  net.manifest.label_first = 1;
  net.shapes = {{1, 2, 4}, {1, 2, 2}};
  net.data = {{0, 0, 1, 1, 0.25f, 0.5f, 0.75f, 1}, {0.9f, 0.1f, 0.2f, 0.6f}};
  return net;
}

TEST(TfodDecoder, RawBoxesAreYXYXAndColumn0IsTheBackground) {
  const auto found = tfod_raw_net().decode(0.5f);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 32, 8, 32, 16, 0.6f, 0);
}

TEST(TfodDecoder, RawRefusesTheWrongNumberOfLabels) {
  Net net = tfod_raw_net();
  net.manifest.labels = {"person", "dog"};
  EXPECT_EQ(net.refusal(),
            "m.toml: output 's' (scores): expected [?, ?, 3], label_first 1 + 2 label(s); the "
            "network gives [1, 2, 2]");
}

TEST(TfodDecoder, RawPassesOverPartsOfDifferentLength) {
  Net net = tfod_raw_net();
  net.shapes = {{1, -1, 4}, {1, -1, 2}};
  net.came = {{1, 1, 4}, {1, 2, 2}};
  EXPECT_TRUE(net.decode(0.01f).empty());
}

TEST(TfodDecoder, AfterItsNms) {
  Net net(Family::tfod_nms, {"person"},
          {{"boxes", "b", 0}, {"scores", "s", 0}, {"classes", "c", 0}});
  net.manifest.label_first = 1;
  net.shapes = {{1, 3, 4}, {1, 3}, {1, 3}};
  net.data = {{0, 0, 1, 0.5f, 0, 0, 1, 1, 0, 0, 1, 1}, {0.7f, 0.9f, 0.1f}, {1, 2, 1}};
  const auto found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 0, 0, 32, 32, 0.7f, 0);
}

TEST(YoloxDecoder, CellsOfSeveralStrides) {
  Net net(Family::yolox, {"person", "dog"}, {{"predictions", "out", 0}});
  net.manifest.decode.strides = {16, 32};
  net.shapes = {{1, 8 + 2, 7}};
  net.data = {std::vector<float>(70, 0.f)};
  float* p = &net.data[0][7 * 5];  // Stride 16: row 1, column 1.
  p[0] = 0.5f, p[1] = 0.25f, p[2] = std::log(2.f), p[3] = 0, p[4] = 0.8f, p[6] = 0.9f;
  p = &net.data[0][7 * 9];  // Stride 32: row 0, column 1. An exponent nobody meant.
  p[2] = 1e9f, p[4] = 1, p[5] = 1;
  const auto found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 2u);
  expect_box(found[0], 24 - 16, 20 - 8, 32, 16, 0.72f, 1);
  EXPECT_TRUE(std::isfinite(found[1].box.w));
}

TEST(YoloxDecoder, BoxesInPixels) {
  Net net(Family::yolox, {"person"}, {{"predictions", "out", 0}});
  net.shapes = {{1, 2, 6}};
  net.data = {{10, 20, 4, 8, 1, 0.5f, 10, 20, kNan, 8, 1, 1}};
  const auto found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 8, 16, 4, 8, 0.5f, 0);
}

TEST(YoloxDecoder, RefusesAnotherNumberOfCells) {
  Net net(Family::yolox, {"person"}, {{"predictions", "out", 0}});
  net.manifest.decode.strides = {8, 16, 32};
  net.shapes = {{1, 41, 6}};
  EXPECT_THAT(net.refusal(), HasSubstr("expected [?, 42, 6]"));
}

TEST(FastestDetDecoder, Cell) {
  Net net(Family::fastestdet, {"person", "dog"}, {{"predictions", "out", 0}});
  net.shapes = {{1, 7, 2, 4}};
  net.data = {std::vector<float>(7 * 8, 0.f)};
  net.data[0][5] = 0.5f;  // Objectness of row 1, column 1.
  net.data[0][6 * 8 + 5] = 0.9f;
  const auto found = net.decode(0.4f);
  ASSERT_EQ(found.size(), 1u);
  // tanh(0) = 0: the cell's corner (16, 16); sigmoid(0) = half the input.
  expect_box(found[0], 0, 8, 32, 16, std::pow(0.5f, 0.6f) * std::pow(0.9f, 0.4f), 1);
}

TEST(BoxesLabelsDecoder, WithAndWithoutLabels) {
  Net net(Family::boxes_labels, {"person", "dog"}, {{"boxes", "b", 0}, {"labels", "l", 0}});
  net.shapes = {{-1, 5}, {-1}};
  net.came = {{2, 5}, {2}};
  net.data = {{1, 2, 11, 22, 0.9f, 0, 0, 5, 5, 0.8f}, {1, 7}};
  auto found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 1u);
  expect_box(found[0], 1, 2, 10, 20, 0.9f, 1);

  net.came = {{0, 5}, {0}};  // Nothing there.
  EXPECT_TRUE(net.decode(0.5f).empty());
  net.came = {{2, 5}, {1}};
  EXPECT_TRUE(net.decode(0.5f).empty());

  net.manifest.outputs.pop_back();
  net.shapes.pop_back();
  net.data.pop_back();
  net.came = {{2, 5}};
  found = net.decode(0.5f);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].label, 0);
}

TEST(Decoder, ScoresStayAtOne) {
  Net net(Family::boxes_labels, {"person"}, {{"boxes", "b", 0}});
  net.shapes = {{1, 1, 5}};
  net.data = {{0, 0, 1, 1, 7}};
  ASSERT_EQ(net.decode(0.5f).size(), 1u);
  EXPECT_EQ(net.decode(0.5f)[0].score, 1);
}

TEST(Decoder, LogitIsTheInverseOfSigmoid) {
  for (const float score : {0.001f, 0.3f, 0.5f, 0.999f})
    EXPECT_NEAR(sigmoid(logit(score)), score, 1e-6);
  EXPECT_EQ(logit(0), -kInf);
  EXPECT_EQ(logit(1), kInf);
}

}  // namespace
}  // namespace pasu::detect::detail
