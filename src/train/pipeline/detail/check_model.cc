// The model alone: is it one that pasu trains, and do its parts fit each other.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/nearest.h"
#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

// As ssd/settings.cc takes them.
const std::vector<std::string> kSsdExtractors = {"ssd_mobilenet_v1", "ssd_mobilenet_v1_keras",
                                                 "ssd_mobilenet_v2", "ssd_mobilenet_v2_keras"};

void check_extractor(const std::string& model, Remarks& remarks) {
  const std::string field = model + ".feature_extractor.type";
  const auto& known = kSsdExtractors;
  const Value* type = remarks.config().find(field);
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  if (type == nullptr) {
    remarks.add(Level::error, field, "is not set; it is one of " + names);
    return;
  }
  if (std::ranges::find(known, type->text) != known.end()) return;
  const auto near = nearest(type->text, known);
  const bool slip = near && edit_distance(type->text, *near) <= 2;
  remarks.add(Level::error, field,
              fmt::format("'{}' is none that pasu trains; {}", type->text,
                          slip ? fmt::format("did you mean '{}'?", *near)
                               : fmt::format("it trains {}", names)));
}

void check_resizer(const std::string& model, Remarks& remarks) {
  const Block* resizer = remarks.config().block(model + ".image_resizer");
  const std::string field = model + ".image_resizer";
  if (resizer == nullptr || resizer->values.empty()) {
    remarks.add(Level::error, field, "is not set: the size of picture that the network sees");
    return;
  }
  for (const char* resizer_name : {"fixed_shape_resizer", "keep_aspect_ratio_resizer"}) {
    const Block* sizes = resizer->block(resizer_name);
    if (sizes == nullptr) continue;
    const bool fixed = std::string(resizer_name).starts_with("fixed");
    for (const char* side :
         fixed ? std::array{"height", "width"} : std::array{"min_dimension", "max_dimension"})
      if (fixed && sizes->find(side) == nullptr)
        remarks.add(Level::error, fmt::format("{}.{}.{}", field, resizer_name, side),
                    "is not set, in pixels");
    if (fixed) continue;
    if (sizes->number("min_dimension") > sizes->number("max_dimension"))
      remarks.add(Level::error, fmt::format("{}.{}.min_dimension", field, resizer_name),
                  fmt::format("is {}, more than max_dimension, {}", sizes->number("min_dimension"),
                              sizes->number("max_dimension")));
    const Block* train = remarks.config().block("train_config");
    if (train != nullptr && train->number("batch_size") > 1 &&
        sizes->number("pad_to_max_dimension") == 0)
      remarks.add(Level::error, "train_config.batch_size",
                  fmt::format("is {}, and keep_aspect_ratio_resizer gives pictures of different "
                              "sizes, which make no batch; set batch_size: 1 or "
                              "pad_to_max_dimension: true",
                              train->number("batch_size")));
  }
}

void check_matcher(const std::string& model, Remarks& remarks) {
  const std::string field = model + ".matcher.argmax_matcher";
  const Block* matcher = remarks.config().block(field);
  if (matcher == nullptr || matcher->number("ignore_thresholds") != 0) return;
  if (matcher->number("unmatched_threshold") > matcher->number("matched_threshold"))
    remarks.add(
        Level::error, field + ".unmatched_threshold",
        fmt::format("is {}, more than matched_threshold, {}: anchors between them would be "
                    "both object and background",
                    matcher->number("unmatched_threshold"), matcher->number("matched_threshold")));
}

void check_anchors(const std::string& model, Remarks& remarks) {
  const std::string field = model + ".anchor_generator.ssd_anchor_generator";
  const Block* anchors = remarks.config().block(field);
  if (anchors == nullptr) return;
  if (anchors->number("min_scale") > anchors->number("max_scale"))
    remarks.add(Level::error, field + ".min_scale",
                fmt::format("is {}, more than max_scale, {}", anchors->number("min_scale"),
                            anchors->number("max_scale")));
  for (const Value& value : anchors->values)
    if (value.field->name == "aspect_ratios" && value.number == 0)
      remarks.add_at(Level::error, field + ".aspect_ratios", value.place,
                     "is 0: width over height is more than that");
}

// Every stride must divide the input.
constexpr int kCoarsestStride = 32;

void check_input_sizes(const std::string& model, Remarks& remarks) {
  const Block& block = *remarks.config().block(model);
  const std::string field = model + ".input_size";
  double weights = 0;
  bool any = false;
  for (const Value& value : block.values) {
    if (value.field->name != "input_size") continue;
    any = true;
    weights += value.block->number("weight");
    for (const char* side : {"width", "height"}) {
      const double pixels = value.block->number(side);
      if (pixels <= 0 || std::fmod(pixels, kCoarsestStride) != 0)
        remarks.add_at(Level::error, field + "." + side, value.place,
                       fmt::format("is {}; it is a multiple of {}, the coarsest stride", pixels,
                                   kCoarsestStride));
    }
    if (value.block->find("batch_size") == nullptr &&
        remarks.config().find("train_config.batch_size") == nullptr)
      remarks.add_at(Level::error, field + ".batch_size", value.place,
                     "is not set, nor is train_config.batch_size");
  }
  if (!any)
    remarks.add(Level::error, field,
                "is not set: the sizes of picture to train at, such as input_size { width: 320 "
                "height: 192 batch_size: 32 }");
  else if (weights <= 0)
    remarks.add(Level::error, field, "has no weight above 0: no size would be trained at");
  size_t counts[3] = {};
  for (const Value& value : block.values)
    for (size_t i = 0; const char* name : {"stem", "widths", "blocks"})
      counts[i++] += value.field->name == name ? 1 : 0;
  for (size_t i = 0; const char* name : {"stem", "widths", "blocks"}) {
    const size_t wanted = i == 0 ? 2 : 3;
    if (counts[i] != 0 && counts[i] != wanted)
      remarks.add(Level::error, fmt::format("{}.{}", model, name),
                  fmt::format("has {} values; it has {}, or none", counts[i], wanted));
    ++i;
  }
}

}  // namespace

void check_model(Remarks& remarks) {
  const std::string model = model_path(remarks.config());
  if (model.empty()) {
    const Block* block = remarks.config().block("model");
    const Value* chosen = block == nullptr ? nullptr : block->chosen("model");
    remarks.add(Level::error, "model",
                chosen == nullptr
                    ? std::string("is not set; it holds ssd { } or pasu_person { }")
                    : fmt::format("{} is none that pasu trains; it trains ssd and pasu_person",
                                  chosen->field->name));
    return;
  }
  if (remarks.config().find(model + ".num_classes") == nullptr)
    remarks.add(Level::error, model + ".num_classes",
                "is not set: how many classes the label map has, the background not counted");
  if (model == "model.pasu_person") {
    check_input_sizes(model, remarks);
    return;
  }
  if (model == "model.faster_rcnn")
    remarks.add(Level::error, model, "is not trained yet; ssd and pasu_person are");
  else
    check_extractor(model, remarks);
  check_resizer(model, remarks);
  check_matcher(model, remarks);
  check_anchors(model, remarks);
}

}  // namespace pasu::pipeline::detail
