#include "detect/network.h"

#include <openvino/opsets/opset8.hpp>

#include "base/guard.h"
#include "detect/detail/openvino.h"

namespace pasu::detect {
namespace {

std::string precision_of(const ov::Model& model) {
  bool f16 = false;
  for (const auto& op : model.get_ops()) {
    if (ov::is_type<ov::op::v0::FakeQuantize>(op)) return "int8";
    f16 |= ov::is_type<ov::op::v0::Constant>(op) && op->get_element_type() == ov::element::f16;
  }
  return f16 ? "f16" : "f32";
}

/// The class count stands in no attribute: scores are [N, priors * K], priors [1, 1..2, priors *
/// 4].
void read_ssd(const ov::Node& op, int background, NetworkInfo& out) {
  const auto scores = detail::shape_of(op.get_input_partial_shape(1));
  const auto priors = detail::shape_of(op.get_input_partial_shape(2));
  out.ssd_background = background;
  if (scores.size() == 2 && priors.size() == 3 && scores[1] > 0 && priors[2] >= 4)
    out.ssd_classes = static_cast<int>(scores[1] / (priors[2] / 4));
}

}  // namespace

namespace detail {

NetworkInfo describe(const std::string& file, const ov::Model& model) {
  NetworkInfo out;
  out.file = file;
  out.precision = precision_of(model);
  for (const auto& input : model.inputs())
    out.inputs.push_back({tensor_name(input), shape_of(input.get_partial_shape()),
                          input.get_element_type() == ov::element::u8
                              ? artifact::ElementType::u8
                              : artifact::ElementType::f32});
  for (const auto& output : model.outputs())
    out.outputs.push_back({tensor_name(output), shape_of(output.get_partial_shape())});
  for (const auto& op : model.get_ops()) {
    if (const auto v0 = ov::as_type_ptr<ov::op::v0::DetectionOutput>(op))
      read_ssd(*op, v0->get_attrs().background_label_id, out);
    if (const auto v8 = ov::as_type_ptr<ov::op::v8::DetectionOutput>(op))
      read_ssd(*op, v8->get_attrs().background_label_id, out);
  }
  return out;
}

}  // namespace detail

Result<NetworkInfo> read_network(const std::string& file) {
  auto model = TRY(detail::read_model(file));
  return guard([&] { return detail::describe(file, *model); });
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string out = "[";
  for (const int64_t n : shape) {
    if (out.size() > 1) out += ", ";
    out += n < 0 ? "?" : fmt::format("{}", n);
  }
  return out + "]";
}

}  // namespace pasu::detect
