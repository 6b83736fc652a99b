// Fields that the format knows and training does not heed: said before it begins.
#include <algorithm>
#include <string_view>

#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

using std::string_view;

// What training reads (ssd/settings.cc, load/tfod_options.cc, fit/settings.cc, whose tests hold the
// list to them), some of it to refuse other values than it was built for. In order.
// NOLINTBEGIN(bugprone-suspicious-missing-comma): long paths go on in the next line.
constexpr string_view kHonoured[] = {
    "eval_config.eval_every_steps",
    "eval_input_reader.label_map_path",
    "eval_input_reader.name",
    "eval_input_reader.pasu_input_reader.cache_mb",
    "eval_input_reader.pasu_input_reader.hold_out",
    "eval_input_reader.pasu_input_reader.only",
    "eval_input_reader.pasu_input_reader.set.images",
    "eval_input_reader.pasu_input_reader.set.label_map_path",
    "eval_input_reader.pasu_input_reader.set.name",
    "eval_input_reader.pasu_input_reader.set.path",
    "eval_input_reader.pasu_input_reader.set.split",
    "eval_input_reader.pasu_input_reader.set.stretch_max",
    "eval_input_reader.pasu_input_reader.set.stretch_min",
    "eval_input_reader.pasu_input_reader.set.weight",
    "eval_input_reader.pasu_input_reader.side_max",
    "eval_input_reader.tf_record_input_reader.input_path",
    "model.pasu_person.blocks",
    "model.pasu_person.centred",
    "model.pasu_person.head",
    "model.pasu_person.head_convs",
    "model.pasu_person.identity_blocks",
    "model.pasu_person.input_size.batch_size",
    "model.pasu_person.input_size.height",
    "model.pasu_person.input_size.late_weight",
    "model.pasu_person.input_size.weight",
    "model.pasu_person.input_size.width",
    "model.pasu_person.loss.box_weight",
    "model.pasu_person.loss.cells_per_box",
    "model.pasu_person.loss.iou_power",
    "model.pasu_person.loss.negative_power",
    "model.pasu_person.loss.negative_weight",
    "model.pasu_person.loss.positive_weight",
    "model.pasu_person.loss.score_power",
    "model.pasu_person.loss.score_weight",
    "model.pasu_person.loss.slack",
    "model.pasu_person.loss.slack_below",
    "model.pasu_person.loss.target_iou_min",
    "model.pasu_person.loss.target_iou_power",
    "model.pasu_person.neck",
    "model.pasu_person.num_classes",
    "model.pasu_person.smooth",
    "model.pasu_person.stem",
    "model.pasu_person.widths",
    "model.ssd.add_background_class",
    "model.ssd.anchor_generator.ssd_anchor_generator.aspect_ratios",
    "model.ssd.anchor_generator.ssd_anchor_generator.base_anchor_height",
    "model.ssd.anchor_generator.ssd_anchor_generator.base_anchor_width",
    "model.ssd.anchor_generator.ssd_anchor_generator.height_offset",
    "model.ssd.anchor_generator.ssd_anchor_generator.height_stride",
    "model.ssd.anchor_generator.ssd_anchor_generator.interpolated_scale_aspect_ratio",
    "model.ssd.anchor_generator.ssd_anchor_generator.max_scale",
    "model.ssd.anchor_generator.ssd_anchor_generator.min_scale",
    "model.ssd.anchor_generator.ssd_anchor_generator.num_layers",
    "model.ssd.anchor_generator.ssd_anchor_generator.reduce_boxes_in_lowest_layer",
    "model.ssd.anchor_generator.ssd_anchor_generator.scales",
    "model.ssd.anchor_generator.ssd_anchor_generator.width_offset",
    "model.ssd.anchor_generator.ssd_anchor_generator.width_stride",
    "model.ssd.box_coder.faster_rcnn_box_coder.height_scale",
    "model.ssd.box_coder.faster_rcnn_box_coder.width_scale",
    "model.ssd.box_coder.faster_rcnn_box_coder.x_scale",
    "model.ssd.box_coder.faster_rcnn_box_coder.y_scale",
    "model.ssd.box_predictor.convolutional_box_predictor.apply_sigmoid_to_scores",
    "model.ssd.box_predictor.convolutional_box_predictor.box_code_size",
    "model.ssd.box_predictor.convolutional_box_predictor.class_prediction_bias_init",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.activation",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.center",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.decay",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.epsilon",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.scale",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.batch_norm.train",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.initializer.random_"
    "normal_initializer.mean",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.initializer.random_"
    "normal_initializer.stddev",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.initializer.truncat"
    "ed_normal_initializer.mean",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.initializer.truncat"
    "ed_normal_initializer.stddev",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.op",
    "model.ssd.box_predictor.convolutional_box_predictor.conv_hyperparams.regularizer.l2_regu"
    "larizer.weight",
    "model.ssd.box_predictor.convolutional_box_predictor.dropout_keep_probability",
    "model.ssd.box_predictor.convolutional_box_predictor.kernel_size",
    "model.ssd.box_predictor.convolutional_box_predictor.max_depth",
    "model.ssd.box_predictor.convolutional_box_predictor.min_depth",
    "model.ssd.box_predictor.convolutional_box_predictor.num_layers_before_predictor",
    "model.ssd.box_predictor.convolutional_box_predictor.use_depthwise",
    "model.ssd.box_predictor.convolutional_box_predictor.use_dropout",
    "model.ssd.encode_background_as_zeros",
    "model.ssd.feature_extractor.bifpn.combine_method",
    "model.ssd.feature_extractor.bifpn.max_level",
    "model.ssd.feature_extractor.bifpn.min_level",
    "model.ssd.feature_extractor.bifpn.num_filters",
    "model.ssd.feature_extractor.bifpn.num_iterations",
    "model.ssd.feature_extractor.conv_hyperparams.activation",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.center",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.decay",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.epsilon",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.scale",
    "model.ssd.feature_extractor.conv_hyperparams.batch_norm.train",
    "model.ssd.feature_extractor.conv_hyperparams.initializer.random_normal_initializer.mean",
    "model.ssd.feature_extractor.conv_hyperparams.initializer.random_normal_initializer.stddev",
    "model.ssd.feature_extractor.conv_hyperparams.initializer.truncated_normal_initializer.mean",
    "model.ssd.feature_extractor.conv_hyperparams.initializer.truncated_normal_initializer.stddev",
    "model.ssd.feature_extractor.conv_hyperparams.op",
    "model.ssd.feature_extractor.conv_hyperparams.regularizer.l2_regularizer.weight",
    "model.ssd.feature_extractor.depth_multiplier",
    "model.ssd.feature_extractor.fpn.additional_layer_depth",
    "model.ssd.feature_extractor.fpn.max_level",
    "model.ssd.feature_extractor.fpn.min_level",
    "model.ssd.feature_extractor.min_depth",
    "model.ssd.feature_extractor.override_base_feature_extractor_hyperparams",
    "model.ssd.feature_extractor.type",
    "model.ssd.feature_extractor.use_depthwise",
    "model.ssd.freeze_batchnorm",
    "model.ssd.image_resizer.fixed_shape_resizer.height",
    "model.ssd.image_resizer.fixed_shape_resizer.width",
    "model.ssd.loss.classification_loss.weighted_sigmoid",
    "model.ssd.loss.classification_loss.weighted_sigmoid.anchorwise_output",
    "model.ssd.loss.classification_loss.weighted_sigmoid_focal.alpha",
    "model.ssd.loss.classification_loss.weighted_sigmoid_focal.anchorwise_output",
    "model.ssd.loss.classification_loss.weighted_sigmoid_focal.gamma",
    "model.ssd.loss.classification_loss.weighted_softmax",
    "model.ssd.loss.classification_loss.weighted_softmax.anchorwise_output",
    "model.ssd.loss.classification_weight",
    "model.ssd.loss.hard_example_miner.iou_threshold",
    "model.ssd.loss.hard_example_miner.loss_type",
    "model.ssd.loss.hard_example_miner.max_negatives_per_positive",
    "model.ssd.loss.hard_example_miner.min_negatives_per_image",
    "model.ssd.loss.hard_example_miner.num_hard_examples",
    "model.ssd.loss.localization_loss.weighted_smooth_l1",
    "model.ssd.loss.localization_loss.weighted_smooth_l1.anchorwise_output",
    "model.ssd.loss.localization_loss.weighted_smooth_l1.delta",
    "model.ssd.loss.localization_weight",
    "model.ssd.matcher.argmax_matcher.force_match_for_each_row",
    "model.ssd.matcher.argmax_matcher.ignore_thresholds",
    "model.ssd.matcher.argmax_matcher.matched_threshold",
    "model.ssd.matcher.argmax_matcher.negatives_lower_than_unmatched",
    "model.ssd.matcher.argmax_matcher.unmatched_threshold",
    "model.ssd.negative_class_weight",
    "model.ssd.normalize_loc_loss_by_codesize",
    "model.ssd.normalize_loss_by_num_matches",
    "model.ssd.num_classes",
    "model.ssd.post_processing.batch_non_max_suppression.iou_threshold",
    "model.ssd.post_processing.batch_non_max_suppression.max_detections_per_class",
    "model.ssd.post_processing.batch_non_max_suppression.max_total_detections",
    "model.ssd.post_processing.batch_non_max_suppression.score_threshold",
    "model.ssd.post_processing.score_converter",
    "model.ssd.similarity_calculator.iou_similarity",
    "model.ssd.use_confidences_as_targets",
    "train_config.batch_size",
    "train_config.checkpoint_every_steps",
    "train_config.clones",
    "train_config.data_augmentation_options.pasu_augmentation.blocks",
    "train_config.data_augmentation_options.pasu_augmentation.blur",
    "train_config.data_augmentation_options.pasu_augmentation.empty",
    "train_config.data_augmentation_options.pasu_augmentation.enlarge_max",
    "train_config.data_augmentation_options.pasu_augmentation.flip",
    "train_config.data_augmentation_options.pasu_augmentation.grey",
    "train_config.data_augmentation_options.pasu_augmentation.ignore_above_area",
    "train_config.data_augmentation_options.pasu_augmentation.late_mosaic",
    "train_config.data_augmentation_options.pasu_augmentation.late_plain",
    "train_config.data_augmentation_options.pasu_augmentation.low_resolution",
    "train_config.data_augmentation_options.pasu_augmentation.mosaic",
    "train_config.data_augmentation_options.pasu_augmentation.mosaic_of_two",
    "train_config.data_augmentation_options.pasu_augmentation.noise",
    "train_config.data_augmentation_options.pasu_augmentation.person_height_max",
    "train_config.data_augmentation_options.pasu_augmentation.person_height_min",
    "train_config.data_augmentation_options.pasu_augmentation.photometric",
    "train_config.data_augmentation_options.pasu_augmentation.plain",
    "train_config.data_augmentation_options.pasu_augmentation.ssd_crop",
    "train_config.data_augmentation_options.pasu_augmentation.width_jitter",
    "train_config.data_augmentation_options.random_adjust_brightness.max_delta",
    "train_config.data_augmentation_options.random_adjust_contrast.max_delta",
    "train_config.data_augmentation_options.random_adjust_contrast.min_delta",
    "train_config.data_augmentation_options.random_adjust_hue.max_delta",
    "train_config.data_augmentation_options.random_adjust_saturation.max_delta",
    "train_config.data_augmentation_options.random_adjust_saturation.min_delta",
    "train_config.data_augmentation_options.random_distort_color",
    "train_config.data_augmentation_options.random_horizontal_flip",
    "train_config.data_augmentation_options.random_horizontal_flip.probability",
    "train_config.data_augmentation_options.random_jpeg_quality.max_jpeg_quality",
    "train_config.data_augmentation_options.random_jpeg_quality.min_jpeg_quality",
    "train_config.data_augmentation_options.random_jpeg_quality.random_coef",
    "train_config.data_augmentation_options.random_rgb_to_gray.probability",
    "train_config.data_augmentation_options.ssd_random_crop",
    "train_config.fine_tune_checkpoint",
    "train_config.fine_tune_checkpoint_type",
    "train_config.from_detection_checkpoint",
    "train_config.gradient_clipping_by_norm",
    "train_config.late_share",
    "train_config.load_all_detection_checkpoint_vars",
    "train_config.num_steps",
    "train_config.optimizer.adam_optimizer.epsilon",
    "train_config.optimizer.adam_optimizer.learning_rate.constant_learning_rate.learning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.cosine_decay_learning_rate.hold_base"
    "_rate_steps",
    "train_config.optimizer.adam_optimizer.learning_rate.cosine_decay_learning_rate.learning_"
    "rate_base",
    "train_config.optimizer.adam_optimizer.learning_rate.cosine_decay_learning_rate.total_steps",
    "train_config.optimizer.adam_optimizer.learning_rate.cosine_decay_learning_rate.warmup_le"
    "arning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.cosine_decay_learning_rate.warmup_steps",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.burn"
    "in_learning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.burn"
    "in_steps",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.deca"
    "y_factor",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.deca"
    "y_steps",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.init"
    "ial_learning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.min_"
    "learning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.exponential_decay_learning_rate.staircase",
    "train_config.optimizer.adam_optimizer.learning_rate.manual_step_learning_rate.initial_le"
    "arning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.manual_step_learning_rate.schedule.l"
    "earning_rate",
    "train_config.optimizer.adam_optimizer.learning_rate.manual_step_learning_rate.schedule.step",
    "train_config.optimizer.adam_optimizer.learning_rate.manual_step_learning_rate.warmup",
    "train_config.optimizer.adamw_optimizer.beta1",
    "train_config.optimizer.adamw_optimizer.beta2",
    "train_config.optimizer.adamw_optimizer.epsilon",
    "train_config.optimizer.adamw_optimizer.learning_rate.constant_learning_rate.learning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.cosine_decay_learning_rate.hold_bas"
    "e_rate_steps",
    "train_config.optimizer.adamw_optimizer.learning_rate.cosine_decay_learning_rate.learning"
    "_rate_base",
    "train_config.optimizer.adamw_optimizer.learning_rate.cosine_decay_learning_rate.total_steps",
    "train_config.optimizer.adamw_optimizer.learning_rate.cosine_decay_learning_rate.warmup_l"
    "earning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.cosine_decay_learning_rate.warmup_steps",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.bur"
    "nin_learning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.bur"
    "nin_steps",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.dec"
    "ay_factor",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.dec"
    "ay_steps",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.ini"
    "tial_learning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.min"
    "_learning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.exponential_decay_learning_rate.sta"
    "ircase",
    "train_config.optimizer.adamw_optimizer.learning_rate.manual_step_learning_rate.initial_l"
    "earning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.manual_step_learning_rate.schedule."
    "learning_rate",
    "train_config.optimizer.adamw_optimizer.learning_rate.manual_step_learning_rate.schedule.step",
    "train_config.optimizer.adamw_optimizer.learning_rate.manual_step_learning_rate.warmup",
    "train_config.optimizer.adamw_optimizer.weight_decay",
    "train_config.optimizer.momentum_optimizer.learning_rate.constant_learning_rate.learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate.hold_"
    "base_rate_steps",
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate.learn"
    "ing_rate_base",
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate.total"
    "_steps",
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate.warmu"
    "p_learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.cosine_decay_learning_rate.warmu"
    "p_steps",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "burnin_learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "burnin_steps",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "decay_factor",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "decay_steps",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "initial_learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "min_learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.exponential_decay_learning_rate."
    "staircase",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.initia"
    "l_learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.schedu"
    "le.learning_rate",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.schedu"
    "le.step",
    "train_config.optimizer.momentum_optimizer.learning_rate.manual_step_learning_rate.warmup",
    "train_config.optimizer.momentum_optimizer.momentum_optimizer_value",
    "train_config.optimizer.moving_average_decay",
    "train_config.optimizer.rms_prop_optimizer.decay",
    "train_config.optimizer.rms_prop_optimizer.epsilon",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.constant_learning_rate.learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.cosine_decay_learning_rate.hold_"
    "base_rate_steps",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.cosine_decay_learning_rate.learn"
    "ing_rate_base",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.cosine_decay_learning_rate.total"
    "_steps",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.cosine_decay_learning_rate.warmu"
    "p_learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.cosine_decay_learning_rate.warmu"
    "p_steps",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "burnin_learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "burnin_steps",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "decay_factor",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "decay_steps",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "initial_learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "min_learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.exponential_decay_learning_rate."
    "staircase",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.manual_step_learning_rate.initia"
    "l_learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.manual_step_learning_rate.schedu"
    "le.learning_rate",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.manual_step_learning_rate.schedu"
    "le.step",
    "train_config.optimizer.rms_prop_optimizer.learning_rate.manual_step_learning_rate.warmup",
    "train_config.optimizer.rms_prop_optimizer.momentum_optimizer_value",
    "train_config.optimizer.use_moving_average",
    "train_config.seed",
    "train_config.threads",
    "train_config.use_bfloat16",
    "train_input_reader.label_map_path",
    "train_input_reader.pasu_input_reader.cache_mb",
    "train_input_reader.pasu_input_reader.hold_out",
    "train_input_reader.pasu_input_reader.only",
    "train_input_reader.pasu_input_reader.set.images",
    "train_input_reader.pasu_input_reader.set.label_map_path",
    "train_input_reader.pasu_input_reader.set.name",
    "train_input_reader.pasu_input_reader.set.path",
    "train_input_reader.pasu_input_reader.set.split",
    "train_input_reader.pasu_input_reader.set.stretch_max",
    "train_input_reader.pasu_input_reader.set.stretch_min",
    "train_input_reader.pasu_input_reader.set.weight",
    "train_input_reader.pasu_input_reader.side_max",
    "train_input_reader.pasu_input_reader.threads",
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
    "eval_input_reader.num_epochs",
    "eval_input_reader.num_parallel_batches",
    "eval_input_reader.num_parallel_map_calls",
    "eval_input_reader.num_prefetch_batches",
    "eval_input_reader.num_readers",
    "eval_input_reader.prefetch_size",
    "eval_input_reader.queue_capacity",
    "eval_input_reader.read_block_length",
    "eval_input_reader.shuffle",
    "eval_input_reader.shuffle_buffer_size",
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
    "train_input_reader.drop_remainder",
    "train_input_reader.filenames_shuffle_buffer_size",
    "train_input_reader.min_after_dequeue",
    "train_input_reader.name",
    "train_input_reader.num_parallel_batches",
    "train_input_reader.num_parallel_map_calls",
    "train_input_reader.num_prefetch_batches",
    "train_input_reader.num_readers",
    "train_input_reader.prefetch_size",
    "train_input_reader.queue_capacity",
    "train_input_reader.read_block_length",
    "train_input_reader.shuffle_buffer_size",
};

