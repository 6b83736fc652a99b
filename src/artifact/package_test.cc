#include "artifact/package.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pasu::artifact {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PackageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "pasu_artifact_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    package_.folder = name;
    Manifest& m = package_.manifest;
    m.name = "m";
    m.family = Family::yolox;
    m.labels = {"person"};
    m.outputs = {{"predictions", "out", 0}};
    m.variants = {{"a", "m.onnx", {416, 416}, "f32", 0.5f}};
    m.files = {{"m.onnx", ""}};
    write("m.onnx", "abc");
  }
  void TearDown() override { fs::remove_all(package_.folder); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(package_.folder / name, std::ios::binary) << text;
  }
  std::string refusal() {
    const auto loaded = load_package(package_.folder);
    EXPECT_FALSE(loaded);
    return loaded ? "" : loaded.error().message();
  }

  Package package_;
};

TEST_F(PackageTest, Sha256OfFips180) {
  EXPECT_EQ(sha256_of(package_.folder / "m.onnx").value(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write("m.onnx", "");
  EXPECT_EQ(sha256_of(package_.folder / "m.onnx").value(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of(package_.folder / "absent").error().code(), Errc::not_found);
  EXPECT_EQ(sha256_of(package_.folder).error().code(), Errc::io);
}

TEST_F(PackageTest, SavedAndLoaded) {
  ASSERT_TRUE(save_manifest(package_));
  const auto loaded = load_package(package_.folder);
  ASSERT_TRUE(loaded) << loaded.error().message();
  EXPECT_EQ(loaded->manifest.labels, package_.manifest.labels);
  EXPECT_EQ(loaded->file("m.onnx"), package_.folder / "m.onnx");
  EXPECT_EQ(loaded->manifest.path, (package_.folder / "manifest.toml").string());
  EXPECT_FALSE(fs::exists(package_.folder / "manifest.toml.part"));
}

TEST_F(PackageTest, LabelsMayLieInAFile) {
  write("labels.txt", "person\ndog\n");
  package_.manifest.labels_file = "labels.txt";
  ASSERT_TRUE(save_manifest(package_));
  EXPECT_EQ(load_package(package_.folder)->manifest.labels,
            (std::vector<std::string>{"person", "dog"}));
  write("labels.txt", "person\nperson\n");
  EXPECT_THAT(refusal(), HasSubstr("labels.txt: 'person' stands twice"));
}

TEST_F(PackageTest, AChangedFileIsNamedWithBothSums) {
  ASSERT_TRUE(save_manifest(package_));
  write("m.onnx", "abd");
  EXPECT_THAT(refusal(), HasSubstr("m.onnx: is damaged or was changed: its sha256 is a52d159f"));
  fs::remove(package_.folder / "m.onnx");
  EXPECT_THAT(refusal(), HasSubstr("m.onnx: No such file or directory"));
}

TEST_F(PackageTest, NothingIsSavedThatCouldNotBeRead) {
  package_.manifest.labels = {"a", "a"};
  EXPECT_FALSE(save_manifest(package_));
  EXPECT_FALSE(fs::exists(package_.folder / "manifest.toml"));
  package_.manifest.labels = {"a"};
  fs::remove(package_.folder / "m.onnx");
  EXPECT_EQ(save_manifest(package_).error().code(), Errc::not_found);
}

TEST_F(PackageTest, NoManifest) {
  EXPECT_THAT(refusal(), HasSubstr("manifest.toml: no such file"));
  write("manifest.toml", std::string((1u << 20) + 1, '#'));
  EXPECT_THAT(refusal(), HasSubstr("larger than 1048576 bytes"));
}

TEST_F(PackageTest, TheModelThatShipsLoads) {
  const auto person = load_package(PASU_SOURCE_DIR "/models/person");
  ASSERT_TRUE(person) << person.error().message();
  EXPECT_EQ(person->manifest.variants.at(0).input, (geom::Size{320, 192}));
  EXPECT_EQ(person->manifest.labels, std::vector<std::string>{"person"});
}

}  // namespace
}  // namespace pasu::artifact
