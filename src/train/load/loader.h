// Batches for training, made ahead by worker threads and the same on every run.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "train/load/augmentation.h"
#include "train/load/picture_set.h"
#include "train/load/sample.h"

namespace pasu::train {

/// What the next batch is to be.
struct BatchPlan {
  geom::Size size;  ///< The network's input.
  int count = 1;    ///< Samples, of this process.
  /// Null: plain letterboxes. Must live as long as the loader.
  const Augmentation* augmentation = nullptr;
  /// Pictures fill the input, each axis by its own scale (TF OD API's fixed_shape_resizer), rather
  /// than keep their shape.
  bool fill = false;
};

/// The plan of batch `number`. Called from any thread, ahead of time; the same answer each time.
using PlanRule = std::function<BatchPlan(uint64_t number)>;

struct LoaderOptions {
  std::shared_ptr<PictureSet> pictures;
  PlanRule plan;
  uint64_t seed = 1;
  int threads = 1;        ///< Workers; what they make does not depend on how many they are.
  int batches_ahead = 3;  ///< Made and waiting, at most.
  /// Processes that train one network together take turns: the samples of a batch are dealt out,
  /// `processes` times BatchPlan::count in all.
  int process = 0, processes = 1;
};

/// Where a loader stands: what a checkpoint keeps.
struct LoaderState {
  uint64_t batch = 0;     ///< Number of the next one.
  uint64_t epoch = 0;     ///< Of its first sample.
  uint64_t position = 0;  ///< Of its first sample in the epoch.
  bool operator==(const LoaderState&) const = default;
};

/// An epoch holds each picture as often as its set's weight says (a fraction by lot), in an order
/// of its own, and runs on into the next within a batch. All that is random about a sample comes
/// from (seed, epoch, position): a loader restored to a state goes on as the one that was there.
///
/// A picture that does not decode is counted, named once in the log and in PictureSet::failures(),
/// and another one takes its place.
class Loader {
 public:
  /// Errors: invalid_argument (no pictures, a plan of no size or count, processes out of range).
  [[nodiscard]] static Result<std::unique_ptr<Loader>> create(LoaderOptions options);
  virtual ~Loader() = default;

  /// Waits until the next batch is made. Errors: malformed (kTriesMax pictures running did not
  /// decode). One thread at a time, as all calls here.
  [[nodiscard]] virtual Result<Batch> next() = 0;
  /// After the last batch that next() gave.
  [[nodiscard]] virtual LoaderState state() const = 0;
  /// Drops what was made ahead. `state` must be of a loader with the same pictures, plan and seed.
  virtual void restore(const LoaderState& state) = 0;
  /// Samples of an epoch, all processes together, on average where weights are fractions.
  [[nodiscard]] virtual double epoch_samples() const = 0;
  /// Seconds that next() has waited: more than a few percent of the run, and the loader is the
  /// limit.
  [[nodiscard]] virtual double waited_seconds() const = 0;

  static constexpr int kTriesMax = 50;
};

}  // namespace pasu::train
