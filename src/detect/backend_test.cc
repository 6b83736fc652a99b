// backend_contract_test, what any Backend must do; and what OpenVINO's alone does.
#include "detect/backend.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "detect/network.h"
#include "detect/test_support.h"

namespace pasu::detect {
namespace {

using test::TempFolder;
using test::write_network;
using ::testing::HasSubstr;

OpenvinoOptions tiny_options(const std::filesystem::path& xml) {
  OpenvinoOptions options;
  options.file = xml.string();
  options.size = {64, 32};
  options.outputs = {"s16"};
  options.streams = 2;
  options.batch_max = 4;
  options.exact = true;
  return options;
}

struct Contender {
  const char* name;
  std::shared_ptr<Backend> (*make)();
};

std::shared_ptr<Backend> make_tiny() {
  const TempFolder folder;
  write_network(folder / "tiny.xml", {});
  auto made = open_openvino(tiny_options(folder / "tiny.xml"));
  EXPECT_TRUE(made) << made.error().message();
  return made ? *made : nullptr;
}

std::shared_ptr<Backend> make_hog() { return open_hog({160, 160}, 2); }

class BackendContract : public ::testing::TestWithParam<Contender> {
 protected:
  void SetUp() override {
    backend_ = GetParam().make();
    ASSERT_TRUE(backend_);
  }
  size_t picture_bytes() const {
    const geom::Size size = backend_->info().input;
    return static_cast<size_t>(size.width * size.height) * 3;
  }
  /// A picture that differs with `seed`.
  void paint(uint8_t* out, int seed) const {
    for (size_t i = 0; i < picture_bytes(); ++i)
      out[i] = static_cast<uint8_t>((i * 31 + i / 97 * static_cast<size_t>(seed * 7 + 1)) % 251);
  }
  /// All outputs of picture `image` of `count`, one after another.
  static std::vector<float> picture(const Request& request, int image, int count) {
    std::vector<float> out;
    for (const Tensor& tensor : request.outputs()) {
      size_t n = 1;
      for (const int64_t d : tensor.shape) n *= static_cast<size_t>(d);
      n /= static_cast<size_t>(count);
      out.insert(out.end(), tensor.data + n * static_cast<size_t>(image),
                 tensor.data + n * (static_cast<size_t>(image) + 1));
    }
    return out;
  }

