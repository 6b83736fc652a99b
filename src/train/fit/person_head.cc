// Head of pasu_person.
#include <torch/torch.h>

#include "train/fit/detail/heads.h"
#include "train/fit/person_loss.h"

namespace pasu::train::detail {
namespace {

class PersonHead final : public Head {
 public:
  PersonHead(const PersonLossOptions& loss, const Graph& graph) : loss_(loss) {
    for (const Output& output : graph.outputs) strides_.push_back(output.stride);
  }

  HeadLoss loss(const std::vector<torch::Tensor>& outputs, geom::Size input,
                std::span<const std::vector<Truth>> truths) const override {
    PersonLoss made = person_loss(outputs, CellGrid::of(input, strides_), truths, loss_);
    return {.total = std::move(made.total),
            .score = made.score,
            .box = made.box,
            .positives = made.positives};
  }

  std::vector<std::vector<geom::Detection>> detect(const std::vector<torch::Tensor>& outputs,
                                                   geom::Size input,
                                                   float score_min) const override {
    const CellGrid grid = CellGrid::of(input, strides_);
    const PersonCells cells = person_cells(outputs, grid, loss_.exp_clamp);
    const auto scores = cells.logits.sigmoid().cpu().contiguous();
    const auto boxes = cells.boxes.cpu().contiguous();
    const size_t count = grid.cells();
    std::vector<std::vector<geom::Detection>> out(static_cast<size_t>(scores.size(0)));
    for (size_t n = 0; n < out.size(); ++n) {
      const float* score = scores.data_ptr<float>() + n * count;
      const float* corner = boxes.data_ptr<float>() + n * count * 4;
      for (size_t a = 0; a < count; ++a)
        if (score[a] >= score_min)  // NaN is not.
          out[n].push_back({geom::Box::from_corners(corner[a * 4], corner[a * 4 + 1],
                                                    corner[a * 4 + 2], corner[a * 4 + 3]),
                            score[a], 0});
    }
    return out;
  }

  bool fill() const override { return false; }
  void describe(Checkpoint&) const override {}

 private:
  const PersonLossOptions loss_;
  std::vector<int> strides_;
};

}  // namespace

std::unique_ptr<Head> person_head(const PersonLossOptions& loss, const Graph& graph) {
  return std::make_unique<PersonHead>(loss, graph);
}

}  // namespace pasu::train::detail
