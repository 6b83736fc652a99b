// Any tensors at all: boxes stay finite, scores in range, labels in the list.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "detect/detail/decoder.h"

using namespace pasu;
using artifact::Family;

namespace {

/// A family with outputs of `images` pictures; -1 dimensions are `count`.
struct Shapes {
  artifact::Manifest manifest;
  std::vector<std::vector<int64_t>> declared, came;
};

Shapes shapes_for(Family family, int64_t images, int64_t count) {
  Shapes out;
  out.manifest.path = "fuzz";
  out.manifest.family = family;
  out.manifest.labels = {"a", "b"};
  out.manifest.label_first = 1;
  const auto add = [&](const char* role, int stride, std::vector<int64_t> shape) {
    out.manifest.outputs.push_back({role, role, stride});
    out.declared.push_back(shape);
    std::replace(shape.begin(), shape.end(), int64_t{-1}, count);
    out.came.push_back(std::move(shape));
  };
  switch (family) {
    case Family::anchor_free_grid:
      add("grid", 16, {images, 6, 2, 4});
      add("grid", 32, {images, 6, 1, 2});
      break;
    case Family::ssd_detection_output:
      add("detections", 0, {1, 1, -1, 7});
      break;
    case Family::tfod_raw:
      add("boxes", 0, {images, -1, 4});
      add("scores", 0, {images, -1, 3});
      break;
    case Family::tfod_nms:
      add("boxes", 0, {images, -1, 4});
      add("scores", 0, {images, -1});
      add("classes", 0, {images, -1});
      break;
    case Family::yolox:
      out.manifest.decode.strides = {16, 32};
      add("predictions", 0, {images, 10, 7});
      break;
    case Family::fastestdet:
      add("predictions", 0, {images, 7, 2, 4});
      break;
    case Family::boxes_labels:
      add("boxes", 0, {images, -1, 5});
      add("labels", 0, {images, -1});
      break;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const auto family = static_cast<Family>(data[0] % 7);
  const int images = 1 + data[1] % 2;
  Shapes shapes = shapes_for(family, images, data[2] % 9);
  auto& decode = shapes.manifest.decode;
  decode.boxes = data[3] & 1 ? artifact::BoxCoding::ltrb : artifact::BoxCoding::ltrb_exp;
  decode.scores = data[3] & 2 ? artifact::ScoreCoding::probability : artifact::ScoreCoding::logit;
  if (data[3] & 4) decode.exp_clamp = 20;
  if (data[3] & 8)
    shapes.came.back().back() = shapes.came.back().size() == 2 ? 3 : shapes.came.back().back();
  const float score_min = data[3] & 16 ? 0.5f : 0.001f;
  data += 4, size -= 4;

  std::vector<detect::TensorInfo> infos;
  std::vector<std::vector<float>> floats;
  std::vector<detect::Tensor> tensors;
  for (size_t i = 0; i < shapes.came.size(); ++i) {
    infos.push_back({shapes.manifest.outputs[i].name, shapes.declared[i]});
    size_t elements = 1;
    for (const int64_t n : shapes.came[i]) elements *= static_cast<size_t>(n);
    auto& values = floats.emplace_back(elements);  // Exact, so that a step outside is seen.
    const size_t take = std::min(size, elements * sizeof(float));
    if (take > 0) std::memcpy(values.data(), data, take);
    data += take, size -= take;
  }
  for (size_t i = 0; i < floats.size(); ++i) tensors.push_back({floats[i].data(), shapes.came[i]});
  const auto decoder = detect::detail::make_decoder(shapes.manifest, {64, 32}, infos);
  if (!decoder) __builtin_trap();  // The shapes are right.
  for (int image = 0; image < images; ++image) {
    std::vector<geom::Detection> found;
    (*decoder)->decode(tensors, image, score_min, found);
    for (const auto& d : found) {
      const bool sane = std::isfinite(d.box.x) && std::isfinite(d.box.y) &&
                        std::isfinite(d.box.w) && std::isfinite(d.box.h) && d.box.w > 0 &&
                        d.box.h > 0 && d.score >= score_min * 0.999f && d.score <= 1 &&
                        d.label >= 0 && d.label < 2;
      if (!sane) __builtin_trap();
    }
  }
  return 0;
}
