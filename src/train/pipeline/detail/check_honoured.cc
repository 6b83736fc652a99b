// Fields that the format knows and training does not heed: said before it begins.
#include <algorithm>
#include <string_view>

#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

using std::string_view;

// What training heeds: the fields of the 18 target configurations (docs/ref/pipeline.md). In order.
// NOLINTBEGIN(bugprone-suspicious-missing-comma): long paths go on in the next line.
constexpr string_view kHonoured[] = {
    "eval_config.max_evals",
    "eval_config.metrics_set",
    "eval_config.num_examples",
    "eval_config.use_moving_averages",
    "eval_input_reader.label_map_path",
    "eval_input_reader.num_epochs",
    "eval_input_reader.num_readers",
    "eval_input_reader.shuffle",
    "eval_input_reader.tf_record_input_reader.input_path",
    "model.faster_rcnn.feature_extractor.first_stage_features_stride",
    "model.faster_rcnn.feature_extractor.type",
    "model.faster_rcnn.first_stage_anchor_generator.grid_anchor_generator.aspect_ratios",
    "model.faster_rcnn.first_stage_anchor_generator.grid_anchor_generator.height_stride",
    "model.faster_rcnn.first_stage_anchor_generator.grid_anchor_generator.scales",
    "model.faster_rcnn.first_stage_anchor_generator.grid_anchor_generator.width_stride",
    "model.faster_rcnn.first_stage_box_predictor_conv_hyperparams.initializer.truncated_normal_"
    "initializer.stddev",
    "model.faster_rcnn.first_stage_box_predictor_conv_hyperparams.op",
    "model.faster_rcnn.first_stage_box_predictor_conv_hyperparams.regularizer.l2_regularizer."
    "weight",
    "model.faster_rcnn.first_stage_localization_loss_weight",
    "model.faster_rcnn.first_stage_max_proposals",
    "model.faster_rcnn.first_stage_nms_iou_threshold",
    "model.faster_rcnn.first_stage_nms_score_threshold",
    "model.faster_rcnn.first_stage_objectness_loss_weight",
    "model.faster_rcnn.image_resizer.keep_aspect_ratio_resizer.max_dimension",
    "model.faster_rcnn.image_resizer.keep_aspect_ratio_resizer.min_dimension",
    "model.faster_rcnn.initial_crop_size",
    "model.faster_rcnn.maxpool_kernel_size",
    "model.faster_rcnn.maxpool_stride",
    "model.faster_rcnn.num_classes",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.dropout_keep_probability",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.fc_hyperparams."
    "initializer.variance_scaling_initializer.factor",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.fc_hyperparams."
    "initializer.variance_scaling_initializer.mode",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.fc_hyperparams."
    "initializer.variance_scaling_initializer.uniform",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.fc_hyperparams.op",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.fc_hyperparams."
    "regularizer.l2_regularizer.weight",
    "model.faster_rcnn.second_stage_box_predictor.mask_rcnn_box_predictor.use_dropout",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.conv_hyperparams.initializer."
    "truncated_normal_initializer.stddev",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.conv_hyperparams.op",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.conv_hyperparams.regularizer."
    "l2_regularizer.weight",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.crop_height",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.crop_width",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.num_spatial_bins_height",
    "model.faster_rcnn.second_stage_box_predictor.rfcn_box_predictor.num_spatial_bins_width",
    "model.faster_rcnn.second_stage_classification_loss_weight",
    "model.faster_rcnn.second_stage_localization_loss_weight",
    "model.faster_rcnn.second_stage_post_processing.batch_non_max_suppression.iou_threshold",
    "model.faster_rcnn.second_stage_post_processing.batch_non_max_suppression.max_detections_per_"
    "class",
    "model.faster_rcnn.second_stage_post_processing.batch_non_max_suppression.max_total_detections",
    "model.faster_rcnn.second_stage_post_processing.batch_non_max_suppression.score_threshold",
    "model.faster_rcnn.second_stage_post_processing.score_converter",
    "model.ssd.anchor_generator.ssd_anchor_generator.aspect_ratios",
    "model.ssd.anchor_generator.ssd_anchor_generator.max_scale",
    "model.ssd.anchor_generator.ssd_anchor_generator.min_scale",
    "model.ssd.anchor_generator.ssd_anchor_generator.num_layers",
    "model.ssd.anchor_generator.ssd_anchor_generator.reduce_boxes_in_lowest_layer",
    "model.ssd.box_coder.faster_rcnn_box_coder.height_scale",
    "model.ssd.box_coder.faster_rcnn_box_coder.width_scale",
    "model.ssd.box_coder.faster_rcnn_box_coder.x_scale",
    "model.ssd.box_coder.faster_rcnn_box_coder.y_scale",
    "model.ssd.box_predictor.convolutional_box_predictor.apply_sigmoid_to_scores",
    "model.ssd.box_predictor.convolutional_box_predictor.box_code_size",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.activation",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.center",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.decay",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.epsilon",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.scale",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.train",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.initializer.truncated_"
    "normal_initializer.mean",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.initializer.truncated_"
    "normal_initializer.stddev",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.regularizer.l2_"
    "regularizer.weight",
    "model.ssd.box_predictor.convolutional_box_predictor.dropout_keep_probability",
    "model.ssd.box_predictor.convolutional_box_predictor.kernel_size",
    "model.ssd.box_predictor.convolutional_box_predictor.max_depth",
    "model.ssd.box_predictor.convolutional_box_predictor.min_depth",
    "model.ssd.box_predictor.convolutional_box_predictor.num_layers_before_predictor",
    "model.ssd.box_predictor.convolutional_box_predictor.use_depthwise",
    "model.ssd.box_predictor.convolutional_box_predictor.use_dropout",
    "model.ssd.feature_extractor.conv_hyperparams.activation",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.center",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.epsilon",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.scale",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.train",
    "model.ssd.feature_extractor.conv_hyperparams.initializer.truncated_normal_initializer.mean",
    "model.ssd.feature_extractor.conv_hyperparams.initializer.truncated_normal_initializer.stddev",
    "model.ssd.feature_extractor.conv_hyperparams.regularizer.l2_regularizer.weight",
    "model.ssd.feature_extractor.depth_multiplier",
    "model.ssd.feature_extractor.min_depth",
    "model.ssd.feature_extractor.override_base_feature_extractor_hyperparams",
    "model.ssd.feature_extractor.type",
    "model.ssd.feature_extractor.use_depthwise",
    "model.ssd.image_resizer.fixed_shape_resizer.height",
    "model.ssd.image_resizer.fixed_shape_resizer.width",
    "model.ssd.loss.classification_loss.weighted_sigmoid",
    "model.ssd.loss.classification_loss.weighted_sigmoid.anchorwise_output",
    "model.ssd.loss.classification_weight",
    "model.ssd.loss.hard_example_miner.iou_threshold",
    "model.ssd.loss.hard_example_miner.loss_type",
    "model.ssd.loss.hard_example_miner.max_negatives_per_positive",
    "model.ssd.loss.hard_example_miner.min_negatives_per_image",
    "model.ssd.loss.hard_example_miner.num_hard_examples",
    "model.ssd.loss.localization_loss.weighted_smooth_l1",
    "model.ssd.loss.localization_loss.weighted_smooth_l1.anchorwise_output",
    "model.ssd.loss.localization_weight",
    "model.ssd.matcher.argmax_matcher.force_match_for_each_row",
    "model.ssd.matcher.argmax_matcher.ignore_thresholds",
    "model.ssd.matcher.argmax_matcher.matched_threshold",
    "model.ssd.matcher.argmax_matcher.negatives_lower_than_unmatched",
    "model.ssd.matcher.argmax_matcher.unmatched_threshold",
    "model.ssd.normalize_loss_by_num_matches",
    "model.ssd.num_classes",
    "model.ssd.post_processing.batch_non_max_suppression.iou_threshold",
    "model.ssd.post_processing.batch_non_max_suppression.max_detections_per_class",
    "model.ssd.post_processing.batch_non_max_suppression.max_total_detections",
    "model.ssd.post_processing.batch_non_max_suppression.score_threshold",
    "model.ssd.post_processing.score_converter",
    "model.ssd.similarity_calculator.iou_similarity",
    "train_config.batch_size",
    "train_config.data_augmentation_options.random_horizontal_flip",
    "train_config.data_augmentation_options.ssd_random_crop",
    "train_config.fine_tune_checkpoint",
    "train_config.fine_tune_checkpoint_type",
    "train_config.from_detection_checkpoint",
    "train_config.gradient_clipping_by_norm",
    "train_config.load_all_detection_checkpoint_vars",
    "train_config.max_number_of_boxes",
    "train_config.num_steps",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.initial_"
    "learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.schedule."
    "learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.schedule."
    "step",
    "train_config.optimizer.momentum_optimizer.momentum_optimizer_value",
    "train_config.optimizer.rms_prop_optimizer.decay",
    "train_config.optimizer.rms_prop_optimizer.epsilon",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate.decay_"
    "factor",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate.decay_"
    "steps",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "initial_learning_rate",
    "train_config.optimizer.rms_prop_optimizer.momentum_optimizer_value",
    "train_config.optimizer.use_moving_average",
    "train_input_reader.label_map_path",
    "train_input_reader.tf_record_input_reader.input_path",
};
// NOLINTEND(bugprone-suspicious-missing-comma)

