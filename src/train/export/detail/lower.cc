#include "train/export/detail/lower.h"

#include <openvino/opsets/opset8.hpp>

namespace pasu::train::detail {
namespace {

namespace op = ov::opset8;
using Value = ov::Output<ov::Node>;

std::shared_ptr<op::Constant> floats(const ov::Shape& shape, const std::vector<float>& values) {
  return op::Constant::create(ov::element::f32, shape, values);
}
std::shared_ptr<op::Constant> integers(const std::vector<int64_t>& values) {
  return op::Constant::create(ov::element::i64, {values.size()}, values);
}

class Lowering {
 public:
  Lowering(const Graph& graph, const std::vector<FoldedConv>& convs, const Quantized* int8)
      : graph_(graph), convs_(convs), int8_(int8) {}

  Lowered nodes() {
    image_ = std::make_shared<op::Parameter>(ov::element::f32, ov::PartialShape{-1, 3, -1, -1});
    image_->set_friendly_name("image");
    image_->output(0).set_names({"image"});
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      Value value = lowered(i);
      if (i > 0) value.get_node_shared_ptr()->set_friendly_name(graph_.nodes[i].name);
      done_.push_back(in_levels(i, value));
    }
    return {image_, done_};
  }

  std::shared_ptr<ov::Model> run(const std::optional<AnchorBoxes>& anchors) {
    nodes();
    if (anchors) {
      put("raw_detection_boxes", boxes(output(kBoxEncodings), *anchors));
      put("raw_detection_scores", scores(output(kClassLogits), *anchors));
    } else {
      for (const Output& output : graph_.outputs) put(output.name, done_[index(output.node)]);
    }
    return std::make_shared<ov::Model>(results_, ov::ParameterVector{image_}, graph_.model);
  }

 private:
  static size_t index(int node) { return static_cast<size_t>(node); }

  void put(const std::string& name, Value value) {
    value.add_names({name});
    results_.push_back(std::make_shared<op::Result>(value));
    results_.back()->set_friendly_name(name + "/result");
  }
  Value output(std::string_view name) const {
    for (const Output& output : graph_.outputs)
      if (output.name == name) return done_[index(output.node)];
    throw std::invalid_argument(fmt::format("the network has no output '{}'", name));
  }

  Value lowered(size_t at) const {
    const Node& node = graph_.nodes[at];
    const auto in = [&](size_t k) { return done_[index(node.inputs[k])]; };
    switch (node.op) {
      case Op::input:
        return less_mean();
      case Op::conv:
        return activated(conv(at, in(0)), node);
      case Op::add:
        return activated(std::make_shared<op::Add>(in(0), in(1)), node);
      case Op::upsample:
        return upsampled(in(0));
      case Op::cells: {
        const auto nhwc = std::make_shared<op::Transpose>(in(0), integers({0, 2, 3, 1}));
        return std::make_shared<op::Reshape>(nhwc, integers({0, -1, node.depth}), true);
      }
      case Op::concat: {
        ov::OutputVector parts;
        for (size_t k = 0; k < node.inputs.size(); ++k) parts.push_back(in(k));
        return std::make_shared<op::Concat>(parts, 1);
      }
    }
    return {};
  }

  Value less_mean() const {
    const auto& mean = graph_.input.mean;
    if (mean == std::array<double, 3>{0, 0, 0}) return image_;
    const std::vector<float> values(mean.begin(), mean.end());
    return std::make_shared<op::Subtract>(image_, floats({1, 3, 1, 1}, values));
  }

  /// Rounded to the levels of the node's range, where it has one.
  Value in_levels(size_t at, const Value& x) const {
    if (int8_ == nullptr || !int8_->ranges[at]) return x;
    const auto low = floats({}, {int8_->ranges[at]->low}),
               high = floats({}, {int8_->ranges[at]->high});
    const auto out = std::make_shared<op::FakeQuantize>(x, low, high, low, high, 256);
    out->set_friendly_name(graph_.nodes[at].name + "/levels");
    return out;
  }

  /// The kernel in the shape that OpenVINO wants; 8-bit ones are scaled back where they are used.
  Value kernel(size_t at, const ov::Shape& shape) const {
    const QuantizedConv* rounded = int8_ == nullptr ? nullptr : &int8_->convs[at];
    if (rounded == nullptr || rounded->weights.empty()) return floats(shape, convs_[at].weights);
    ov::Shape scales(shape.size(), 1);
    scales[0] = shape[0];
    const auto levels = op::Constant::create(ov::element::i8, shape, rounded->weights);
    const auto wide = std::make_shared<op::Convert>(levels, ov::element::f32);
    return std::make_shared<op::Multiply>(wide, floats(scales, rounded->scales));
  }
  const std::vector<float>& biases(size_t at) const {
    const bool rounded = int8_ != nullptr && !int8_->convs[at].weights.empty();
    return rounded ? int8_->convs[at].biases : convs_[at].biases;
  }

