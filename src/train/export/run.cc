#include "train/export/run.h"

#include <algorithm>

#include "base/guard.h"
#include "train/export/detail/lower.h"

namespace pasu::train {
namespace {

std::vector<Array> run(const std::shared_ptr<ov::Model>& model, const Array& images) {
  auto compiled = detail::ov_core().compile_model(
      model, "CPU",
      {ov::hint::inference_precision(ov::element::f32), ov::inference_num_threads(1)});
  ov::InferRequest request = compiled.create_infer_request();
  ov::Tensor input(ov::element::f32, ov::Shape(images.shape.begin(), images.shape.end()));
  std::copy(images.values.begin(), images.values.end(), input.data<float>());
  request.set_input_tensor(input);
  request.infer();
  std::vector<Array> out;
  for (size_t i = 0; i < compiled.outputs().size(); ++i) {
    const ov::Tensor tensor = request.get_output_tensor(i);
    const ov::Shape& dims = tensor.get_shape();
    const float* values = tensor.data<const float>();
    out.push_back({{dims.begin(), dims.end()}, {values, values + tensor.get_size()}});
  }
  return out;
}

}  // namespace

Result<std::vector<Array>> run_graph(const Graph& graph, const Weights& weights,
                                     const Array& images, const std::optional<AnchorBoxes>& anchors,
                                     const Quantized* int8) {
  const auto convs = TRY(fold(graph, weights));
  auto out = guard([&] { return run(detail::lower(graph, convs, anchors, int8), images); });
  if (!out) return tl::unexpected(detail::trimmed(out.error()));
  return out;
}

}  // namespace pasu::train
