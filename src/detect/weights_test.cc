// Networks that other people trained, where ../shared has them: each opens as a bare file and finds
// the people on the demo's street; a TF Object Detection API graph gives TensorFlow's own numbers.
#include <cstdio>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/backend.h"
#include "detect/detector.h"
#include "detect/import.h"
#include "detect/network.h"
#include "detect/test_support.h"

namespace pasu::detect {
namespace {

/// One array out of a .npz: a zip of .npy files, whose header ends where its length field says.
std::vector<uint8_t> npz(const std::string& file, const std::string& name) {
  const std::string command =
      "python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("
      "sys.argv[2] + \".npy\"))' '" +
      file + "' " + name;
  std::vector<uint8_t> bytes;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return bytes;
  std::vector<uint8_t> buffer(1u << 16);
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    bytes.insert(bytes.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
  if (pclose(pipe) != 0 || bytes.size() < 10 || bytes[6] != 1) return {};
  const size_t header = 10 + bytes[8] + 256u * bytes[9];
  bytes.erase(bytes.begin(),
              bytes.begin() + static_cast<std::ptrdiff_t>(std::min(header, bytes.size())));
  return bytes;
}

std::vector<float> floats(const std::vector<uint8_t>& bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

TEST(TfodGraph, RawBoxesAndScoresAreTensorFlows) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << "no ../shared";
  const std::string folder = (*data / "tf_od/ssd_mobilenet_v1_person_random").string();
  const std::string reference = folder + "/reference.npz";
  const auto image = npz(reference, "image");
  ASSERT_EQ(image.size(), 480u * 640 * 3);
  const auto boxes = floats(npz(reference, "raw_detection_boxes"));
  const auto scores = floats(npz(reference, "raw_detection_scores"));
  ASSERT_EQ(boxes.size(), 1917u * 4);
  ASSERT_EQ(scores.size(), 1917u * 2);

  OpenvinoOptions options;
  options.file = folder + "/frozen_inference_graph.pb";
  options.input.layout = artifact::Layout::nhwc;
  options.input.type = artifact::ElementType::u8;
  options.size = {640, 480};
  options.outputs = {"raw_detection_boxes", "raw_detection_scores"};
  options.exact = true;
  const auto backend = open_openvino(options);
  ASSERT_TRUE(backend) << backend.error().message();
  EXPECT_EQ((*backend)->info().precision, "f32");
  const auto request = (*backend)->make_request().value();
  std::memcpy(request->input(0), image.data(), image.size());
  ASSERT_TRUE(request->infer(0, 1));
  const auto worst = [&](size_t output, const std::vector<float>& expected) {
    float out = 0;
    for (size_t i = 0; i < expected.size(); ++i)
      out = std::max(out, std::abs(request->outputs()[output].data[i] - expected[i]));
    return out;
  };
  EXPECT_EQ(request->outputs()[0].shape, (std::vector<int64_t>{1, 1917, 4}));
  EXPECT_LT(worst(0, boxes), 1e-4f);
  EXPECT_LT(worst(1, scores), 1e-4f);
}

TEST(TfodGraph, OpensBareAndIsNotForced) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << "no ../shared";
  DetectorOptions options;
  options.model =
      (*data / "tf_od/ssd_mobilenet_v1_person_random/frozen_inference_graph.pb").string();
  options.streams = 1;
  options.batch_max = 2;
  const auto detector = Detector::open(options);
  ASSERT_TRUE(detector) << detector.error().message();
  EXPECT_EQ((*detector)->info().input, (geom::Size{300, 300}));
  EXPECT_TRUE((*detector)->detect(test::plain_frame(640, 480, 90, 120, 30)));
}

/// The people on the demo's street, by hand, to about two pixels.
const geom::Box kPeople[] = {{186, 159, 33, 76}, {241, 158, 28, 63}, {297, 158, 27, 73},
                             {315, 210, 30, 86}, {582, 160, 29, 77}, {619, 160, 26, 74}};

struct Case {
  const char* file;
  size_t people;  // Of the six, at its own default threshold.
};

class Weights : public ::testing::TestWithParam<Case> {};

TEST_P(Weights, OpenBareAndFindPeople) {
  const auto data = test::shared_data();
  const auto frame = test::street_picture();
  if (!data || !frame) GTEST_SKIP() << "no ../shared, no demo/vtest.avi or no ffmpeg";
  DetectorOptions options;
  options.model = (*data / "weights" / GetParam().file).string();
  options.streams = 1;
  options.labels = {"person"};
  const auto detector = Detector::open(options);
  ASSERT_TRUE(detector) << detector.error().message();
  const auto found = (*detector)->detect(*frame);
  ASSERT_TRUE(found) << found.error().message();
  size_t people = 0;
  for (const geom::Box& person : kPeople)
    people += std::any_of(found->begin(), found->end(), [&](const geom::Detection& d) {
      return geom::iou(d.box, person) > 0.5f;
    });
  EXPECT_GE(people, GetParam().people);
  const auto& labels = (*detector)->info().labels;
  for (const auto& d : *found) EXPECT_EQ(labels.at(static_cast<size_t>(d.label)), "person");
}

// The other families' imports differ in nothing but what Recognise's tests cover.
TEST(WeightsImport, MakesPackagesOfXmlAndOnnx) {
  const auto data = test::shared_data();
  if (!data) GTEST_SKIP() << "no ../shared";
  const test::TempFolder folder;
  for (const auto& [file, family] :
       {std::pair("person-vehicle-bike-detection-2002.xml", artifact::Family::ssd_detection_output),
        {"yolox_nano.onnx", artifact::Family::yolox}}) {
    ImportOptions import;
    import.file = (*data / "weights" / file).string();
    import.folder = folder / file;
    const auto package = import_model(import);
    ASSERT_TRUE(package) << package.error().message();
    EXPECT_EQ(package->manifest.family, family);
    EXPECT_EQ(package->manifest.name, file);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shared, Weights,
    ::testing::Values(Case{"FastestDet.onnx", 5}, Case{"person-detection-0303-int8.xml", 6},
                      Case{"person-detection-retail-0013.xml", 4},
                      Case{"person-vehicle-bike-detection-2002.xml", 6},
                      Case{"rtmdet_nano_person.onnx", 6}, Case{"yolox_nano.onnx", 6}),
    [](const auto& entry) {
      std::string name = entry.param.file;
      std::replace_if(
          name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
      return name;
    });

}  // namespace
}  // namespace pasu::detect