  Value conv(size_t at, const Value& x) const {
    const Node& node = graph_.nodes[at];
    const Conv& c = node.conv;
    const auto side = static_cast<size_t>(c.kernel), outs = static_cast<size_t>(c.out);
    const ov::Strides strides(2, static_cast<size_t>(c.stride)), dilations(2, 1);
    const bool same = c.padding == Padding::same;
    const ov::CoordinateDiff pads(2, same ? 0 : c.kernel / 2);
    const auto rule = same ? ov::op::PadType::SAME_UPPER : ov::op::PadType::EXPLICIT;
    Value out;
    if (c.depthwise())
      out = std::make_shared<op::GroupConvolution>(x, kernel(at, {outs, 1, 1, side, side}), strides,
                                                   pads, pads, dilations, rule);
    else
      out = std::make_shared<op::Convolution>(
          x, kernel(at, {outs, static_cast<size_t>(c.in), side, side}), strides, pads, pads,
          dilations, rule);
    out.get_node_shared_ptr()->set_friendly_name(node.name + "/conv");
    return std::make_shared<op::Add>(out, floats({1, outs, 1, 1}, biases(at)));
  }

  static Value activated(const Value& x, const Node& node) {
    switch (node.activation) {
      case Activation::relu:
        return std::make_shared<op::Relu>(x);
      case Activation::relu6:
        return std::make_shared<op::Clamp>(x, 0, 6);
      case Activation::none:
        break;
    }
    return x;
  }

  static Value upsampled(const Value& x) {
    op::Interpolate::InterpolateAttrs attributes;
    attributes.mode = op::Interpolate::InterpolateMode::NEAREST;
    attributes.shape_calculation_mode = op::Interpolate::ShapeCalcMode::SCALES;
    attributes.coordinate_transformation_mode =
        op::Interpolate::CoordinateTransformMode::ASYMMETRIC;
    attributes.nearest_mode = op::Interpolate::NearestMode::FLOOR;
    return std::make_shared<op::Interpolate>(x, integers({0, 0}), floats({2}, {2, 2}),
                                             integers({2, 3}), attributes);
  }

  /// encodings [N, A, 4] y, x, h, w -> [N, A, 4] ymin, xmin, ymax, xmax
  static Value boxes(const Value& encodings, const AnchorBoxes& anchors) {
    const auto count = static_cast<size_t>(anchors.anchors.shape[0]);
    std::vector<float> centres, sizes, inverse;
    for (size_t a = 0; a < count; ++a)
      for (size_t k = 0; k < 4; ++k)
        (k < 2 ? centres : sizes).push_back(anchors.anchors.values[4 * a + k]);
    for (const double scale : anchors.scales) inverse.push_back(static_cast<float>(1 / scale));
    const auto scaled = std::make_shared<op::Multiply>(encodings, floats({1, 1, 4}, inverse));
    const auto parts = std::make_shared<op::VariadicSplit>(
        scaled, op::Constant::create(ov::element::i64, {}, {2}), integers({2, 2}));
    const auto anchor_sizes = floats({1, count, 2}, sizes);
    const auto centre =
        std::make_shared<op::Add>(std::make_shared<op::Multiply>(parts->output(0), anchor_sizes),
                                  floats({1, count, 2}, centres));
    const auto half = std::make_shared<op::Multiply>(
        std::make_shared<op::Multiply>(std::make_shared<op::Exp>(parts->output(1)), anchor_sizes),
        floats({1, 1, 1}, {0.5f}));
    const Value low = std::make_shared<op::Subtract>(centre, half);
    const Value high = std::make_shared<op::Add>(centre, half);
    return std::make_shared<op::Concat>(ov::OutputVector{low, high}, 2);
  }

  static Value scores(const Value& logits, const AnchorBoxes& anchors) {
    if (anchors.softmax) return std::make_shared<op::Softmax>(logits, 2);
    return std::make_shared<op::Sigmoid>(logits);
  }

  const Graph& graph_;
  const std::vector<FoldedConv>& convs_;
  const Quantized* int8_;
  std::shared_ptr<op::Parameter> image_;
  ov::OutputVector done_;
  ov::ResultVector results_;
};

}  // namespace

std::shared_ptr<ov::Model> lower(const Graph& graph, const std::vector<FoldedConv>& convs,
                                 const std::optional<AnchorBoxes>& anchors, const Quantized* int8) {
  return Lowering(graph, convs, int8).run(anchors);
}

Lowered lower_nodes(const Graph& graph, const std::vector<FoldedConv>& convs) {
  return Lowering(graph, convs, nullptr).nodes();
}

ov::Core& ov_core() {
  static auto* const core = new ov::Core;  // Its plugins' threads may outlive main().
  return *core;
}

Error trimmed(const Error& error) {
  std::string_view text = error.message();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (const size_t at = text.rfind('\n'); at != text.npos) text.remove_prefix(at + 1);
  return Error(error.code(), std::string(text));
}

}  // namespace pasu::train::detail
