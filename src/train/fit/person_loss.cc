#include "train/fit/person_loss.h"

#include <torch/torch.h>

#include "base/assert.h"

namespace pasu::train {
namespace {

/// Cell centres [A, 2] and strides [A, 1], in pixels.
struct Places {
  torch::Tensor centres, strides;
};

Places places(const CellGrid& grid, const torch::Device& device) {
  const auto cells = static_cast<int64_t>(grid.cells());
  auto centres = torch::empty({cells, 2});
  auto strides = torch::empty({cells, 1});
  float* c = centres.data_ptr<float>();
  float* s = strides.data_ptr<float>();
  for (const Level& level : grid.levels)
    for (int y = 0; y < level.height; ++y)
      for (int x = 0; x < level.width; ++x) {
        const auto stride = static_cast<float>(level.stride);
        *c++ = (static_cast<float>(x) + 0.5F) * stride;
        *c++ = (static_cast<float>(y) + 0.5F) * stride;
        *s++ = stride;
      }
  return {centres.to(device), strides.to(device)};
}

/// What the assigner says of a batch, as rows.
struct BatchTargets {
  std::vector<float> score, weight_known;  // [N * A]; 1 or 0: ignored.
  std::vector<int64_t> positives;          // Into N * A.
  std::vector<float> truths;               // xyxy of each positive.
  double sum = 0;
};

BatchTargets assign_batch(const torch::Tensor& scores, const torch::Tensor& boxes,
                          const CellGrid& grid, std::span<const std::vector<Truth>> truths,
                          const AssignOptions& options) {
  const size_t cells = grid.cells();
  BatchTargets out;
  out.score.reserve(truths.size() * cells);
  out.weight_known.reserve(truths.size() * cells);
  std::vector<geom::Box> now(cells);
  for (size_t n = 0; n < truths.size(); ++n) {
    const float* score = scores.data_ptr<float>() + n * cells;
    const float* corner = boxes.data_ptr<float>() + n * cells * 4;
    for (size_t a = 0; a < cells; ++a)
      now[a] = geom::Box::from_corners(corner[a * 4], corner[a * 4 + 1], corner[a * 4 + 2],
                                       corner[a * 4 + 3]);
    const Targets targets = assign(grid, {score, cells}, now, truths[n], options);
    for (size_t a = 0; a < cells; ++a) {
      out.score.push_back(targets.score[a]);
      out.weight_known.push_back(targets.ignored[a] != 0 ? 0 : 1);
      if (targets.truth[a] == kNobody) continue;
      out.positives.push_back(static_cast<int64_t>(n * cells + a));
      const Truth& truth = truths[n][static_cast<size_t>(targets.truth[a])];
      out.truths.insert(out.truths.end(), {truth.x1, truth.y1, truth.x2, truth.y2});
    }
    out.sum += targets.sum;
  }
  return out;
}

torch::Tensor from(std::vector<float>& values, at::IntArrayRef shape, const torch::Device& device) {
  return torch::from_blob(values.data(), shape, torch::kFloat)
      .to(device, torch::kFloat, false, true);
}

}  // namespace

PersonCells person_cells(const std::vector<torch::Tensor>& outputs, const CellGrid& grid,
                         float exp_clamp) {
  ASSERT(outputs.size() == grid.levels.size());
  std::vector<torch::Tensor> rows;
  for (size_t i = 0; i < outputs.size(); ++i) {
    ASSERT(outputs[i].size(1) == 5 && outputs[i].size(2) == grid.levels[i].height &&
           outputs[i].size(3) == grid.levels[i].width);
    rows.push_back(outputs[i].to(torch::kFloat).flatten(2));
  }
  const auto all = torch::cat(rows, 2).transpose(1, 2);  // [N, A, 5]
  const Places where = places(grid, all.device());
  const auto distances =
      all.slice(2, 1, 5).clamp(-exp_clamp, exp_clamp).exp() * where.strides;  // [N, A, 4]
  const auto low = where.centres - distances.slice(2, 0, 2);
  const auto high = where.centres + distances.slice(2, 2, 4);
  return {all.select(2, 0).contiguous(), torch::cat({low, high}, 2)};
}

torch::Tensor giou_loss(const torch::Tensor& boxes, const torch::Tensor& truths) {
  constexpr double kTiny = 1e-7;
  const auto sides = [](const torch::Tensor& b) {
    return (b.slice(1, 2, 4) - b.slice(1, 0, 2)).clamp_min(0);
  };
  const auto both = (torch::min(boxes.slice(1, 2, 4), truths.slice(1, 2, 4)) -
                     torch::max(boxes.slice(1, 0, 2), truths.slice(1, 0, 2)))
                        .clamp_min(0)
                        .prod(1);
  const auto either = sides(boxes).prod(1) + sides(truths).prod(1) - both;
  const auto hull = (torch::max(boxes.slice(1, 2, 4), truths.slice(1, 2, 4)) -
                     torch::min(boxes.slice(1, 0, 2), truths.slice(1, 0, 2)))
                        .prod(1);
  return 1 - both / (either + kTiny) + (hull - either) / (hull + kTiny);
}

PersonLoss person_loss(const std::vector<torch::Tensor>& outputs, const CellGrid& grid,
                       std::span<const std::vector<Truth>> truths,
                       const PersonLossOptions& options) {
  const PersonCells cells = person_cells(outputs, grid, options.exp_clamp);
  const auto& logits = cells.logits;
  const auto device = logits.device();
  ASSERT(static_cast<size_t>(logits.size(0)) == truths.size());
  const auto scores = logits.detach().sigmoid();
  BatchTargets targets =
      assign_batch(scores.cpu().contiguous(), cells.boxes.detach().cpu().contiguous(), grid, truths,
                   options.assign);
  const double norm = std::max(targets.sum, 1.0);

  const auto target = from(targets.score, logits.sizes(), device);
  const auto known = from(targets.weight_known, logits.sizes(), device);
  auto weight = options.negative_weight * scores.pow(options.negative_power);
  const auto count = static_cast<int64_t>(targets.positives.size());
  const auto positives = torch::from_blob(targets.positives.data(), {count}, torch::kLong)
                             .to(device, torch::kLong, false, true);
  const auto close = (target - scores).abs() + options.positive_weight;
  weight.view({-1}).index_put_({positives}, close.view({-1}).index({positives}));
  const auto each =
      torch::binary_cross_entropy_with_logits(logits, target, /*weight=*/weight * known,
                                              /*pos_weight=*/{}, at::Reduction::Sum);
  const auto score_loss = each * (options.score_weight / norm);

  auto box_loss = torch::zeros({}, logits.options());
  if (count > 0) {
    const auto now = cells.boxes.view({-1, 4}).index_select(0, positives);
    const auto truth = from(targets.truths, {count, 4}, device);
    box_loss = (giou_loss(now, truth) * target.view({-1}).index_select(0, positives)).sum() *
               (options.box_weight / norm);
  }
  return {score_loss + box_loss, score_loss.item<double>(), box_loss.item<double>(),
          targets.positives.size(), targets.sum};
}

}  // namespace pasu::train
