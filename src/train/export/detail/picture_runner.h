// A network shown one calibration picture after another.
#pragma once

#include <map>
#include <memory>

#include "train/export/detail/lower.h"

namespace pasu::train::detail {

/// On one thread, in float32 where the network does not say INT8. Throws what OpenVINO throws.
class PictureRunner {
 public:
  explicit PictureRunner(std::shared_ptr<ov::Model> model) : model_(std::move(model)) {}

  /// The request, whose outputs are good until the next run of a picture of this size.
  ov::InferRequest& run(const CalibrationPicture& picture) {
    ov::InferRequest& request = request_of(picture.size);
    float* input = request.get_input_tensor().data<float>();
    const size_t cells = picture.rgb.size() / 3;
    for (size_t i = 0; i < picture.rgb.size(); ++i) input[i % 3 * cells + i / 3] = picture.rgb[i];
    request.infer();
    return request;
  }

 private:
  ov::InferRequest& request_of(geom::Size size) {
    const auto key = std::make_pair(size.width, size.height);
    const auto found = requests_.find(key);
    if (found != requests_.end()) return found->second;
    const auto model = model_->clone();
    model->reshape(ov::PartialShape{1, 3, size.height, size.width});
    auto compiled = ov_core().compile_model(
        model, "CPU",
        {ov::hint::inference_precision(ov::element::f32), ov::inference_num_threads(1)});
    return requests_.emplace(key, compiled.create_infer_request()).first->second;
  }

  std::shared_ptr<ov::Model> model_;
  std::map<std::pair<int, int>, ov::InferRequest> requests_;
};

}  // namespace pasu::train::detail