// How TensorFlow queues, spreads and logs its work: of no consequence here. In order.
constexpr string_view kMachinery[] = {
    "eval_config.eval_interval_secs",
    "eval_config.eval_master",
    "eval_config.num_visualizations",
    "eval_config.save_graph",
    "eval_config.visualization_export_dir",
    "eval_input_reader.filenames_shuffle_buffer_size",
    "eval_input_reader.min_after_dequeue",
    "eval_input_reader.num_parallel_batches",
    "eval_input_reader.num_parallel_map_calls",
    "eval_input_reader.num_prefetch_batches",
    "eval_input_reader.prefetch_size",
    "eval_input_reader.queue_capacity",
    "eval_input_reader.read_block_length",
    "eval_input_reader.shuffle_buffer_size",
    "model.faster_rcnn.inplace_batchnorm_update",
    "model.faster_rcnn.use_matmul_crop_and_resize",
    "model.faster_rcnn.use_matmul_gather_in_matcher",
    "model.faster_rcnn.use_static_balanced_label_sampler",
    "model.faster_rcnn.use_static_shapes",
    "model.faster_rcnn.use_static_shapes_for_eval",
    "model.ssd.inplace_batchnorm_update",
    "model.ssd.matcher.argmax_matcher.use_matmul_gather",
    "model.ssd.post_processing.batch_non_max_suppression.use_static_shapes",
    "train_config.batch_queue_capacity",
    "train_config.fine_tune_checkpoint_version",
    "train_config.keep_checkpoint_every_n_hours",
    "train_config.num_batch_queue_threads",
    "train_config.prefetch_queue_capacity",
    "train_config.replicas_to_aggregate",
    "train_config.run_fine_tune_checkpoint_dummy_computation",
    "train_config.startup_delay_steps",
    "train_config.summarize_gradients",
    "train_config.sync_replicas",
    "train_config.unpad_groundtruth_tensors",
    "train_config.use_bfloat16",
    "train_input_reader.drop_remainder",
    "train_input_reader.filenames_shuffle_buffer_size",
    "train_input_reader.min_after_dequeue",
    "train_input_reader.num_parallel_batches",
    "train_input_reader.num_parallel_map_calls",
    "train_input_reader.num_prefetch_batches",
    "train_input_reader.num_readers",
    "train_input_reader.prefetch_size",
    "train_input_reader.queue_capacity",
    "train_input_reader.read_block_length",
    "train_input_reader.shuffle_buffer_size",
};

