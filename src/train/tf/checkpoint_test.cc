#include "train/tf/checkpoint.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <openssl/sha.h>

#include "base/part_file.h"
#include "base/read_file.h"
#include "train/model/models.h"
#include "train/tf/weights.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

const fs::path kTfOd = PASU_SOURCE_DIR "/../shared/data/tf_od";

#define NEEDS_SHARED() \
  if (!fs::exists(kTfOd)) GTEST_SKIP() << "no ../shared"

std::string sha256(const std::vector<float>& values) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(values.data()), values.size() * sizeof(float),
         digest);
  std::string out;
  for (const unsigned char byte : digest) out += fmt::format("{:02x}", byte);
  return out;
}

// Written by TensorFlow 1, with what numpy says of each array beside it.
TEST(TfCheckpoint, ReadsWhatTensorFlowWrote) {
  NEEDS_SHARED();
  std::ifstream file(kTfOd / "ref/ref_ckpt.json");
  const json expected = json::parse(file);
  for (const char* prefix : {"ref/model.ckpt", "ref/model.ckpt-200000"}) {
    const auto checkpoint = TfCheckpoint::open(kTfOd / prefix);
    ASSERT_TRUE(checkpoint) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->variables().size(), expected.size());
    for (const auto& [name, about] : expected.items()) {
      const TfVariable* variable = checkpoint->find(name);
      ASSERT_NE(variable, nullptr) << name;
      EXPECT_EQ(variable->shape, about.at("shape").get<std::vector<int64_t>>()) << name;
      const auto array = checkpoint->read(*variable);
      if (variable->type == static_cast<int>(TfType::text)) {
        EXPECT_EQ(array.error().code(), Errc::unsupported);
        continue;
      }
      ASSERT_TRUE(array) << array.error().message();
      if (about.at("dtype") == "float32") {
        EXPECT_EQ(sha256(array->values), about.at("sha256").get<std::string>()) << name;
      }
      for (size_t i = 0; i < about.at("first").size(); ++i)
        EXPECT_FLOAT_EQ(array->values[i], about.at("first")[i].get<float>()) << name;
    }
  }
}

TEST(TfCheckpoint, IndexOfSeveralShards) {
  NEEDS_SHARED();
  const auto bytes = read_file(kTfOd / "ckpt_index/hand_ssdlite_mnv2_3shard.index", 1u << 24);
  ASSERT_TRUE(bytes);
  const auto index = parse_tf_index(as_bytes(*bytes));
  ASSERT_TRUE(index) << index.error().message();
  EXPECT_EQ(index->shards, 3);
  EXPECT_TRUE(std::any_of(index->variables.begin(), index->variables.end(),
                          [](const TfVariable& variable) { return variable.shard == 2; }));
}

TEST(TfCheckpoint, DamageIsNamed) {
  NEEDS_SHARED();
  const fs::path folder = fs::temp_directory_path() / fmt::format("pasu_tf_test.{}", getpid());
  fs::create_directories(folder);
  const std::string prefix = folder / "model.ckpt", shard = prefix + ".data-00000-of-00001";
  const auto bytes = read_file(kTfOd / "ref/model.ckpt.data-00000-of-00001", 1u << 24);
  const auto whole = read_file(kTfOd / "ref/model.ckpt.index", 1u << 24);
  ASSERT_TRUE(bytes && whole);
  ASSERT_TRUE(write_file(prefix + ".index", as_bytes(*whole)));
  const auto checkpoint = TfCheckpoint::open(prefix);
  ASSERT_TRUE(checkpoint);
  const TfVariable* variable = checkpoint->find("FeatureExtractor/MobilenetV1/Conv2d_0/weights");
  ASSERT_NE(variable, nullptr);
  EXPECT_THAT(checkpoint->read(*variable).error().message(), HasSubstr("copy all data files"));
  std::string bad = *bytes;
  bad[variable->offset + 5] ^= 1;
  ASSERT_TRUE(write_file(shard, as_bytes(bad)));
  EXPECT_THAT(checkpoint->read(*variable).error().message(), HasSubstr("is damaged"));
  ASSERT_TRUE(write_file(shard, as_bytes(*bytes).first(variable->offset + 8)));
  EXPECT_EQ(checkpoint->read(*variable).error().code(), Errc::truncated);
  for (size_t n = 0; n < whole->size(); n += 7)
    EXPECT_FALSE(parse_tf_index(as_bytes(*whole).first(n))) << n;
  EXPECT_EQ(TfCheckpoint::open(folder / "none").error().code(), Errc::not_found);
  fs::remove_all(folder);
}

