#include "detect/network.h"

#include <filesystem>

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

ov::Core& ov_core() {
  static auto* core = new ov::Core;
  return *core;
}

Result<std::shared_ptr<ov::Model>> read_model(const std::string& file) {
  std::error_code error;
  const std::filesystem::path path(file);
  if (!std::filesystem::is_regular_file(path, error))
    return fail(Errc::not_found, "{}: no such file", file);
  if (path.extension() == ".xml") {
    auto bin = path;
    bin.replace_extension(".bin");
    if (!std::filesystem::is_regular_file(bin, error))
      return fail(Errc::not_found,
                  "{}: no such file; it holds the weights of {} and must lie beside it",
                  bin.string(), path.filename().string());
  }
  auto model = guard([&] { return ov_core().read_model(file); }, Errc::malformed);
  if (!model)
    return tl::unexpected(
        trimmed(model.error()).with(fmt::format("{}: not a network that can be read", file)));
  return model;
}

std::string tensor_name(const ov::Output<const ov::Node>& output) {
  // A tensor may have several names; the shortest is the one people gave it.
  std::string best;
  for (const std::string& name : output.get_names())
    if (best.empty() || name.size() < best.size() || (name.size() == best.size() && name < best))
      best = name;
  if (best.ends_with(":0")) best.resize(best.size() - 2);
  return best;
}

std::vector<int64_t> shape_of(const ov::PartialShape& shape) {
  std::vector<int64_t> out;
  if (shape.rank().is_dynamic()) return out;
  for (const ov::Dimension& n : shape) out.push_back(n.is_static() ? n.get_length() : -1);
  return out;
}

Error trimmed(const Error& error) {
  std::string_view text = error.message();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (const size_t at = text.rfind('\n'); at != text.npos) text.remove_prefix(at + 1);
  return Error(error.code(), std::string(text));
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
