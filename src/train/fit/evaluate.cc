#include "train/fit/evaluate.h"

#include <cmath>
#include <torch/torch.h>

#include "base/clock.h"
#include "base/log.h"

namespace pasu::train {
namespace {

/// Samples of one forward pass, and where they come from.
struct Pending {
  std::vector<PlainSample> samples;
  std::vector<size_t> pictures;
};

torch::Tensor images_of(const std::vector<PlainSample>& samples, geom::Size size,
                        const torch::Device& device) {
  const auto n = static_cast<int64_t>(samples.size());
  auto out = torch::empty({n, size.height, size.width, 3}, torch::kByte);
  for (int64_t i = 0; i < n; ++i) {
    const auto& rgb = samples[static_cast<size_t>(i)].sample.rgb;
    std::copy(rgb.begin(), rgb.end(), out[i].data_ptr<uint8_t>());
  }
  return out.permute({0, 3, 1, 2}).to(device);
}

void run(Network& network, const Head& head, const DetectOptions& options,
         const PictureSet& pictures, const Pending& pending, Measured& out) {
  const torch::NoGradGuard no_grad;
  const auto device = network.parameters().front().tensor.device();
  auto all = head.detect(network.forward(images_of(pending.samples, options.size, device)),
                         options.size, options.score_min);
  for (size_t n = 0; n < pending.samples.size(); ++n) {
    std::vector<geom::Detection>& found = all[n];
    geom::nms(found, options.nms);
    const PlainSample& plain = pending.samples[n];
    const geom::Size size = pictures.picture(pending.pictures[n]).size;
    for (const geom::Detection& one : found) {
      const geom::Box b = geom::clip({(one.box.x - plain.offset_x) / plain.scale_x,
                                      (one.box.y - plain.offset_y) / plain.scale_y,
                                      one.box.w / plain.scale_x, one.box.h / plain.scale_y},
                                     size);
      if (b.w <= 0 || b.h <= 0) continue;
      out.detections.push_back({.category = static_cast<uint32_t>(one.label),
                                .picture = static_cast<uint32_t>(pending.pictures[n]),
                                .box = {b.x, b.y, b.w, b.h},
                                .score = one.score});
    }
  }
}

}  // namespace

DetectOptions detect_options(const Settings& settings, geom::Size size) {
  DetectOptions out{.size = size};
  if (settings.ssd) {
    out.score_min = settings.ssd->post.score_min;
    out.nms = settings.ssd->post.nms;
  }
  return out;
}

eval::GroundTruth truth_of(const PictureSet& pictures) {
  eval::GroundTruth out;
  for (size_t k = 0; k < pictures.classes().size(); ++k)
    out.categories.push_back({static_cast<int64_t>(k) + 1, pictures.classes()[k]});
  for (size_t i = 0; i < pictures.size(); ++i) {
    out.pictures.push_back(static_cast<int64_t>(i) + 1);
    for (const data::Object& object : pictures.picture(i).objects)
      out.truths.push_back({.category = static_cast<uint32_t>(object.category),
                            .picture = static_cast<uint32_t>(i),
                            .box = object.box,
                            .area = object.area,
                            .crowd = object.crowd,
                            .difficult = object.difficult});
  }
  return out;
}

Result<Measured> measure(Network& network, const Head& head, PictureSet& pictures,
                         const DetectOptions& options, const std::atomic<bool>& stop) {
  const auto begun = system_clock().now();
  Measured out;
  out.truth = truth_of(pictures);
  Pending pending;
  const auto flush = [&] {
    if (!pending.samples.empty()) run(network, head, options, pictures, pending, out);
    pending = {};
  };
  for (size_t i = 0; i < pictures.size(); ++i) {
    if (stop) return fail(Errc::cancelled, "stopped while measuring");
    auto plain = pictures.plain(i, options.size, head.fill());
    if (!plain) {
      if (out.unreadable++ == 0) log::warn("measuring: {}", plain.error().message());
      continue;
    }
    pending.samples.push_back(std::move(*plain));
    pending.pictures.push_back(i);
    if (pending.samples.size() >= static_cast<size_t>(options.batch)) flush();
  }
  flush();
  out.seconds = std::chrono::duration<double>(system_clock().now() - begun).count();
  return out;
}

Score score_of(const std::string& set, geom::Size size, const Measured& measured) {
  const auto result = eval::evaluate_coco(measured.truth, measured.detections, {.threads = 1});
  Score out;
  out.set = set;
  out.size = size;
  out.pictures = measured.truth.pictures.size();
  out.ap = result.numbers[static_cast<size_t>(eval::CocoNumber::ap)];
  out.ap50 = result.numbers[static_cast<size_t>(eval::CocoNumber::ap50)];
  if (!result.classes.empty()) {
    out.truths = result.classes[0].truths;
    out.points = result.classes[0].all;
  }
  return out;
}

}  // namespace pasu::train