/// The shape a parameter has in TensorFlow.
Shape tf_shape(const Parameter& parameter) {
  const Shape& s = parameter.shape;
  if (parameter.role == Role::weights) return {s[2], s[3], s[1], s[0]};
  if (parameter.role == Role::depthwise_weights) return {s[2], s[3], s[0], s[1]};
  return s;
}

struct Layout {
  const char* name;
  Graph graph;
  const char* index;
};

void PrintTo(const Layout& tested, std::ostream* out) { *out << tested.name; }

class SsdVariables : public testing::TestWithParam<Layout> {};

// Names and shapes of real checkpoints: each of the graph's parameters is there, and nothing of the
// network is left over.
TEST_P(SsdVariables, AreTheGraphs) {
  NEEDS_SHARED();
  const auto bytes = read_file(kTfOd / GetParam().index, 1u << 24);
  ASSERT_TRUE(bytes);
  const auto index = parse_tf_index(as_bytes(*bytes));
  ASSERT_TRUE(index) << index.error().message();
  std::map<std::string, Shape> there;
  for (const TfVariable& variable : index->variables) {
    const std::string& name = variable.name;
    const bool state = name.find("RMSProp") != name.npos || name.find("Momentum") != name.npos ||
                       name.find("ExponentialMovingAverage") != name.npos;
    if (!state && (name.starts_with("FeatureExtractor/") || name.starts_with("BoxPredictor")))
      there[name] = variable.shape;
  }
  for (const Parameter& parameter : parameters(GetParam().graph)) {
    const auto found = there.find(parameter.name);
    ASSERT_NE(found, there.end()) << parameter.name;
    EXPECT_EQ(found->second, tf_shape(parameter)) << parameter.name;
    there.erase(found);
  }
  EXPECT_TRUE(there.empty()) << there.size() << " left over, as " << there.begin()->first;
}

INSTANTIATE_TEST_SUITE_P(Real, SsdVariables,
                         testing::Values(Layout{"person_random",
                                                ssd_mobilenet_v1({.depth_multiplier = 0.25}),
                                                "ssd_mobilenet_v1_person_random/model.ckpt.index"},
                                         // Both "hand" checkpoints are plain SSDs over MobileNet
                                         // v2, whatever their files are called.
                                         Layout{"hand_v2", ssd_mobilenet_v2(),
                                                "ckpt_index/hand_ssd_mnv1.model.ckpt.index"},
                                         Layout{"hand_v2_3_shards", ssd_mobilenet_v2(),
                                                "ckpt_index/hand_ssdlite_mnv2_3shard.index"},
                                         Layout{"sushi_v1", ssd_mobilenet_v1({.classes = 3}),
                                                "ckpt_index/sushi_ssd_mnv1.model.ckpt.index"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(TfWeights, KernelsAreTurned) {
  NEEDS_SHARED();
  const auto checkpoint = TfCheckpoint::open(kTfOd / "ref/model.ckpt");
  ASSERT_TRUE(checkpoint);
  const Graph graph = ssd_mobilenet_v1({.classes = 5});
  const auto weights = read_tf_weights(*checkpoint, graph);
  ASSERT_TRUE(weights) << weights.error().message();
  const std::string name = "FeatureExtractor/MobilenetV1/Conv2d_0/weights";
  const Array& turned = weights->at(name);
  const auto plain = checkpoint->read(*checkpoint->find(name));
  ASSERT_TRUE(plain);
  EXPECT_EQ(turned.shape, (std::vector<int64_t>{32, 3, 3, 3}));
  const auto tf = [&](size_t h, size_t w, size_t in, size_t out) {
    return plain->values[((h * 3 + w) * 3 + in) * 32 + out];
  };
  for (size_t h = 0; h < 3; ++h)
    for (size_t w = 0; w < 3; ++w)
      for (size_t in = 0; in < 3; ++in)
        for (size_t out = 0; out < 32; ++out)
          ASSERT_EQ(turned.values[((out * 3 + in) * 3 + h) * 3 + w], tf(h, w, in, out));
}

}  // namespace
}  // namespace pasu::train
