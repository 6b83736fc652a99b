// A network and a run small enough for tests.
#pragma once

#include <string>

#include "train/fit/settings.h"

namespace pasu::train {

/// Float32, one thread, two sizes in turn.
inline Settings small_settings(const std::string& pictures, int64_t steps) {
  Settings out;
  out.model.stem = {4, 8};
  out.model.widths = {8, 12, 16};
  out.model.blocks = {1, 0, 0};
  out.model.neck = out.model.head = 8;
  out.sizes = {{.size = {96, 64}, .batch = 4}, {.size = {64, 64}, .batch = 3}};
  out.steps = steps;
  out.optimizer = {.kind = OptimizerOptions::Kind::adam, .beta2 = 0.98, .decoupled_decay = true};
  out.rate = ConstantRate{0.003};
  out.weight_decay = 0.01;
  out.clip_norm = 10;
  out.average_decay = 0.9;
  SetOptions set;
  set.path = pictures;
  out.pictures.sets = {set};
  return out;
}

}  // namespace pasu::train
