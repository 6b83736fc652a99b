#include "train/ssd/loss.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/assert.h"

namespace pasu::train::ssd {
namespace {

/// max(x, 0) - x t + log(1 + exp(-|x|)): cross entropy of a logit, whatever its size.
float sigmoid_entropy(float x, float t) {
  return std::max(x, 0.f) - x * t + std::log1p(std::exp(-std::abs(x)));
}
float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

/// The loss of one anchor's logits [1 + K] whose class is `target` (1 + K: none), and its gradient.
class ClassLoss {
 public:
  explicit ClassLoss(const LossOptions& options) : options_(options) {}

  float of(std::span<const float> logits, size_t target, std::span<float> gradient) const {
    switch (options_.classes) {
      case LossOptions::Classes::sigmoid:
        return sigmoids(logits, target, gradient);
      case LossOptions::Classes::softmax:
        return softmax(logits, target, gradient);
      case LossOptions::Classes::focal:
        return focal(logits, target, gradient);
    }
    ASSERT(false);
  }

 private:
  static float sigmoids(std::span<const float> logits, size_t target, std::span<float> gradient) {
    float sum = 0;
    for (size_t c = 0; c < logits.size(); ++c) {
      const float t = c == target ? 1 : 0;
      sum += sigmoid_entropy(logits[c], t);
      gradient[c] = sigmoid(logits[c]) - t;
    }
    return sum;
  }

  static float softmax(std::span<const float> logits, size_t target, std::span<float> gradient) {
    const float highest = *std::ranges::max_element(logits);
    float sum = 0;
    for (const float x : logits) sum += std::exp(x - highest);
    for (size_t c = 0; c < logits.size(); ++c)
      gradient[c] = std::exp(logits[c] - highest) / sum - (c == target ? 1 : 0);
    return std::log(sum) + highest - logits[target];
  }

  /// Lin et al. 2017, (5), a class at a time: alpha_t (1 - p_t)^gamma CE.
  float focal(std::span<const float> logits, size_t target, std::span<float> gradient) const {
    const float gamma = options_.focal_gamma;
    float sum = 0;
    for (size_t c = 0; c < logits.size(); ++c) {
      const float t = c == target ? 1 : 0, p = sigmoid(logits[c]);
      const float alpha = t > 0 ? options_.focal_alpha : 1 - options_.focal_alpha;
      const float entropy = sigmoid_entropy(logits[c], t);
      const float missing = t > 0 ? 1 - p : p;  // 1 - p_t
      const float factor = alpha * std::pow(missing, gamma);
      sum += factor * entropy;
      const float sign = t > 0 ? -1 : 1;  // Of the slope of `missing` over the logit.
      const float bend =
          missing > 0 ? alpha * gamma * std::pow(missing, gamma - 1) * p * (1 - p) * sign : 0;
      gradient[c] = factor * (p - t) + bend * entropy;
    }
    return sum;
  }

