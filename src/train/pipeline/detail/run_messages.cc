// What stands beside "model": training, augmentation, optimisers, readers, evaluation.
#include "train/pipeline/detail/schema_tables.h"

namespace pasu::pipeline::detail {
namespace {

// clang-format off
constexpr TableRow kRows[] = {
    {"TrainEvalPipelineConfig",
     "model DetectionModel; train_config TrainConfig; train_input_reader InputReader; "
     "eval_config EvalConfig; eval_input_reader InputReader*; graph_rewriter GraphRewriter"},
    {"TrainConfig",
     "batch_size uint32 =32 1..65536; data_augmentation_options PreprocessingStep*; "
     "sync_replicas bool =false; keep_checkpoint_every_n_hours float =1e+04; "
     "optimizer Optimizer; gradient_clipping_by_norm float =0 0..; fine_tune_checkpoint string; "
     "fine_tune_checkpoint_type string; fine_tune_checkpoint_version CheckpointVersion =V1; "
     "from_detection_checkpoint bool =false; load_all_detection_checkpoint_vars bool =false; "
     "run_fine_tune_checkpoint_dummy_computation bool =true; num_steps uint32 =0; "
     "startup_delay_steps float =15; bias_grad_multiplier float =0; "
     "update_trainable_variables string*; freeze_variables string*; "
     "replicas_to_aggregate int32 =1; batch_queue_capacity int32 =150; "
     "num_batch_queue_threads int32 =8; prefetch_queue_capacity int32 =5; "
     "merge_multiple_label_boxes bool =false; use_multiclass_scores bool =false; "
     "add_regularization_loss bool =true; max_number_of_boxes int32 =100 1..; "
     "unpad_groundtruth_tensors bool =true; retain_original_images bool =false; "
     "use_bfloat16 bool =false; summarize_gradients bool =false; "
     "checkpoint_every_steps uint32 =500 1..; late_share float =0.3 0..1; seed uint32 =1; "
     "threads uint32 =1 1..256; clones uint32 =1 1..64"},
    {"PreprocessingStep",
     "normalize_image NormalizeImage @preprocessing_step; "
     "random_horizontal_flip RandomHorizontalFlip @preprocessing_step; "
     "random_pixel_value_scale RandomPixelValueScale @preprocessing_step; "
     "random_image_scale RandomImageScale @preprocessing_step; "
     "random_rgb_to_gray RandomRGBtoGray @preprocessing_step; "
     "random_adjust_brightness RandomAdjustBrightness @preprocessing_step; "
     "random_adjust_contrast RandomAdjustContrast @preprocessing_step; "
     "random_adjust_hue RandomAdjustHue @preprocessing_step; "
     "random_adjust_saturation RandomAdjustSaturation @preprocessing_step; "
     "random_distort_color RandomDistortColor @preprocessing_step; "
     "random_jitter_boxes RandomJitterBoxes @preprocessing_step; "
     "random_crop_image RandomCropImage @preprocessing_step; "
     "random_pad_image RandomPadImage @preprocessing_step; "
     "random_crop_pad_image RandomCropPadImage @preprocessing_step; "
     "random_crop_to_aspect_ratio RandomCropToAspectRatio @preprocessing_step; "
     "random_black_patches RandomBlackPatches @preprocessing_step; "
     "random_resize_method RandomResizeMethod @preprocessing_step; "
     "scale_boxes_to_pixel_coordinates ScaleBoxesToPixelCoordinates @preprocessing_step; "
     "resize_image ResizeImage @preprocessing_step; "
     "subtract_channel_mean SubtractChannelMean @preprocessing_step; "
     "ssd_random_crop SSDRandomCrop @preprocessing_step; "
     "ssd_random_crop_pad SSDRandomCropPad @preprocessing_step; "
     "ssd_random_crop_fixed_aspect_ratio SSDRandomCropFixedAspectRatio @preprocessing_step; "
     "ssd_random_crop_pad_fixed_aspect_ratio SSDRandomCropPadFixedAspectRatio @preprocessing_step; "
     "random_vertical_flip RandomVerticalFlip @preprocessing_step; "
     "random_rotation90 RandomRotation90 @preprocessing_step; "
     "rgb_to_gray RGBtoGray @preprocessing_step; "
     "convert_class_logits_to_softmax ConvertClassLogitsToSoftmax @preprocessing_step; "
     "random_absolute_pad_image RandomAbsolutePadImage @preprocessing_step; "
     "random_self_concat_image RandomSelfConcatImage @preprocessing_step; "
     "autoaugment_image AutoAugmentImage @preprocessing_step; "
     "drop_label_probabilistically DropLabelProbabilistically @preprocessing_step; "
     "remap_labels RemapLabels @preprocessing_step; "
     "random_jpeg_quality RandomJpegQuality @preprocessing_step; "
     "random_downscale_to_target_pixels RandomDownscaleToTargetPixels @preprocessing_step; "
     "random_patch_gaussian RandomPatchGaussian @preprocessing_step; "
     "random_square_crop_by_scale RandomSquareCropByScale @preprocessing_step; "
     "random_scale_crop_and_pad_to_square RandomScaleCropAndPadToSquare @preprocessing_step; "
     "adjust_gamma AdjustGamma @preprocessing_step; "
     "pasu_augmentation PasuAugmentation @preprocessing_step"},
    // pasu's own, as are the other Pasu messages and the AdamWOptimizer. Presets: Augmentation's.
    {"PasuAugmentation",
     "plain float 0..1; person_height_min float 1..; person_height_max float 1..; "
     "enlarge_max float 0..; width_jitter float 0..1; flip float 0..1; mosaic float 0..1; "
     "mosaic_of_two float 0..1; empty float 0..1; ignore_above_area float 0..1; "
     "ssd_crop float 0..1; photometric float 0..1; grey float 0..1; "
     "noise float 0..1; blur float 0..1; low_resolution float 0..1; blocks float 0..1; "
     "late_plain float 0..1; late_mosaic float 0..1"},
    {"NormalizeImage",
     "original_minval float; original_maxval float; target_minval float =0; "
     "target_maxval float =1"},
    {"RandomHorizontalFlip",
     "keypoint_flip_permutation int32*; probability float =0.5 0..1"},
    {"RandomPixelValueScale",
     "minval float =0.9; maxval float =1.1"},
    {"RandomImageScale",
     "min_scale_ratio float =0.5; max_scale_ratio float =2"},
    {"RandomRGBtoGray",
     "probability float =0.1 0..1"},
    {"RandomAdjustBrightness",
     "max_delta float =0.2"},
    {"RandomAdjustContrast",
     "min_delta float =0.8; max_delta float =1.25"},
    {"RandomAdjustHue",
     "max_delta float =0.02"},
    {"RandomAdjustSaturation",
     "min_delta float =0.8; max_delta float =1.25"},
    {"RandomDistortColor",
     "color_ordering int32"},
    {"RandomJitterBoxes",
     "ratio float =0.05; jitter_mode RandomJitterBoxes.JitterMode =DEFAULT"},
    {"RandomCropImage",
     "min_object_covered float =1 0..1; min_aspect_ratio float =0.75; "
     "max_aspect_ratio float =1.33; min_area float =0.1; max_area float =1; "
     "overlap_thresh float =0.3 0..1; clip_boxes bool =true; random_coef float =0 0..1"},
    {"RandomPadImage",
     "min_image_height int32; min_image_width int32; max_image_height int32; "
     "max_image_width int32; pad_color float*"},
    {"RandomCropPadImage",
     "min_object_covered float =1 0..1; min_aspect_ratio float =0.75; "
     "max_aspect_ratio float =1.33; min_area float =0.1; max_area float =1; "
     "overlap_thresh float =0.3 0..1; clip_boxes bool =true; random_coef float =0 0..1; "
     "min_padded_size_ratio float*; max_padded_size_ratio float*; pad_color float*"},
    {"RandomCropToAspectRatio",
     "aspect_ratio float =1; overlap_thresh float =0.3 0..1; clip_boxes bool =true"},
    {"RandomBlackPatches",
     "max_black_patches int32 =10; probability float =0.5 0..1; size_to_image_ratio float =0.1"},
    {"RandomResizeMethod",
     "target_height int32; target_width int32"},
    {"ScaleBoxesToPixelCoordinates",
     ""},
    {"ResizeImage",
     "new_height int32; new_width int32; method ResizeImage.Method =BILINEAR"},
    {"SubtractChannelMean",
     "means float*"},
    {"SSDRandomCrop",
     "operations SSDRandomCropOperation*"},
    {"SSDRandomCropOperation",
     "min_object_covered float 0..1; min_aspect_ratio float; max_aspect_ratio float; "
     "min_area float; max_area float; overlap_thresh float 0..1; clip_boxes bool =true; "
     "random_coef float 0..1"},
    {"SSDRandomCropPad",
     "operations SSDRandomCropPadOperation*"},
    {"SSDRandomCropPadOperation",
     "min_object_covered float 0..1; min_aspect_ratio float; max_aspect_ratio float; "
     "min_area float; max_area float; overlap_thresh float 0..1; clip_boxes bool =true; "
     "random_coef float 0..1; min_padded_size_ratio float*; max_padded_size_ratio float*; "
     "pad_color_r float; pad_color_g float; pad_color_b float"},
    {"SSDRandomCropFixedAspectRatio",
     "operations SSDRandomCropFixedAspectRatioOperation*; aspect_ratio float =1"},
    {"SSDRandomCropFixedAspectRatioOperation",
     "min_object_covered float 0..1; min_area float; max_area float; overlap_thresh float 0..1; "
     "clip_boxes bool =true; random_coef float 0..1"},
    {"SSDRandomCropPadFixedAspectRatio",
     "operations SSDRandomCropPadFixedAspectRatioOperation*; aspect_ratio float =1; "
     "min_padded_size_ratio float*; max_padded_size_ratio float*"},
    {"SSDRandomCropPadFixedAspectRatioOperation",
     "min_object_covered float 0..1; min_aspect_ratio float; max_aspect_ratio float; "
     "min_area float; max_area float; overlap_thresh float 0..1; clip_boxes bool =true; "
     "random_coef float 0..1"},
    {"RandomVerticalFlip",
     "keypoint_flip_permutation int32*; probability float =0.5 0..1"},
    {"RandomRotation90",
     "keypoint_rot_permutation int32*; probability float =0.5 0..1"},
    {"RGBtoGray",
     ""},
    {"ConvertClassLogitsToSoftmax",
     "temperature float =1"},
    {"RandomAbsolutePadImage",
     "max_height_padding int32; max_width_padding int32; pad_color float*"},
    {"RandomSelfConcatImage",
     "concat_vertical_probability float =0.1 0..1; concat_horizontal_probability float =0.1 0..1"},
    {"AutoAugmentImage",
     "policy_name string =v0"},
    {"DropLabelProbabilistically",
     "label int32; drop_probability float =1 0..1"},
    {"RemapLabels",
     "original_labels int32*; new_label int32"},
    {"RandomJpegQuality",
     "random_coef float =0 0..1; min_jpeg_quality int32 =0; max_jpeg_quality int32 =100"},
    {"RandomDownscaleToTargetPixels",
     "random_coef float =0 0..1; min_target_pixels int32 =300000; "
     "max_target_pixels int32 =500000"},
    {"RandomPatchGaussian",
     "random_coef float =0 0..1; min_patch_size int32 =1; max_patch_size int32 =250; "
     "min_gaussian_stddev float =0; max_gaussian_stddev float =1"},
    {"RandomSquareCropByScale",
     "max_border int32 =128; scale_min float =0.6; scale_max float =1.3; num_scales int32 =8"},
    {"RandomScaleCropAndPadToSquare",
     "output_size int32 =512; scale_min float =0.1; scale_max float =2"},
    {"AdjustGamma",
     "gamma float =1; gain float =1"},
    {"Optimizer",
     "rms_prop_optimizer RMSPropOptimizer @optimizer; "
     "momentum_optimizer MomentumOptimizer @optimizer; adam_optimizer AdamOptimizer @optimizer; "
     "adamw_optimizer AdamWOptimizer @optimizer; use_moving_average bool =true; moving_average_decay float =0.9999 0..1"},
    {"RMSPropOptimizer",
     "learning_rate LearningRate; momentum_optimizer_value float =0.9 0..1; "
     "decay float =0.9 0..1; epsilon float =1 0.."},
    {"LearningRate",
     "constant_learning_rate ConstantLearningRate @learning_rate; "
     "exponential_decay_learning_rate ExponentialDecayLearningRate @learning_rate; "
     "manual_step_learning_rate ManualStepLearningRate @learning_rate; "
     "cosine_decay_learning_rate CosineDecayLearningRate @learning_rate"},
    {"ConstantLearningRate",
     "learning_rate float =0.002 0.."},
    {"ExponentialDecayLearningRate",
     "initial_learning_rate float =0.002 0..; decay_steps uint32 =4000000; "
     "decay_factor float =0.95 0..; staircase bool =true; burnin_learning_rate float =0 0..; "
     "burnin_steps uint32 =0; min_learning_rate float =0 0.."},
    {"ManualStepLearningRate",
     "initial_learning_rate float =0.002 0..; "
     "schedule ManualStepLearningRate.LearningRateSchedule*; warmup bool =false"},
    {"ManualStepLearningRate.LearningRateSchedule",
     "step uint32; learning_rate float =0.002 0.."},
    {"CosineDecayLearningRate",
     "learning_rate_base float =0.002 0..; total_steps uint32 =4000000; "
     "warmup_learning_rate float =0.0002 0..; warmup_steps uint32 =10000; "
     "hold_base_rate_steps uint32 =0"},
    {"MomentumOptimizer",
     "learning_rate LearningRate; momentum_optimizer_value float =0.9 0..1"},
    {"AdamOptimizer",
     "learning_rate LearningRate; epsilon float =1e-08 0.."},
    {"AdamWOptimizer",
     "learning_rate LearningRate; beta1 float =0.9 0..1; beta2 float =0.999 0..1; "
     "epsilon float =1e-08 0..; weight_decay float =0.01 0.."},
    {"InputReader",
     "name string; label_map_path string; shuffle bool =true; shuffle_buffer_size uint32 =2048; "
     "filenames_shuffle_buffer_size uint32 =100; num_epochs uint32 =0; "
     "sample_1_of_n_examples uint32 =1; num_readers uint32 =64 1..; "
     "num_parallel_batches uint32 =8; num_prefetch_batches int32 =2; "
     "queue_capacity uint32 =2000; min_after_dequeue uint32 =1000; "
     "read_block_length uint32 =32; prefetch_size uint32 =512; "
     "num_parallel_map_calls uint32 =64; drop_remainder bool =true; "
     "num_additional_channels int32 =0; num_keypoints uint32 =0; keypoint_type_weight float*; "
     "max_number_of_boxes int32 =100 1..; load_multiclass_scores bool =false; "
     "load_context_features bool =false; load_context_image_ids bool =false; "
     "load_instance_masks bool =false; mask_type InstanceMaskType =NUMERICAL_MASKS; "
     "load_dense_pose bool =false; load_track_id bool =false; "
     "load_keypoint_depth_features bool =false; use_display_name bool =false; "
     "include_source_id bool =false; input_type InputType =TF_EXAMPLE; frame_index int32 =-1; "
     "use_keypoint_label_map bool =false; "
     "tf_record_input_reader TFRecordInputReader @input_reader; "
     "external_input_reader ExternalInputReader @input_reader; "
     "pasu_input_reader PasuInputReader @input_reader; "
     "sample_from_datasets_weights float*; expand_labels_hierarchy bool =false"},
    {"TFRecordInputReader",
     "input_path string*"},
    {"ExternalInputReader",
     ""},
    {"PasuInputReader",
     "set PasuInputReader.Set*; hold_out string*; only string*; cache_mb uint32 =2048; "
     "side_max int32 =1024 32..8192; threads uint32 =1 1..256"},
    {"PasuInputReader.Set",
     "path string; name string; split string; images string; label_map_path string; "
     "weight float =1 0..1000; stretch_min float =1 0.1..10; stretch_max float =1 0.1..10"},
    {"EvalConfig",
     "batch_size uint32 =1 1..65536; num_visualizations uint32 =10; num_examples uint32 =5000; "
     "eval_interval_secs uint32 =300; max_evals uint32 =0; save_graph bool =false; "
     "visualization_export_dir string; eval_master string; metrics_set string*; "
     "parameterized_metric ParameterizedMetric*; export_path string; "
     "ignore_groundtruth bool =false; use_moving_averages bool =false; "
     "eval_instance_masks bool =false; min_score_threshold float =0.5; "
     "max_num_boxes_to_visualize int32 =20; skip_scores bool =false; skip_labels bool =false; "
     "visualize_groundtruth_boxes bool =false; "
     "groundtruth_box_visualization_color string =black; "
     "keep_image_id_for_visualization_export bool =false; retain_original_images bool =true; "
     "include_metrics_per_category bool =false; all_metrics_per_category bool =false; "
     "super_categories EvalConfig.SuperCategoriesEntry*; recall_lower_bound float =0; "
     "recall_upper_bound float =1; retain_original_image_additional_channels bool =false; "
     "force_no_resize bool =false; use_dummy_loss_in_eval bool =false; "
     "keypoint_edge KeypointEdge*; skip_predictions_for_unlabeled_class bool =false; "
     "image_classes_field_map_empty_to_ones bool =true; eval_every_steps uint32 =1000 1.."},
    {"ParameterizedMetric",
     "coco_keypoint_metrics CocoKeypointMetrics @parameterized_metric"},
    {"CocoKeypointMetrics",
     "class_label string; "
     "keypoint_label_to_sigmas CocoKeypointMetrics.KeypointLabelToSigmasEntry*"},
    {"CocoKeypointMetrics.KeypointLabelToSigmasEntry",
     "key string; value float"},
    {"EvalConfig.SuperCategoriesEntry",
     "key string; value string"},
    {"KeypointEdge",
     "start int32; end int32"},
    {"GraphRewriter",
     "quantization Quantization"},
    {"Quantization",
     "delay int32 =500000; weight_bits int32 =8; activation_bits int32 =8; symmetric bool =false"},
};
// clang-format on

}  // namespace

std::span<const TableRow> run_messages() { return kRows; }

}  // namespace pasu::pipeline::detail
