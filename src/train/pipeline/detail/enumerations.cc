// Enumerations, their values by name and number.
#include "train/pipeline/detail/schema_tables.h"

namespace pasu::pipeline::detail {
namespace {

// clang-format off
constexpr TableRow kRows[] = {
    {"ResizeType",
     "BILINEAR=0 NEAREST_NEIGHBOR=1 BICUBIC=2 AREA=3"},
    {"ConditionalShapeResizer.ResizeCondition",
     "INVALID=0 GREATER=1 SMALLER=2"},
    {"Hyperparams.Op",
     "CONV=1 FC=2"},
    {"VarianceScalingInitializer.Mode",
     "FAN_IN=0 FAN_OUT=1 FAN_AVG=2"},
    {"Hyperparams.Activation",
     "NONE=0 RELU=1 RELU_6=2 SWISH=3"},
    {"WeightSharedConvolutionalBoxPredictor.ScoreConverter",
     "IDENTITY=0 SIGMOID=1"},
    {"PostProcessing.ScoreConverter",
     "IDENTITY=0 SIGMOID=1 SOFTMAX=2"},
    {"TrainingDataType",
     "DATA_TYPE_UNKNOWN=0 ALL_CLASSES=1 CLASS_SPECIFIC=2"},
    {"HardExampleMiner.LossType",
     "BOTH=0 CLASSIFICATION=1 LOCALIZATION=2"},
    {"AttentionPosition",
     "ATTENTION_DEFAULT=0 POST_BOX_CLASSIFIER=1 POST_RPN=2"},
    {"Loss.ExpectedLossWeights",
     "NONE=0 EXPECTED_SAMPLING=1 REWEIGHTING_UNMATCHED_ANCHORS=2"},
    {"RandomJitterBoxes.JitterMode",
     "DEFAULT=0 EXPAND=1 SHRINK=2 EXPAND_SYMMETRIC=4 SHRINK_SYMMETRIC=5 EXPAND_SYMMETRIC_XY=6 "
     "SHRINK_SYMMETRIC_XY=7"},
    {"LossNormalize",
     "NORMALIZE_AUTO=0 NORMALIZE_GROUNDTRUTH_COUNT=1 NORMALIZE_BALANCED=3"},
    {"AugmentedSelfSupervisionLoss",
     "LOSS_UNSET=0 LOSS_DICE=1 LOSS_MSE=2 LOSS_KL_DIV=3"},
    {"ResizeImage.Method",
     "AREA=1 BICUBIC=2 BILINEAR=3 NEAREST_NEIGHBOR=4"},
    {"CheckpointVersion",
     "UNKNOWN=0 V1=1 V2=2"},
    {"InstanceMaskType",
     "DEFAULT=0 NUMERICAL_MASKS=1 PNG_MASKS=2"},
    {"InputType",
     "INPUT_DEFAULT=0 TF_EXAMPLE=1 TF_SEQUENCE_EXAMPLE=2"},
};
// clang-format on

}  // namespace

std::span<const TableRow> enumerations() { return kRows; }

}  // namespace pasu::pipeline::detail
