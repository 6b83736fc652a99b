// What "model" may hold; rows as schema_tables.h has them. Long because TF OD API is.
#include "train/pipeline/detail/schema_tables.h"

namespace pasu::pipeline::detail {
namespace {

// clang-format off
constexpr TableRow kRows[] = {
    {"DetectionModel",
     "faster_rcnn FasterRcnn @model; ssd Ssd @model; "
     "experimental_model ExperimentalModel @model; center_net CenterNet @model; "
     "pasu_person PasuPerson @model"},
    // pasu's own: the anchor-free detector of docs/ref/training.md.
    {"PasuPerson",
     "num_classes int32 1..100000; input_size PasuPerson.InputSize*; stem int32* 1..16384; "
     "widths int32* 1..16384; blocks int32* 0..64; neck int32 =48 1..16384; "
     "head int32 =48 1..16384; head_convs int32 =1 0..16; smooth bool =false; "
     "centred bool =true; identity_blocks bool =false; loss PasuPerson.Loss"},
    {"PasuPerson.InputSize",
     "width int32 32..8192; height int32 32..8192; batch_size int32 1..65536; weight float =1 0..; "
     "late_weight float 0.."},
    {"PasuPerson.Loss",
     "score_weight float =1.5 0..; box_weight float =2.5 0..; score_power float =0.5 0..; "
     "iou_power float =4 0..; cells_per_box int32 =9 1..1000; slack float =0.5 0..16; "
     "slack_below float =16 0..; target_iou_power float =1 0..; target_iou_min float =0 0..1; "
     "negative_weight float =0.75 0..; negative_power float =1.5 0..; "
     "positive_weight float =0.5 0.."},
    {"FasterRcnn",
     "number_of_stages int32 =2; num_classes int32 1..100000; image_resizer ImageResizer; "
     "feature_extractor FasterRcnnFeatureExtractor; "
     "first_stage_anchor_generator AnchorGenerator; first_stage_atrous_rate int32 =1; "
     "first_stage_box_predictor_conv_hyperparams Hyperparams; "
     "first_stage_box_predictor_kernel_size int32 =3; "
     "first_stage_box_predictor_depth int32 =512; first_stage_minibatch_size int32 =256 0..; "
     "first_stage_positive_balance_fraction float =0.5; "
     "first_stage_nms_score_threshold float =0; first_stage_nms_iou_threshold float =0.7 0..1; "
     "first_stage_max_proposals int32 =300 0..; "
     "first_stage_localization_loss_weight float =1 0..; "
     "first_stage_objectness_loss_weight float =1 0..; initial_crop_size int32 1..; "
     "maxpool_kernel_size int32 1..; maxpool_stride int32 1..; "
     "second_stage_box_predictor BoxPredictor; second_stage_batch_size int32 =64; "
     "second_stage_balance_fraction float =0.25; second_stage_post_processing PostProcessing; "
     "second_stage_localization_loss_weight float =1 0..; "
     "second_stage_classification_loss_weight float =1 0..; "
     "second_stage_mask_prediction_loss_weight float =1 0..; "
     "hard_example_miner HardExampleMiner; second_stage_classification_loss ClassificationLoss; "
     "inplace_batchnorm_update bool =false; use_matmul_crop_and_resize bool =false; "
     "clip_anchors_to_image bool =false; use_matmul_gather_in_matcher bool =false; "
     "use_static_balanced_label_sampler bool =false; use_static_shapes bool =false; "
     "resize_masks bool =true; use_static_shapes_for_eval bool =false; "
     "use_partitioned_nms_in_first_stage bool =true; "
     "return_raw_detections_during_predict bool =false; "
     "use_combined_nms_in_first_stage bool =false; output_final_box_features bool =false; "
     "output_final_box_rpn_features bool =false; context_config Context"},
    {"ImageResizer",
     "keep_aspect_ratio_resizer KeepAspectRatioResizer @image_resizer_oneof; "
     "fixed_shape_resizer FixedShapeResizer @image_resizer_oneof; "
     "identity_resizer IdentityResizer @image_resizer_oneof; "
     "conditional_shape_resizer ConditionalShapeResizer @image_resizer_oneof; "
     "pad_to_multiple_resizer PadToMultipleResizer @image_resizer_oneof"},
    {"KeepAspectRatioResizer",
     "min_dimension int32 =600 1..65535; max_dimension int32 =1024 1..65535; "
     "resize_method ResizeType =BILINEAR; pad_to_max_dimension bool =false; "
     "convert_to_grayscale bool =false; per_channel_pad_value float*"},
    {"FixedShapeResizer",
     "height int32 =300 1..65535; width int32 =300 1..65535; "
     "resize_method ResizeType =BILINEAR; convert_to_grayscale bool =false"},
    {"IdentityResizer",
     ""},
    {"ConditionalShapeResizer",
     "condition ConditionalShapeResizer.ResizeCondition =GREATER; size_threshold int32 =300; "
     "resize_method ResizeType =BILINEAR; convert_to_grayscale bool =false"},
    {"PadToMultipleResizer",
     "multiple int32 =1; convert_to_grayscale bool =false"},
    {"FasterRcnnFeatureExtractor",
     "type string; first_stage_features_stride int32 =16 1..; batch_norm_trainable bool =false; "
     "conv_hyperparams Hyperparams; override_base_feature_extractor_hyperparams bool =false; "
     "pad_to_multiple int32 =32; fpn FeaturePyramidNetworks"},
    {"Hyperparams",
     "op Hyperparams.Op =CONV; regularizer Regularizer; initializer Initializer; "
     "activation Hyperparams.Activation =RELU; batch_norm BatchNorm @normalizer_oneof; "
     "sync_batch_norm BatchNorm @normalizer_oneof; group_norm GroupNorm @normalizer_oneof; "
     "regularize_depthwise bool =false; force_use_bias bool =false"},
    {"Regularizer",
     "l1_regularizer L1Regularizer @regularizer_oneof; "
     "l2_regularizer L2Regularizer @regularizer_oneof"},
    {"L1Regularizer",
     "weight float =1 0.."},
    {"L2Regularizer",
     "weight float =1 0.."},
    {"Initializer",
     "truncated_normal_initializer TruncatedNormalInitializer @initializer_oneof; "
     "variance_scaling_initializer VarianceScalingInitializer @initializer_oneof; "
     "random_normal_initializer RandomNormalInitializer @initializer_oneof; "
     "keras_initializer_by_name string @initializer_oneof"},
    {"TruncatedNormalInitializer",
     "mean float =0; stddev float =1 0.."},
    {"VarianceScalingInitializer",
     "factor float =2; uniform bool =false; mode VarianceScalingInitializer.Mode =FAN_IN"},
    {"RandomNormalInitializer",
     "mean float =0; stddev float =1 0.."},
    {"BatchNorm",
     "decay float =0.999 0..1; center bool =true; scale bool =false; epsilon float =0.001 0..; "
     "train bool =true"},
    {"GroupNorm",
     ""},
    {"FeaturePyramidNetworks",
     "min_level int32 =3; max_level int32 =7; additional_layer_depth int32 =256"},
    {"AnchorGenerator",
     "grid_anchor_generator GridAnchorGenerator @anchor_generator_oneof; "
     "ssd_anchor_generator SsdAnchorGenerator @anchor_generator_oneof; "
     "multiscale_anchor_generator MultiscaleAnchorGenerator @anchor_generator_oneof; "
     "flexible_grid_anchor_generator FlexibleGridAnchorGenerator @anchor_generator_oneof"},
    {"GridAnchorGenerator",
     "height int32 =256; width int32 =256; height_stride int32 =16 1..; "
     "width_stride int32 =16 1..; height_offset int32 =0; width_offset int32 =0; "
     "scales float* 0..; aspect_ratios float* 0.."},
    {"SsdAnchorGenerator",
     "num_layers int32 =6 1..64; min_scale float =0.2 0..; max_scale float =0.95 0..; "
     "scales float* 0..; aspect_ratios float* 0..; interpolated_scale_aspect_ratio float =1; "
     "reduce_boxes_in_lowest_layer bool =true; base_anchor_height float =1; "
     "base_anchor_width float =1; height_stride int32* 1..; width_stride int32* 1..; "
     "height_offset int32*; width_offset int32*"},
    {"MultiscaleAnchorGenerator",
     "min_level int32 =3; max_level int32 =7; anchor_scale float =4; aspect_ratios float* 0..; "
     "scales_per_octave int32 =2; normalize_coordinates bool =true"},
    {"FlexibleGridAnchorGenerator",
     "anchor_grid AnchorGrid*; normalize_coordinates bool =true"},
    {"AnchorGrid",
     "base_sizes float*; aspect_ratios float* 0..; height_stride uint32 1..; "
     "width_stride uint32 1..; height_offset uint32 =0; width_offset uint32 =0"},
    {"BoxPredictor",
     "convolutional_box_predictor ConvolutionalBoxPredictor @box_predictor_oneof; "
     "mask_rcnn_box_predictor MaskRCNNBoxPredictor @box_predictor_oneof; "
     "rfcn_box_predictor RfcnBoxPredictor @box_predictor_oneof; "
     "weight_shared_convolutional_box_predictor WeightSharedConvolutionalBoxPredictor @box_predictor_oneof"},
    {"ConvolutionalBoxPredictor",
     "conv_hyperparams Hyperparams; min_depth int32 =0 0..; max_depth int32 =0 0..; "
     "num_layers_before_predictor int32 =0 0..; use_dropout bool =true; "
     "dropout_keep_probability float =0.8 0..1; kernel_size int32 =1 1..; "
     "box_code_size int32 =4 0..; apply_sigmoid_to_scores bool =false; "
     "class_prediction_bias_init float =0; use_depthwise bool =false; "
     "box_encodings_clip_range ConvolutionalBoxPredictor.BoxEncodingsClipRange"},
    {"ConvolutionalBoxPredictor.BoxEncodingsClipRange",
     "min float; max float"},
    {"MaskRCNNBoxPredictor",
     "fc_hyperparams Hyperparams; use_dropout bool =false; "
     "dropout_keep_probability float =0.5 0..1; box_code_size int32 =4 0..; "
     "conv_hyperparams Hyperparams; predict_instance_masks bool =false; "
     "mask_prediction_conv_depth int32 =256; predict_keypoints bool =false; "
     "mask_height int32 =15; mask_width int32 =15; mask_prediction_num_conv_layers int32 =2; "
     "masks_are_class_agnostic bool =false; share_box_across_classes bool =false; "
     "convolve_then_upsample_masks bool =false"},
    {"RfcnBoxPredictor",
     "conv_hyperparams Hyperparams; num_spatial_bins_height int32 =3 1..; "
     "num_spatial_bins_width int32 =3 1..; depth int32 =1024 0..; box_code_size int32 =4 0..; "
     "crop_height int32 =12 1..; crop_width int32 =12 1.."},
    {"WeightSharedConvolutionalBoxPredictor",
     "conv_hyperparams Hyperparams; apply_conv_hyperparams_to_heads bool =false; "
     "apply_conv_hyperparams_pointwise bool =false; num_layers_before_predictor int32 =0 0..; "
     "depth int32 =0 0..; kernel_size int32 =3 1..; box_code_size int32 =4 0..; "
     "class_prediction_bias_init float =0; use_dropout bool =false; "
     "dropout_keep_probability float =0.8 0..1; share_prediction_tower bool =false; "
     "use_depthwise bool =false; "
     "score_converter WeightSharedConvolutionalBoxPredictor.ScoreConverter =IDENTITY; "
     "box_encodings_clip_range WeightSharedConvolutionalBoxPredictor.BoxEncodingsClipRange"},
    {"WeightSharedConvolutionalBoxPredictor.BoxEncodingsClipRange",
     "min float; max float"},
    {"PostProcessing",
     "batch_non_max_suppression BatchNonMaxSuppression; "
     "score_converter PostProcessing.ScoreConverter =IDENTITY; logit_scale float =1; "
     "calibration_config CalibrationConfig"},
    {"BatchNonMaxSuppression",
     "score_threshold float =0 0..1; iou_threshold float =0.6 0..1; "
     "max_detections_per_class int32 =100 0..; max_total_detections int32 =100 0..; "
     "use_static_shapes bool =false; use_class_agnostic_nms bool =false; "
     "max_classes_per_detection int32 =1; soft_nms_sigma float =0; "
     "use_partitioned_nms bool =false; use_combined_nms bool =false; "
     "change_coordinate_frame bool =true; use_hard_nms bool =false; use_cpu_nms bool =false"},
    {"CalibrationConfig",
     "function_approximation FunctionApproximation @calibrator; "
     "class_id_function_approximations ClassIdFunctionApproximations @calibrator; "
     "sigmoid_calibration SigmoidCalibration @calibrator; "
     "class_id_sigmoid_calibrations ClassIdSigmoidCalibrations @calibrator; "
     "temperature_scaling_calibration TemperatureScalingCalibration @calibrator"},
    {"FunctionApproximation",
     "x_y_pairs XYPairs"},
    {"XYPairs",
     "x_y_pair XYPairs.XYPair*; training_data_type TrainingDataType"},
    {"XYPairs.XYPair",
     "x float; y float"},
    {"ClassIdFunctionApproximations",
     "class_id_xy_pairs_map ClassIdFunctionApproximations.ClassIdXyPairsMapEntry*"},
    {"ClassIdFunctionApproximations.ClassIdXyPairsMapEntry",
     "key int32; value XYPairs"},
    {"SigmoidCalibration",
     "sigmoid_parameters SigmoidParameters"},
    {"SigmoidParameters",
     "a float =-1; b float =0"},
    {"ClassIdSigmoidCalibrations",
     "class_id_sigmoid_parameters_map ClassIdSigmoidCalibrations.ClassIdSigmoidParametersMapEntry*"},
    {"ClassIdSigmoidCalibrations.ClassIdSigmoidParametersMapEntry",
     "key int32; value SigmoidParameters"},
    {"TemperatureScalingCalibration",
     "scaler float"},
    {"HardExampleMiner",
     "num_hard_examples int32 =64 0..; iou_threshold float =0.7 0..1; "
     "loss_type HardExampleMiner.LossType =BOTH; max_negatives_per_positive int32 =0 0..; "
     "min_negatives_per_image int32 =0 0.."},
    {"ClassificationLoss",
     "weighted_sigmoid WeightedSigmoidClassificationLoss @classification_loss; "
     "weighted_softmax WeightedSoftmaxClassificationLoss @classification_loss; "
     "weighted_logits_softmax WeightedSoftmaxClassificationAgainstLogitsLoss @classification_loss; "
     "bootstrapped_sigmoid BootstrappedSigmoidClassificationLoss @classification_loss; "
     "weighted_sigmoid_focal SigmoidFocalClassificationLoss @classification_loss; "
     "penalty_reduced_logistic_focal_loss PenaltyReducedLogisticFocalLoss @classification_loss; "
     "weighted_dice_classification_loss WeightedDiceClassificationLoss @classification_loss"},
    {"WeightedSigmoidClassificationLoss",
     "anchorwise_output bool =false"},
    {"WeightedSoftmaxClassificationLoss",
     "anchorwise_output bool =false; logit_scale float =1"},
    {"WeightedSoftmaxClassificationAgainstLogitsLoss",
     "anchorwise_output bool =false; logit_scale float =1"},
    {"BootstrappedSigmoidClassificationLoss",
     "alpha float; hard_bootstrap bool =false; anchorwise_output bool =false"},
    {"SigmoidFocalClassificationLoss",
     "anchorwise_output bool =false; gamma float =2; alpha float"},
    {"PenaltyReducedLogisticFocalLoss",
     "alpha float; beta float"},
    {"WeightedDiceClassificationLoss",
     "squared_normalization bool =false; is_prediction_probability bool =false"},
    {"Context",
     "max_num_context_features int32 =2000; attention_bottleneck_dimension int32 =2048; "
     "attention_temperature float =0.01; context_feature_length int32 =2057; "
     "use_self_attention bool =false; use_long_term_attention bool =true; "
     "self_attention_in_sequence bool =false; num_attention_heads int32 =1; "
     "num_attention_layers int32 =1; attention_position AttentionPosition =POST_BOX_CLASSIFIER"},
    {"Ssd",
     "num_classes int32 1..100000; image_resizer ImageResizer; "
     "feature_extractor SsdFeatureExtractor; box_coder BoxCoder; matcher Matcher; "
     "similarity_calculator RegionSimilarityCalculator; encode_background_as_zeros bool =false; "
     "negative_class_weight float =1; box_predictor BoxPredictor; "
     "anchor_generator AnchorGenerator; post_processing PostProcessing; "
     "normalize_loss_by_num_matches bool =true; normalize_loc_loss_by_codesize bool =false; "
     "loss Loss; freeze_batchnorm bool =false; inplace_batchnorm_update bool =false; "
     "add_background_class bool =true; explicit_background_class bool =false; "
     "use_confidences_as_targets bool =false; implicit_example_weight float =1; "
     "return_raw_detections_during_predict bool =false; mask_head_config Ssd.MaskHead"},
    {"SsdFeatureExtractor",
     "type string; depth_multiplier float =1 0..; min_depth int32 =16 0..; "
     "conv_hyperparams Hyperparams; override_base_feature_extractor_hyperparams bool =false; "
     "pad_to_multiple int32 =1; use_explicit_padding bool =false; use_depthwise bool =false; "
     "fpn FeaturePyramidNetworks @feature_pyramid_oneof; "
     "bifpn BidirectionalFeaturePyramidNetworks @feature_pyramid_oneof; "
     "replace_preprocessor_with_placeholder bool =false; num_layers int32 =6; "
     "spaghettinet_arch_name string"},
    {"BidirectionalFeaturePyramidNetworks",
     "min_level int32 =3; max_level int32 =7; num_iterations int32; num_filters int32; "
     "combine_method string =fast_attention"},
    {"BoxCoder",
     "faster_rcnn_box_coder FasterRcnnBoxCoder @box_coder_oneof; "
     "mean_stddev_box_coder MeanStddevBoxCoder @box_coder_oneof; "
     "square_box_coder SquareBoxCoder @box_coder_oneof; "
     "keypoint_box_coder KeypointBoxCoder @box_coder_oneof"},
    {"FasterRcnnBoxCoder",
     "y_scale float =1e+01 0..; x_scale float =1e+01 0..; height_scale float =5 0..; "
     "width_scale float =5 0.."},
    {"MeanStddevBoxCoder",
     "stddev float =0.01 0.."},
    {"SquareBoxCoder",
     "y_scale float =1e+01 0..; x_scale float =1e+01 0..; length_scale float =5"},
    {"KeypointBoxCoder",
     "num_keypoints int32; y_scale float =1e+01 0..; x_scale float =1e+01 0..; "
     "height_scale float =5 0..; width_scale float =5 0.."},
    {"Matcher",
     "argmax_matcher ArgMaxMatcher @matcher_oneof; "
     "bipartite_matcher BipartiteMatcher @matcher_oneof"},
    {"ArgMaxMatcher",
     "matched_threshold float =0.5 0..1; unmatched_threshold float =0.5 0..1; "
     "ignore_thresholds bool =false; negatives_lower_than_unmatched bool =true; "
     "force_match_for_each_row bool =false; use_matmul_gather bool =false"},
    {"BipartiteMatcher",
     "use_matmul_gather bool =false"},
    {"RegionSimilarityCalculator",
     "neg_sq_dist_similarity NegSqDistSimilarity @region_similarity; "
     "iou_similarity IouSimilarity @region_similarity; "
     "ioa_similarity IoaSimilarity @region_similarity; "
     "thresholded_iou_similarity ThresholdedIouSimilarity @region_similarity"},
    {"NegSqDistSimilarity",
     ""},
    {"IouSimilarity",
     ""},
    {"IoaSimilarity",
     ""},
    {"ThresholdedIouSimilarity",
     "iou_threshold float =0.5 0..1"},
    {"Loss",
     "localization_loss LocalizationLoss; classification_loss ClassificationLoss; "
     "hard_example_miner HardExampleMiner; classification_weight float =1 0..; "
     "localization_weight float =1 0..; random_example_sampler RandomExampleSampler; "
     "equalization_loss Loss.EqualizationLoss; "
     "expected_loss_weights Loss.ExpectedLossWeights =NONE; min_num_negative_samples float =0; "
     "desired_negative_sampling_ratio float =3"},
    {"LocalizationLoss",
     "weighted_l2 WeightedL2LocalizationLoss @localization_loss; "
     "weighted_smooth_l1 WeightedSmoothL1LocalizationLoss @localization_loss; "
     "weighted_iou WeightedIOULocalizationLoss @localization_loss; "
     "l1_localization_loss L1LocalizationLoss @localization_loss; "
     "weighted_giou WeightedGIOULocalizationLoss @localization_loss"},
    {"WeightedL2LocalizationLoss",
     "anchorwise_output bool =false"},
    {"WeightedSmoothL1LocalizationLoss",
     "anchorwise_output bool =false; delta float =1"},
    {"WeightedIOULocalizationLoss",
     ""},
    {"L1LocalizationLoss",
     ""},
    {"WeightedGIOULocalizationLoss",
     ""},
    {"RandomExampleSampler",
     "positive_sample_fraction float =0.01 0..1"},
    {"Loss.EqualizationLoss",
     "weight float =0 0..; exclude_prefixes string*"},
    {"Ssd.MaskHead",
     "mask_height int32 =15; mask_width int32 =15; masks_are_class_agnostic bool =true; "
     "mask_prediction_conv_depth int32 =256; mask_prediction_num_conv_layers int32 =2; "
     "convolve_then_upsample_masks bool =false; mask_loss_weight float =5 0..; "
     "mask_loss_sample_size int32 =16; conv_hyperparams Hyperparams; "
     "initial_crop_size int32 =15 1.."},
    {"ExperimentalModel",
     "name string"},
    {"CenterNet",
     "num_classes int32 1..100000; feature_extractor CenterNetFeatureExtractor; "
     "image_resizer ImageResizer; use_depthwise bool =false; "
     "compute_heatmap_sparse bool =false; object_detection_task CenterNet.ObjectDetection; "
     "object_center_params CenterNet.ObjectCenterParams; keypoint_label_map_path string; "
     "keypoint_estimation_task CenterNet.KeypointEstimation*; "
     "mask_estimation_task CenterNet.MaskEstimation; "
     "densepose_estimation_task CenterNet.DensePoseEstimation; "
     "track_estimation_task CenterNet.TrackEstimation; "
     "temporal_offset_task CenterNet.TemporalOffsetEstimation; "
     "deepmac_mask_estimation CenterNet.DeepMACMaskEstimation; post_processing PostProcessing; "
     "output_prediction_dict bool =false"},
    {"CenterNetFeatureExtractor",
     "type string; channel_means float*; channel_stds float*; bgr_ordering bool =false; "
     "use_depthwise bool =false; depth_multiplier float =1 0..; use_separable_conv bool =false; "
     "upsampling_interpolation string =nearest"},
    {"CenterNet.ObjectDetection",
     "task_loss_weight float =1 0..; offset_loss_weight float =1 0..; "
     "scale_loss_weight float =0.1 0..; localization_loss LocalizationLoss; "
     "scale_head_params CenterNet.PredictionHeadParams; "
     "offset_head_params CenterNet.PredictionHeadParams"},
    {"CenterNet.PredictionHeadParams",
     "num_filters int32*; kernel_sizes int32*"},
    {"CenterNet.ObjectCenterParams",
     "object_center_loss_weight float =1 0..; classification_loss ClassificationLoss; "
     "heatmap_bias_init float =-2.19; min_box_overlap_iou float =0.7; "
     "max_box_predictions int32 =100; use_labeled_classes bool =false; "
     "keypoint_weights_for_center float*; center_head_params CenterNet.PredictionHeadParams; "
     "peak_max_pool_kernel_size int32 =3"},
    {"CenterNet.KeypointEstimation",
     "task_name string; task_loss_weight float =1 0..; loss Loss; keypoint_class_name string; "
     "keypoint_label_to_std CenterNet.KeypointEstimation.KeypointLabelToStdEntry*; "
     "keypoint_regression_loss_weight float =1 0..; keypoint_heatmap_loss_weight float =1 0..; "
     "keypoint_offset_loss_weight float =1 0..; heatmap_bias_init float =-2.19; "
     "keypoint_candidate_score_threshold float =0.1; num_candidates_per_keypoint int32 =100; "
     "peak_max_pool_kernel_size int32 =3; unmatched_keypoint_score float =0.1; "
     "box_scale float =1.2; candidate_search_scale float =0.3; "
     "candidate_ranking_mode string =min_distance; score_distance_offset float =1; "
     "score_distance_multiplier float =0.1; std_dev_multiplier float =1; "
     "offset_peak_radius int32 =0; per_keypoint_offset bool =false; predict_depth bool =false; "
     "per_keypoint_depth bool =false; keypoint_depth_loss_weight float =1 0..; "
     "clip_out_of_frame_keypoints bool =false; rescore_instances bool =false; "
     "rescoring_threshold float =0; gaussian_denom_ratio float =0.1; "
     "argmax_postprocessing bool =false; heatmap_head_params CenterNet.PredictionHeadParams; "
     "offset_head_params CenterNet.PredictionHeadParams; "
     "regress_head_params CenterNet.PredictionHeadParams"},
    {"CenterNet.KeypointEstimation.KeypointLabelToStdEntry",
     "key string; value float"},
    {"CenterNet.MaskEstimation",
     "task_loss_weight float =1 0..; classification_loss ClassificationLoss; "
     "mask_height int32 =256; mask_width int32 =256; score_threshold float =0.5 0..1; "
     "heatmap_bias_init float =-2.19; mask_head_params CenterNet.PredictionHeadParams"},
    {"CenterNet.DensePoseEstimation",
     "task_loss_weight float =1 0..; class_id int32; loss Loss; num_parts int32 =24; "
     "part_loss_weight float =1 0..; coordinate_loss_weight float =1 0..; "
     "upsample_to_input_res bool =true; heatmap_bias_init float =-2.19"},
    {"CenterNet.TrackEstimation",
     "task_loss_weight float =1 0..; num_track_ids int32; reid_embed_size int32 =128; "
     "num_fc_layers int32 =1; classification_loss ClassificationLoss"},
    {"CenterNet.TemporalOffsetEstimation",
     "task_loss_weight float =1 0..; localization_loss LocalizationLoss"},
    {"CenterNet.DeepMACMaskEstimation",
     "classification_loss ClassificationLoss; task_loss_weight float =1 0..; dim int32 =256; "
     "pixel_embedding_dim int32 =16; allowed_masked_classes_ids int32*; mask_size int32 =32; "
     "mask_num_subsamples int32 =-1; use_xy bool =true; network_type string =hourglass52; "
     "use_instance_embedding bool =true; num_init_channels int32 =64; "
     "predict_full_resolution_masks bool =false; postprocess_crop_size int32 =256; "
     "max_roi_jitter_ratio float =0; jitter_mode RandomJitterBoxes.JitterMode =DEFAULT; "
     "box_consistency_loss_weight float =0 0..; color_consistency_threshold float =0.4; "
     "color_consistency_dilation int32 =2; color_consistency_loss_weight float =0 0..; "
     "box_consistency_loss_normalize LossNormalize =NORMALIZE_AUTO; "
     "box_consistency_tightness bool =false; color_consistency_warmup_steps int32 =0; "
     "color_consistency_warmup_start int32 =0; use_only_last_stage bool =false; "
     "augmented_self_supervision_max_translation float =0; "
     "augmented_self_supervision_flip_probability float =0 0..1; "
     "augmented_self_supervision_loss_weight float =0 0..; "
     "augmented_self_supervision_warmup_start int32 =0; "
     "augmented_self_supervision_warmup_steps int32 =0; "
     "augmented_self_supervision_loss AugmentedSelfSupervisionLoss =LOSS_DICE; "
     "augmented_self_supervision_scale_min float =1; "
     "augmented_self_supervision_scale_max float =1; "
     "pointly_supervised_keypoint_loss_weight float =0 0..; "
     "ignore_per_class_box_overlap bool =false"},
};
// clang-format on

}  // namespace

std::span<const TableRow> model_messages() { return kRows; }

}  // namespace pasu::pipeline::detail