  const LossOptions& options_;
};

/// Smooth L1 (Huber) of one anchor's code, and its gradient.
float box_loss(std::span<const float> code, const Code& target, float delta,
               std::span<float> gradient) {
  float sum = 0;
  for (size_t i = 0; i < 4; ++i) {
    const float d = code[i] - target[i], size = std::abs(d);
    sum += size <= delta ? d * d / 2 : delta * (size - delta / 2);
    gradient[i] = std::clamp(d, -delta, delta);
  }
  return sum;
}

/// Truths that count, and those to be ignored.
struct Divided {
  std::vector<Corners> boxes, ignored;
  std::vector<int> labels;
  explicit Divided(const Truths& truths) {
    for (size_t t = 0; t < truths.boxes.size(); ++t) {
      if (!truths.ignore.empty() && truths.ignore[t]) {
        ignored.push_back(truths.boxes[t]);
      } else {
        boxes.push_back(truths.boxes[t]);
        labels.push_back(truths.labels[t]);
      }
    }
  }
};

std::vector<int> matches_of(const Divided& truths, std::span<const Corners> anchors,
                            const MatcherOptions& options) {
  std::vector<int> out = match(truths.boxes, anchors, options);
  if (truths.ignored.empty()) return out;
  for (size_t a = 0; a < anchors.size(); ++a)
    if (out[a] == kBackground && std::ranges::any_of(truths.ignored, [&](const Corners& box) {
          return iou(box, anchors[a]) >= options.matched;
        }))
      out[a] = kNotCounted;
  return out;
}

}  // namespace

Loss loss(const Predictions& predictions, std::span<const Corners> anchors,
          std::span<const Truths> truths, const LossOptions& options) {
  const size_t n = truths.size(), a_count = anchors.size();
  ASSERT(n > 0 && a_count > 0 && predictions.codes.size() == n * a_count * 4);
  ASSERT(predictions.logits.size() % (n * a_count) == 0);
  const size_t columns = predictions.logits.size() / (n * a_count);
  Loss out;
  out.codes_gradient.resize(predictions.codes.size());
  out.logits_gradient.resize(predictions.logits.size());
  const ClassLoss class_loss(options);
  std::vector<float> class_losses(a_count), box_losses(a_count), mined_losses(a_count);
  std::vector<Corners> boxes(a_count);
  double box_sum = 0, class_sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const Divided picture(truths[i]);
    const std::vector<int> matches = matches_of(picture, anchors, options.matcher);
    const auto codes_of = [&](auto all, size_t a) { return all.subspan((i * a_count + a) * 4, 4); };
    const auto logits_of = [&](auto all, size_t a) {
      return all.subspan((i * a_count + a) * columns, columns);
    };
    const std::span<float> codes_gradient(out.codes_gradient), logits_gradient(out.logits_gradient);
    for (size_t a = 0; a < a_count; ++a) {
      const auto code = codes_of(predictions.codes, a);
      class_losses[a] = box_losses[a] = 0;
      const int matched = matches[a];
      if (matched != kNotCounted) {
        const size_t background = options.background_as_zeros ? columns : 0;
        const size_t target =
            matched >= 0 ? static_cast<size_t>(picture.labels[static_cast<size_t>(matched)]) + 1
                         : background;
        ASSERT(target < columns || target == background);
        class_losses[a] =
            class_loss.of(logits_of(predictions.logits, a), target, logits_of(logits_gradient, a));
      }
      if (matched >= 0) {
        ++out.matched;
        const Code target =
            encode(picture.boxes[static_cast<size_t>(matched)], anchors[a], options.scales);
        box_losses[a] = box_loss(code, target, options.box_delta, codes_of(codes_gradient, a));
      }
      if (options.miner)
        boxes[a] = decode({code[0], code[1], code[2], code[3]}, anchors[a], options.scales);
    }
    std::vector<bool> counts(a_count, !options.miner);
    if (options.miner) {
      for (size_t a = 0; a < a_count; ++a) {
        mined_losses[a] = 0;
        if (options.mined_by != LossOptions::MinedBy::boxes)
          mined_losses[a] += class_losses[a] * options.class_weight;
        if (options.mined_by != LossOptions::MinedBy::classes)
          mined_losses[a] += box_losses[a] * options.box_weight;
      }
      for (const uint32_t a : mine(boxes, mined_losses, matches, *options.miner)) counts[a] = true;
    }
    for (size_t a = 0; a < a_count; ++a) {
      if (counts[a]) {
        class_sum += class_losses[a];
        box_sum += box_losses[a];
      } else {
        std::ranges::fill(codes_of(codes_gradient, a), 0.f);
        std::ranges::fill(logits_of(logits_gradient, a), 0.f);
      }
    }
  }
  const double normaliser =
      options.by_matches ? static_cast<double>(std::max<int64_t>(out.matched, 1)) : 1;
  const double box_factor = options.box_weight / normaliser / (options.by_code_size ? 4 : 1);
  const double class_factor = options.class_weight / normaliser;
  // The miner leaves out most anchors; what is no number must not hide there.
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(predictions.codes, finite) ||
      !std::ranges::all_of(predictions.logits, finite))
    box_sum = class_sum = std::numeric_limits<double>::quiet_NaN();
  out.box = static_cast<float>(box_sum * box_factor);
  out.classes = static_cast<float>(class_sum * class_factor);
  for (float& g : out.codes_gradient) g *= static_cast<float>(box_factor);
  for (float& g : out.logits_gradient) g *= static_cast<float>(class_factor);
  return out;
}

}  // namespace pasu::train::ssd