/// `path` itself, or something inside it, is in `list`.
template <size_t N>
bool holds(const string_view (&list)[N], const std::string& path) {
  static_assert(N > 0);
  const auto* at = std::lower_bound(std::begin(list), std::end(list), string_view(path));
  if (at == std::end(list)) return false;
  if (*at == path) return true;
  const std::string inside = path + ".";
  at = std::lower_bound(at, std::end(list), string_view(inside));
  return at != std::end(list) && at->starts_with(inside);
}

/// What may stand in place of `field` in `block`.
std::string alternatives(const Block& block, const std::string& prefix, const Field& field) {
  std::string out;
  for (const Field& other : block.type->fields)
    if (other.oneof == field.oneof && holds(kHonoured, prefix + std::string(other.name)))
      out += (out.empty() ? "" : ", ") + std::string(other.name);
  return out;
}

void not_honoured(const Block& block, const std::string& prefix, const Value& value,
                  Remarks& remarks) {
  const std::string here = prefix + std::string(value.field->name);
  // Of a choice something must be honoured; augmentations are the exception.
  const bool choice = !value.field->oneof.empty() && value.field->oneof != "preprocessing_step";
  const std::string others = choice ? alternatives(block, prefix, *value.field) : "";
  if (others.empty())
    remarks.add_at(Level::warning, here, value.place,
                   "is not honoured yet: training goes on as if it were not there");
  else
    remarks.add_at(Level::error, here, value.place,
                   "is not honoured yet, and something must be in its place: " + others);
}

void walk(const Block& block, const std::string& path, Remarks& remarks) {
  const std::string prefix = path.empty() ? "" : path + ".";
  for (const Value& value : block.values) {
    const std::string here = prefix + std::string(value.field->name);
    if (holds(kHonoured, here)) {
      if (value.block != nullptr) walk(*value.block, here, remarks);
    } else if (std::ranges::binary_search(kMachinery, string_view(here))) {
      remarks.add_at(Level::note, here, value.place,
                     "is about how TensorFlow runs; it changes nothing here");
    } else {
      not_honoured(block, prefix, value, remarks);
    }
  }
}

}  // namespace

void check_honoured(Remarks& remarks) { walk(remarks.config().root, "", remarks); }

}  // namespace pasu::pipeline::detail
