// Checkpoints by whatever name people give.
#include "train/pipeline/checkpoint_path.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>

namespace pasu::pipeline {
namespace {

namespace fs = std::filesystem;
using Kind = CheckpointPath::Kind;
using testing::HasSubstr;

class FindCheckpoint : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / fmt::format("pasu_find_{}", ::getpid())).string();
    fs::create_directories(folder_);
    for (const char* name :
         {"model.ckpt-9.index", "model.ckpt-9.meta", "model.ckpt-9.data-00000-of-00001"})
      write(name, "x");
  }
  void TearDown() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string error(const std::string& name) const {
    const auto found = find_checkpoint(folder_ + name);
    return found ? "" : found.error().message();
  }

  std::string folder_;
};

TEST_F(FindCheckpoint, OfTensorFlowByPrefixAndByEachFile) {
  for (const char* end : {"", ".index", ".meta", ".data-00000-of-00001"}) {
    const auto found = find_checkpoint(folder_ + "/model.ckpt-9" + end);
    ASSERT_TRUE(found) << end << ": " << found.error().message();
    EXPECT_EQ(found->kind, Kind::tensorflow);
    EXPECT_EQ(found->path, folder_ + "/model.ckpt-9");
  }
}

TEST_F(FindCheckpoint, OfTensorFlowByFolder) {
  // The second: written on another machine.
  for (const char* path : {"model.ckpt-9", "/gone/run/model.ckpt-9"}) {
    write("checkpoint", fmt::format("model_checkpoint_path: \"{}\"\n"
                                    "all_model_checkpoint_paths: \"model.ckpt-1\"\n"
                                    "all_model_checkpoint_timestamps: 1795468013.5\n",
                                    path));
    const auto found = find_checkpoint(folder_);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->path, folder_ + "/model.ckpt-9");
  }
  write("checkpoint", "model_checkpoint_path: 'model.ckpt-8'");
  EXPECT_THAT(error(""), HasSubstr("checkpoint names 'model.ckpt-8', and there is no"));
  write("checkpoint", "model_checkpoint_path 'model.ckpt-9'");
  EXPECT_THAT(error(""), HasSubstr("checkpoint:1:1: a field and ':' is wanted"));
  write("checkpoint", "# nothing");
  EXPECT_THAT(error(""), HasSubstr("has no model_checkpoint_path"));
}

TEST_F(FindCheckpoint, OfPasuByItsFile) {
  write("best.ckpt", "x");
  const auto found = find_checkpoint(folder_ + "/best.ckpt");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::pasu);
  EXPECT_THAT(error(""), HasSubstr("best.ckpt'"));  // The folder has no `checkpoint`.
}

TEST_F(FindCheckpoint, SaysWhatIsMissing) {
  EXPECT_THAT(error(""), HasSubstr("is a folder without TensorFlow's file 'checkpoint'"));
  EXPECT_THAT(error("/model.ckpt"), HasSubstr("there is no"));
}

}  // namespace
}  // namespace pasu::pipeline
