#include "train/ssd/settings.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "train/load/tfod_options.h"

namespace pasu::train::ssd {
namespace {

using pipeline::Block;
using pipeline::Value;

constexpr std::array<std::string_view, 4> kExtractors = {
    "ssd_mobilenet_v1", "ssd_mobilenet_v2", "ssd_mobilenet_v1_keras", "ssd_mobilenet_v2_keras"};

float number(const Block& block, std::string_view field) {
  return static_cast<float>(block.number(field));
}

std::vector<float> numbers(const Block& block, std::string_view field) {
  std::vector<float> out;
  for (const Value& value : block.values)
    if (value.field->name == field) out.push_back(static_cast<float>(value.number));
  return out;
}

tl::unexpected<Error> not_here(std::string_view field, std::string_view what,
                               std::string_view known) {
  return fail(Errc::unsupported, "model.ssd.{}: {} is not trained here; {} is", field, what, known);
}

/// The one of a oneof that is set, which must be `known`. Null, and no error, where none is.
Result<const Block*> only(const Block& ssd, std::string_view message, std::string_view oneof,
                          std::string_view known) {
  const Block* block = ssd.block(message);
  if (block == nullptr) return nullptr;
  const Value* chosen = block->chosen(oneof);
  if (chosen == nullptr) return nullptr;
  if (chosen->field->name != known) return not_here(message, chosen->field->name, known);
  return chosen->block.get();
}

BatchNorm norm_of(const Block* hyperparams, BatchNorm preset) {
  const Block* b = hyperparams == nullptr ? nullptr : hyperparams->block("batch_norm");
  if (b == nullptr) return preset;
  return {.epsilon = b->number("epsilon"),
          .momentum = 1 - b->number("decay"),
          .scale = b->number("scale") != 0};
}

double stddev_of(const Block* hyperparams, double preset) {
  const Block* b = hyperparams == nullptr ? nullptr : hyperparams->block("initializer");
  for (const char* kind : {"truncated_normal_initializer", "random_normal_initializer"})
    if (const Block* one = b == nullptr ? nullptr : b->block(kind)) return one->number("stddev");
  return preset;
}

double decay_of(const Block* hyperparams) {
  const Block* b = hyperparams == nullptr ? nullptr : hyperparams->block("regularizer");
  const Block* l2 = b == nullptr ? nullptr : b->block("l2_regularizer");
  return l2 == nullptr ? 0 : l2->number("weight");
}

/// Fields of `block` that change what is computed and are not built here, where they are set so.
Result<void> none_of(const Block& block, std::string_view where,
                     std::initializer_list<std::pair<const char*, double>> only_values) {
  for (const auto& [field, value] : only_values)
    if (block.find(field) != nullptr && block.number(field) != value)
      return not_here(fmt::format("{}{}", where, field), fmt::format("{}", block.number(field)),
                      fmt::format("{}", value));
  return {};
}

/// Convolutions with ReLU 6 and batch norm are what is built.
Result<void> hyperparams_fit(const Block* hyperparams, const std::string& where) {
  if (hyperparams == nullptr) return {};
  for (const auto& [field, known] : {std::pair{"op", "CONV"}, {"activation", "RELU_6"}})
    if (hyperparams->find(field) != nullptr && hyperparams->text(field) != known)
      return not_here(where + field, hyperparams->text(field), known);
  if (const Value* normalizer = hyperparams->chosen("normalizer_oneof");
      normalizer != nullptr && normalizer->field->name != "batch_norm")
    return not_here(where + "normalizer", normalizer->field->name, "batch_norm");
  if (const Block* norm = hyperparams->block("batch_norm"))
    TRY(none_of(*norm, where + "batch_norm.", {{"center", 1}, {"train", 1}}));
  const Block* initializer = hyperparams->block("initializer");
  const Value* kind = initializer == nullptr ? nullptr : initializer->chosen("initializer_oneof");
  if (kind == nullptr) return {};
  const std::string_view name = kind->field->name;
  if (name != "truncated_normal_initializer" && name != "random_normal_initializer")
    return not_here(where + "initializer", name, "truncated_normal_initializer");
  return none_of(*kind->block, fmt::format("{}initializer.{}.", where, name), {{"mean", 0}});
}

Result<void> model_into(const Block& ssd, Settings& out) {
  const Block* extractor = ssd.block("feature_extractor");
  if (extractor == nullptr)
    return fail(Errc::invalid_argument, "model.ssd.feature_extractor is not set");
  out.extractor = extractor->text("type");
  if (std::ranges::find(kExtractors, out.extractor) == kExtractors.end())
    return not_here("feature_extractor.type", "'" + out.extractor + "'",
                    "ssd_mobilenet_v1 or ssd_mobilenet_v2");
  if (extractor->chosen("feature_pyramid_oneof") != nullptr)
    return not_here("feature_extractor", extractor->chosen("feature_pyramid_oneof")->field->name,
                    "an SSD without a feature pyramid");
  const Block* predictor =
      TRY(only(ssd, "box_predictor", "box_predictor_oneof", "convolutional_box_predictor"));
  SsdOptions& model = out.model;
  model.classes = static_cast<int>(ssd.number("num_classes"));
  model.depth_multiplier = extractor->number("depth_multiplier");
  model.min_depth = static_cast<int>(extractor->number("min_depth"));
  model.lite = extractor->number("use_depthwise") != 0;
  model.boxes_per_cell = anchors_per_cell(out.anchors);
  TRY(none_of(ssd, "",
              {{"negative_class_weight", 1},
               {"freeze_batchnorm", 0},
               {"add_background_class", 1},
               {"use_confidences_as_targets", 0}}));
  if (predictor != nullptr)
    TRY(none_of(*predictor, "box_predictor.convolutional_box_predictor.",
                {{"use_dropout", 0},
                 {"num_layers_before_predictor", 0},
                 {"box_code_size", 4},
                 {"apply_sigmoid_to_scores", 0}}));
  const Block* hyperparams = extractor->block("conv_hyperparams");
  TRY(hyperparams_fit(hyperparams, "feature_extractor.conv_hyperparams."));
  model.norm = norm_of(hyperparams, model.norm);
  model.stddev = stddev_of(hyperparams, model.stddev);
  // MobileNet keeps its own ways unless the configuration overrides them.
  if (extractor->number("override_base_feature_extractor_hyperparams") != 0) {
    model.base_norm = model.norm;
    model.base_stddev = model.stddev;
  }
  out.weight_decay = decay_of(hyperparams);
  if (predictor != nullptr) {
    const Block* own = predictor->block("conv_hyperparams");
    TRY(hyperparams_fit(own, "box_predictor.convolutional_box_predictor.conv_hyperparams."));
    model.predictor_norm = norm_of(own, model.predictor_norm);
    model.predictor_stddev = stddev_of(own, model.predictor_stddev);
    out.predictor_decay = decay_of(own);
    model.predictor_kernel = static_cast<int>(predictor->number("kernel_size"));
    out.class_bias = predictor->number("class_prediction_bias_init");
    model.lite |= predictor->number("use_depthwise") != 0;
  }
  return {};
}

Result<void> anchors_into(const Block& ssd, Settings& out) {
  const Block* b =
      TRY(only(ssd, "anchor_generator", "anchor_generator_oneof", "ssd_anchor_generator"));
  if (b == nullptr) return {};
  for (const char* field : {"height_stride", "width_stride", "height_offset", "width_offset"})
    if (b->find(field) != nullptr)
      return not_here("anchor_generator.ssd_anchor_generator", field,
                      "a grid that divides the input evenly");
  AnchorOptions& anchors = out.anchors;
  anchors.layers = static_cast<int>(b->number("num_layers"));
  anchors.scale_min = number(*b, "min_scale");
  anchors.scale_max = number(*b, "max_scale");
  anchors.scales = numbers(*b, "scales");
  if (auto ratios = numbers(*b, "aspect_ratios"); !ratios.empty()) anchors.aspect_ratios = ratios;
  anchors.interpolated_ratio = number(*b, "interpolated_scale_aspect_ratio");
  anchors.reduce_lowest = b->number("reduce_boxes_in_lowest_layer") != 0;
  anchors.base_height = number(*b, "base_anchor_height");
  anchors.base_width = number(*b, "base_anchor_width");
  return {};
}

Result<void> input_into(const Block& ssd, Settings& out) {
  const Block* resizer = ssd.block("image_resizer");
  const Value* chosen = resizer == nullptr ? nullptr : resizer->chosen("image_resizer_oneof");
  if (chosen == nullptr) return fail(Errc::invalid_argument, "model.ssd.image_resizer is not set");
  if (chosen->field->name != "fixed_shape_resizer")
    return not_here("image_resizer", chosen->field->name, "fixed_shape_resizer");
  out.input = {static_cast<int>(chosen->block->number("width")),
               static_cast<int>(chosen->block->number("height"))};
  return {};
}

Result<void> classes_into(const Block& loss, LossOptions& out) {
  const Block* block = loss.block("classification_loss");
  const Value* chosen = block == nullptr ? nullptr : block->chosen("classification_loss");
  if (chosen == nullptr || chosen->field->name == "weighted_sigmoid") return {};
  if (chosen->field->name == "weighted_softmax") {
    out.classes = LossOptions::Classes::softmax;
  } else if (chosen->field->name == "weighted_sigmoid_focal") {
    out.classes = LossOptions::Classes::focal;
    out.focal_gamma = number(*chosen->block, "gamma");
    if (chosen->block->find("alpha") == nullptr)
      return not_here("loss.classification_loss.weighted_sigmoid_focal", "one without alpha",
                      "one with alpha");
    out.focal_alpha = number(*chosen->block, "alpha");
  } else {
    return not_here("loss.classification_loss", chosen->field->name,
                    "weighted_sigmoid, weighted_softmax or weighted_sigmoid_focal");
  }
  return {};
}

Result<void> loss_into(const Block& ssd, Settings& out) {
  LossOptions& to = out.loss;
  to.by_matches = ssd.number("normalize_loss_by_num_matches") != 0;
  to.background_as_zeros = ssd.number("encode_background_as_zeros") != 0;
  to.by_code_size = ssd.number("normalize_loc_loss_by_codesize") != 0;
  if (const Block* b = TRY(only(ssd, "box_coder", "box_coder_oneof", "faster_rcnn_box_coder")))
    to.scales = {number(*b, "y_scale"), number(*b, "x_scale"), number(*b, "height_scale"),
                 number(*b, "width_scale")};
  to.matcher.force_match = false;  // The message's presets.
  if (const Block* b = TRY(only(ssd, "matcher", "matcher_oneof", "argmax_matcher"))) {
    const bool none = b->number("ignore_thresholds") != 0;
    to.matcher = {.matched = none ? 0 : number(*b, "matched_threshold"),
                  .unmatched = none ? 0 : number(*b, "unmatched_threshold"),
                  .negatives_lower = b->number("negatives_lower_than_unmatched") != 0,
                  .force_match = b->number("force_match_for_each_row") != 0};
  }
  TRY(only(ssd, "similarity_calculator", "region_similarity", "iou_similarity"));
  to.miner.reset();
  const Block* loss = ssd.block("loss");
  if (loss == nullptr) return {};
  to.class_weight = number(*loss, "classification_weight");
  to.box_weight = number(*loss, "localization_weight");
  TRY(classes_into(*loss, to));
  if (to.background_as_zeros && to.classes == LossOptions::Classes::softmax)
    return not_here("encode_background_as_zeros", "of a softmax", "of sigmoids");
  if (const Block* b =
          TRY(only(*loss, "localization_loss", "localization_loss", "weighted_smooth_l1")))
    if (b->find("delta") != nullptr) to.box_delta = number(*b, "delta");
  if (const Block* b = loss->block("hard_example_miner")) {
    to.miner = HardMinerOptions{
        .examples_max = static_cast<int>(b->number("num_hard_examples")),
        .iou = number(*b, "iou_threshold"),
        .negatives_per_positive = static_cast<int>(b->number("max_negatives_per_positive")),
        .negatives_min = static_cast<int>(b->number("min_negatives_per_image"))};
    const std::string by = b->text("loss_type");
    to.mined_by = by == "CLASSIFICATION" ? LossOptions::MinedBy::classes
                  : by == "LOCALIZATION" ? LossOptions::MinedBy::boxes
                                         : LossOptions::MinedBy::both;
  }
  return {};
}

/// Presets of the message where it is not set.
void post_processing_into(const Block& ssd, Settings& out) {
  PostProcessing& to = out.post;
  to.softmax = out.loss.classes == LossOptions::Classes::softmax;
  const Block* b = ssd.block("post_processing");
  if (b == nullptr) return;
  // IDENTITY gives the logits themselves: in the order of the scores they were trained as.
  const std::string converter = b->text("score_converter");
  if (converter != "IDENTITY") to.softmax = converter == "SOFTMAX";
  const Block* nms = b->block("batch_non_max_suppression");
  if (nms == nullptr) return;
  to.score_min = number(*nms, "score_threshold");
  to.nms.iou = number(*nms, "iou_threshold");
  to.nms.kept_per_label_max = static_cast<size_t>(nms->number("max_detections_per_class"));
  to.nms.kept_max = static_cast<size_t>(std::max(1.0, nms->number("max_total_detections")));
}

Result<void> augmentation_into(const Block* train, Settings& out) {
  std::vector<TfodOption> options;
  for (size_t i = 0; train != nullptr && i < train->values.size(); ++i) {
    const Value& value = train->values[i];
    if (value.field->name != "data_augmentation_options") continue;
    const Value* step = value.block->chosen("preprocessing_step");
    if (step == nullptr) continue;
    TfodOption option{.name = std::string(step->field->name)};
    for (const Value& one : step->block->values)
      option.values[std::string(one.field->name)] = one.number;
    options.push_back(std::move(option));
  }
  out.augmentation = TRY(with_context(tfod_augmentation(options), "train_config"));
  return {};
}

}  // namespace

Result<Settings> settings_from(const pipeline::Config& config) {
  const Block* ssd = config.block("model.ssd");
  if (ssd == nullptr) return fail(Errc::unsupported, "{}: model is no ssd", config.path);
  Settings out;
  TRY(with_context(input_into(*ssd, out), config.path));
  TRY(with_context(anchors_into(*ssd, out), config.path));
  TRY(with_context(model_into(*ssd, out), config.path));
  TRY(with_context(loss_into(*ssd, out), config.path));
  post_processing_into(*ssd, out);
  TRY(with_context(augmentation_into(config.block("train_config"), out), config.path));
  return out;
}

Graph graph_of(const Settings& settings) {
  return settings.extractor.starts_with("ssd_mobilenet_v2") ? ssd_mobilenet_v2(settings.model)
                                                            : ssd_mobilenet_v1(settings.model);
}

std::vector<geom::Size> grids_of(const Settings& settings) {
  const auto half = [](geom::Size size) {
    return geom::Size{(size.width + 1) / 2, (size.height + 1) / 2};
  };
  constexpr int kFirst = 4;  // Halvings: stride 16.
  geom::Size size = settings.input;
  for (int i = 0; i < kFirst; ++i) size = half(size);
  std::vector<geom::Size> out;
  for (size_t i = 0; i < settings.model.boxes_per_cell.size(); ++i, size = half(size))
    out.push_back(size);
  return out;
}

Result<std::vector<SetOptions>> sets_from(const pipeline::Block& reader) {
  const Value* chosen = reader.chosen("input_reader");
  if (chosen == nullptr || chosen->field->name != "tf_record_input_reader")
    return fail(Errc::unsupported, "an SSD is trained from a tf_record_input_reader");
  std::vector<SetOptions> out;
  for (const Value& value : chosen->block->values) {
    if (value.field->name != "input_path") continue;
    SetOptions set;
    set.path = value.text;
    set.label_map = reader.text("label_map_path");
    out.push_back(std::move(set));
  }
  if (out.empty()) return fail(Errc::invalid_argument, "tf_record_input_reader has no input_path");
  return out;
}

Truths truths_of(const std::vector<Truth>& truths, geom::Size input) {
  Truths out;
  const auto w = static_cast<float>(input.width), h = static_cast<float>(input.height);
  for (const Truth& truth : truths) {
    out.boxes.push_back({truth.y1 / h, truth.x1 / w, truth.y2 / h, truth.x2 / w});
    out.labels.push_back(truth.label);
    out.ignore.push_back(truth.ignore);
  }
  return out;
}

}  // namespace pasu::train::ssd
