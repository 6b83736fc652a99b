// A graph of ours with a TensorFlow checkpoint's weights gives what TensorFlow itself gave.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "train/export/run.h"
#include "train/model/models.h"
#include "train/tf/weights.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;

/// The numbers of a .npy file, or of one array of a .npz, after the header whose length stands in
/// it.
std::vector<uint8_t> npy(const std::string& file, const std::string& name) {
  const std::string command =
      "python3 -c 'import sys, zipfile; n = sys.argv[2]; sys.stdout.buffer.write("
      "zipfile.ZipFile(sys.argv[1]).read(n + \".npy\") if n else open(sys.argv[1], "
      "\"rb\").read())' "
      "'" +
      file + "' '" + name + "'";
  std::vector<uint8_t> bytes;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return bytes;
  std::vector<uint8_t> buffer(1u << 16);
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
  if (pclose(pipe) != 0 || bytes.size() < 10) return {};
  const size_t header = std::min<size_t>(10 + bytes[8] + 256u * bytes[9], bytes.size());
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header));
  return bytes;
}

std::vector<float> floats(const std::vector<uint8_t>& bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

/// u8 [H, W, 3] -> [1, 3, side, side], as TF 1's resize_bilinear: no half pixel, the last row
/// repeated.
Array resized(const std::vector<uint8_t>& image, size_t width, size_t height, size_t side) {
  Array out{{1, 3, static_cast<int64_t>(side), static_cast<int64_t>(side)}, {}};
  const float sx = static_cast<float>(width) / static_cast<float>(side);
  const float sy = static_cast<float>(height) / static_cast<float>(side);
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = 0; i < side; ++i)
      for (size_t j = 0; j < side; ++j) {
        const float y = static_cast<float>(i) * sy, x = static_cast<float>(j) * sx;
        const auto y0 = static_cast<size_t>(y), x0 = static_cast<size_t>(x);
        const size_t y1 = std::min(y0 + 1, height - 1), x1 = std::min(x0 + 1, width - 1);
        const auto at = [&](size_t v, size_t u) {
          return static_cast<float>(image[(v * width + u) * 3 + c]);
        };
        const float fx = x - static_cast<float>(x0), fy = y - static_cast<float>(y0);
        const float top = at(y0, x0) + (at(y0, x1) - at(y0, x0)) * fx;
        const float bottom = at(y1, x0) + (at(y1, x1) - at(y1, x0)) * fx;
        out.values.push_back(top + (bottom - top) * fy);
      }
  return out;
}

TEST(Tfod, SsdMobilenetV1GivesTensorFlowsBoxes) {
  const fs::path shared = PASU_SOURCE_DIR "/../shared/data/tf_od";
  if (!fs::exists(shared)) GTEST_SKIP() << "no ../shared";
  const fs::path folder = shared / "ssd_mobilenet_v1_person_random";
  const auto checkpoint = TfCheckpoint::open(folder / "model.ckpt");
  ASSERT_TRUE(checkpoint) << checkpoint.error().message();
  const Graph graph = ssd_mobilenet_v1({.depth_multiplier = 0.25});
  const auto weights = read_tf_weights(*checkpoint, graph);
  ASSERT_TRUE(weights) << weights.error().message();
  ASSERT_EQ(weights->size(), parameters(graph).size());

  const auto image = npy(folder / "reference.npz", "image");
  ASSERT_EQ(image.size(), 480u * 640 * 3);
  // ymin, xmin, ymax, xmax
  const auto corners = floats(npy(shared / "numerics/anchors_ssd_mobilenet_v1_coco_300.npy", ""));
  ASSERT_EQ(corners.size(), 1917u * 4);
  AnchorBoxes anchors{.anchors = {{1917, 4}, {}}};
  for (size_t a = 0; a < corners.size(); a += 4) {
    const float* c = &corners[a];
    for (const float v : {(c[0] + c[2]) / 2, (c[1] + c[3]) / 2, c[2] - c[0], c[3] - c[1]})
      anchors.anchors.values.push_back(v);
  }
  const auto out = run_graph(graph, *weights, resized(image, 640, 480, 300), anchors);
  ASSERT_TRUE(out) << out.error().message();
  const char* names[] = {"raw_detection_boxes", "raw_detection_scores"};
  for (size_t i = 0; i < 2; ++i) {
    const auto expected = floats(npy(folder / "reference.npz", names[i]));
    ASSERT_EQ(expected.size(), (*out)[i].values.size());
    float worst = 0;
    for (size_t k = 0; k < expected.size(); ++k)
      worst = std::max(worst, std::abs(expected[k] - (*out)[i].values[k]));
    EXPECT_LT(worst, 1e-4f) << names[i];
  }
}

}  // namespace
}  // namespace pasu::train
