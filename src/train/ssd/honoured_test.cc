// What `pasu train --check` says of an SSD's fields is what training does with them: each field is
// set to another value in turn.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "train/pipeline/test_fields.h"
#include "train/ssd/settings.h"

namespace pasu::train::ssd {
namespace {

constexpr const char* kBase = R"(
model { ssd {
  num_classes: 1
  image_resizer { fixed_shape_resizer { height: 300 width: 300 } }
  feature_extractor { type: 'ssd_mobilenet_v1'
    conv_hyperparams { activation: RELU_6 batch_norm { } regularizer { l2_regularizer { } }
                       initializer { truncated_normal_initializer { } } } }
  box_predictor { convolutional_box_predictor { use_dropout: false
    conv_hyperparams { activation: RELU_6 batch_norm { } regularizer { l2_regularizer { } }
                       initializer { truncated_normal_initializer { } } } } }
  anchor_generator { ssd_anchor_generator { } }
  box_coder { faster_rcnn_box_coder { } }
  matcher { argmax_matcher { } }
  similarity_calculator { iou_similarity { } }
  loss { classification_loss { weighted_sigmoid { } } localization_loss { weighted_smooth_l1 { } }
         hard_example_miner { } }
  post_processing { batch_non_max_suppression { } score_converter: SIGMOID }
} }
train_config { }
)";

// Nothing reads these, and there is nothing to say: they change nothing in TF OD API either where
// the rest is as training takes it.
constexpr std::string_view kWithoutEffect[] = {
    "model.ssd.box_predictor.convolutional_box_predictor.dropout_keep_probability",  // No dropout.
    "model.ssd.similarity_calculator.iou_similarity",                 // It is the preset.
    "model.ssd.box_predictor.convolutional_box_predictor.max_depth",  // No layers before.
    "model.ssd.box_predictor.convolutional_box_predictor.min_depth",
    // Both losses are summed over anchors or not as the miner needs it.
    "model.ssd.loss.classification_loss.weighted_sigmoid.anchorwise_output",
    "model.ssd.loss.classification_loss.weighted_sigmoid_focal.anchorwise_output",
    "model.ssd.loss.classification_loss.weighted_softmax.anchorwise_output",
    "model.ssd.loss.localization_loss.weighted_smooth_l1.anchorwise_output",
};

TEST(Honoured, EveryFieldOfAnSsdIsHeededOrSaidNotToBe) {
  std::vector<std::string> paths;
  const pipeline::MessageType& root = pipeline::Schema::get().root();
  leaves(*root.find("model")->message->find("ssd")->message, "model.ssd", paths);
  leaves(*root.find("train_config")->message->find("data_augmentation_options")->message,
         "train_config.data_augmentation_options", paths);
  EXPECT_GT(paths.size(), 300U);
  std::string found;
  for (const std::string& path : paths) {
    // pasu_person's own augmentation, which an SSD's configuration does not have.
    if (path.find("pasu_augmentation") != path.npos) continue;
    if (std::ranges::find(kWithoutEffect, path) != std::end(kWithoutEffect)) continue;
    const std::string what = pipeline::wrong_remark(
        kBase, path, [](const auto& config) { return settings_from(config); });
    if (!what.empty()) found += fmt::format("{} {}\n", path, what);
  }
  EXPECT_EQ(found, "");
}

}  // namespace
}  // namespace pasu::train::ssd