// What pasu has a way of its own for. In order.
struct OwnWay {
  string_view path, way;
};
constexpr OwnWay kOwnWays[] = {
    {"eval_config.max_evals", "pasu measures every eval_every_steps steps, and at the end"},
    {"eval_config.metrics_set", "training measures by COCO's numbers; pasu eval has others"},
    {"eval_config.num_examples", "every picture of the set is measured"},
    {"eval_config.use_moving_averages", "the moving average is measured wherever there is one"},
    {"eval_input_reader.pasu_input_reader.threads", "pictures are measured one after another"},
    {"train_config.max_number_of_boxes", "a picture's boxes are all taken"},
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
  // Of a choice something must be honoured.
  const std::string others =
      value.field->oneof.empty() ? "" : alternatives(block, prefix, *value.field);
  if (others.empty())
    remarks.add_at(Level::warning, here, value.place,
                   "is not honoured yet: training goes on as if it were not there");
  else
    remarks.add_at(Level::error, here, value.place,
                   (value.field->oneof == "preprocessing_step"
                        ? "is not honoured yet, and training does not begin with it; it knows "
                        : "is not honoured yet, and something must be in its place: ") +
                       others);
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
    } else if (const auto* own = std::ranges::find(kOwnWays, string_view(here), &OwnWay::path);
               own != std::end(kOwnWays)) {
      remarks.add_at(Level::note, here, value.place,
                     fmt::format("changes nothing here: {}", own->way));
    } else if (here == "model.faster_rcnn") {
      // check_model() has said that it is not trained.
    } else {
      not_honoured(block, prefix, value, remarks);
    }
  }
}

}  // namespace

void check_honoured(Remarks& remarks) { walk(remarks.config().root, "", remarks); }

}  // namespace pasu::pipeline::detail