  std::shared_ptr<Backend> backend_;
};

TEST_P(BackendContract, TellsWhatItIs) {
  const BackendInfo& info = backend_->info();
  EXPECT_GT(info.input.width, 0);
  EXPECT_GT(info.input.height, 0);
  EXPECT_EQ(info.streams, 2);
  EXPECT_EQ(info.device, "CPU, 2 streams");
  EXPECT_EQ(info.precision, "f32");
  ASSERT_FALSE(info.batches.empty());
  EXPECT_EQ(info.batches[0], 1);
  EXPECT_TRUE(std::is_sorted(info.batches.begin(), info.batches.end()));
  EXPECT_FALSE(info.outputs.empty());
}

TEST_P(BackendContract, OutputsHaveTheShapesItDeclares) {
  const auto request = backend_->make_request().value();
  paint(request->input(0), 1);
  ASSERT_TRUE(request->infer(0, 1));
  const auto& declared = backend_->info().outputs;
  ASSERT_EQ(request->outputs().size(), declared.size());
  for (size_t i = 0; i < declared.size(); ++i) {
    const auto& shape = request->outputs()[i].shape;
    ASSERT_EQ(shape.size(), declared[i].shape.size());
    for (size_t d = 0; d < shape.size(); ++d) {
      if (declared[i].shape[d] >= 0) {
        EXPECT_EQ(shape[d], declared[i].shape[d]);
      }
    }
  }
}

TEST_P(BackendContract, PicturesOfABatchLieInARow) {
  const auto request = backend_->make_request().value();
  for (int i = 1; i < backend_->info().batches.back(); ++i)
    EXPECT_EQ(request->input(i), request->input(0) + picture_bytes() * static_cast<size_t>(i));
}

TEST_P(BackendContract, ABatchSaysWhatEachPictureAloneSays) {
  const auto request = backend_->make_request().value();
  const int largest = backend_->info().batches.back();
  for (int i = 0; i < largest; ++i) paint(request->input(i), i);
  std::vector<std::vector<float>> alone;
  for (int i = 0; i < largest; ++i) {
    ASSERT_TRUE(request->infer(i, 1));
    alone.push_back(picture(*request, 0, 1));
  }
  for (const int count : backend_->info().batches)
    for (int first = 0; first + count <= largest; ++first) {
      ASSERT_TRUE(request->infer(first, count));
      for (int i = 0; i < count; ++i)
        EXPECT_EQ(picture(*request, i, count), alone[static_cast<size_t>(first + i)]);
    }
}

TEST_P(BackendContract, RequestsRunAtTheSameTime) {
  const auto reference = backend_->make_request().value();
  std::vector<std::thread> threads;
  std::vector<int> wrong(2, 0);
  for (int t = 0; t < 2; ++t)
    threads.emplace_back([&, t] {
      const auto request = backend_->make_request().value();
      paint(request->input(0), t);
      if (!request->infer(0, 1)) ++wrong[static_cast<size_t>(t)];
      const auto first = picture(*request, 0, 1);
      for (int i = 0; i < 3; ++i)
        if (!request->infer(0, 1) || picture(*request, 0, 1) != first)
          ++wrong[static_cast<size_t>(t)];
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, (std::vector{0, 0}));
}

INSTANTIATE_TEST_SUITE_P(All, BackendContract,
                         ::testing::Values(Contender{"openvino", make_tiny},
                                           Contender{"hog", make_hog}),
                         [](const auto& entry) { return entry.param.name; });

TEST(Hog, AGreyPictureHasNobodyInIt) {
  const auto backend = open_hog({160, 240}, 1);
  const auto request = backend->make_request().value();
  std::fill_n(request->input(0), 160 * 240 * 3, uint8_t{114});
  ASSERT_TRUE(request->infer(0, 1));
  EXPECT_EQ(request->outputs()[0].shape, (std::vector<int64_t>{1, 0, 5}));
}

class OpenvinoBackend : public ::testing::Test {
 protected:
  std::string refusal(const OpenvinoOptions& options) {
    const auto opened = open_openvino(options);
    EXPECT_FALSE(opened);
    return opened ? "" : opened.error().message();
  }
  const TempFolder folder_;
  const std::filesystem::path xml_ = folder_ / "tiny.xml";
};

TEST_F(OpenvinoBackend, BytesGoInAsTheyAreAndNormalisationIsFoldedIn) {
  write_network(xml_, {});
  auto options = tiny_options(xml_);
  options.batch_max = 1;
  options.input.mean = {10, 20, 30};
  options.input.scale = {2, 4, 5};
  const auto backend = open_openvino(options).value();
  const auto request = backend->make_request().value();
  for (size_t i = 0; i < 64 * 32; ++i) {
    request->input(0)[3 * i] = 100;
    request->input(0)[3 * i + 1] = 200;
    request->input(0)[3 * i + 2] = 50;
  }
  ASSERT_TRUE(request->infer(0, 1));
  const float* cell = request->outputs()[0].data;
  for (const auto& [channel, value] :
       {std::pair(0, 45.f), {1, 45.f}, {2, 4.f}, {3, 45.f}, {4, 94.f}})
    EXPECT_NEAR(cell[channel * 8 + 5], value, 1e-4) << channel;
}

TEST_F(OpenvinoBackend, BatchesOfPowersOfTwo) {
  write_network(xml_, {});
  auto options = tiny_options(xml_);
  options.batch_max = 6;
  EXPECT_EQ(open_openvino(options).value()->info().batches, (std::vector{1, 2, 4}));
}

TEST_F(OpenvinoBackend, NoBatchesWhereTheGraphHoldsAnOne) {
  write_network(xml_, {.fixed_batch = true});
  EXPECT_EQ(open_openvino(tiny_options(xml_)).value()->info().batches, std::vector{1});
}

TEST_F(OpenvinoBackend, TakesAnotherSize) {
  write_network(xml_, {});
  auto options = tiny_options(xml_);
  options.size = {128, 96};
  EXPECT_EQ(open_openvino(options).value()->info().outputs[0].shape,
            (std::vector<int64_t>{1, 5, 6, 8}));
}

TEST_F(OpenvinoBackend, RefusesWithASentence) {
  write_network(xml_, {});
  auto options = tiny_options(xml_);
  options.outputs = {"s8"};
  EXPECT_EQ(refusal(options), xml_.string() + ": has no tensor 's8'; its outputs are 's16'");
  options = tiny_options(xml_);
  options.input.name = "data";
  EXPECT_THAT(refusal(options),
              HasSubstr("its input is called 'image', not 'data' as input.name says"));
  options = tiny_options(xml_);
  options.input.layout = artifact::Layout::nhwc;
  EXPECT_THAT(refusal(options),
              HasSubstr("input 'image' is [1, 3, 32, 64], no 3-channel picture in "
                        "the layout nhwc that input.layout says"));
  write_network(xml_, {.fixed_batch = true});
  options = tiny_options(xml_);
  options.size = {128, 96};
  EXPECT_THAT(refusal(options), HasSubstr("its input is [1, 3, 32, 64] and cannot become 128x96"));
  write_network(xml_, {.two_inputs = true});
  EXPECT_THAT(refusal(tiny_options(xml_)), HasSubstr("has 2 inputs; a detector takes one picture"));
}

TEST_F(OpenvinoBackend, RefusesFilesThatAreNoNetworks) {
  EXPECT_EQ(refusal(tiny_options(xml_)), xml_.string() + ": no such file");
  write_network(xml_, {});
  std::filesystem::remove(folder_ / "tiny.bin");
  EXPECT_THAT(refusal(tiny_options(xml_)),
              HasSubstr("tiny.bin: no such file; it holds the weights of tiny.xml"));
  test::write_file(folder_ / "tiny.bin", "short");
  EXPECT_THAT(refusal(tiny_options(xml_)), HasSubstr("not a network that can be read"));
  test::write_file(folder_ / "a.tflite", "");
  EXPECT_THAT(refusal(tiny_options(folder_ / "a.tflite")),
              HasSubstr("is no network; expected a .xml, .onnx or .pb file"));
  for (const auto* name : {"a.xml", "a.onnx", "a.pb"}) {
    test::write_file(folder_ / "a.bin", "");
    for (const auto* text : {"", "<net>", "not a network"}) {
      test::write_file(folder_ / name, text);
      EXPECT_THAT(refusal(tiny_options(folder_ / name)), HasSubstr(name)) << text;
    }
  }
}

}  // namespace
}  // namespace pasu::detect
