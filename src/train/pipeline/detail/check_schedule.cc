// Optimiser, learning rate and steps.
#include <cmath>

#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

// The highest learning rate for each picture of a batch in TF OD API's 76 sample configurations,
// one odd one (4.0 at 1,024) left out.
struct Usual {
  const char* optimizer;
  const char* model;  // Empty: any.
  double rate_per_picture;
};
constexpr Usual kUsual[] = {{"rms_prop_optimizer", "", 0.004 / 24},
                            {"momentum_optimizer", "model.faster_rcnn", 0.0007},
                            {"momentum_optimizer", "model.ssd", 0.8 / 512}};
constexpr double kTooMuch = 2.5;
constexpr double kManyEpochs = 1000;

struct Rate {
  const Block* schedule = nullptr;
  std::string field;  // Of the highest rate.
  double highest = 0;
};

Rate constant_or_cosine(const Block& schedule, std::string field, const char* name) {
  return {&schedule, field + "." + name, schedule.number(name)};
}

void check_manual(const Block& schedule, const std::string& field, double num_steps, Rate& rate,
                  Remarks& remarks) {
  rate = constant_or_cosine(schedule, field, "initial_learning_rate");
  double before = -1;
  for (const Value& value : schedule.values) {
    if (value.field->name != "schedule") continue;
    const double step = value.block->number("step");
    const double here = value.block->number("learning_rate");
    if (step <= before)
      remarks.add_at(Level::error, field + ".schedule", value.place,
                     fmt::format("step {} comes after step {}; steps must rise", step, before));
    else if (num_steps > 0 && step >= num_steps)
      remarks.add_at(
          Level::note, field + ".schedule", value.place,
          fmt::format("step {} is never reached: train_config.num_steps is {}", step, num_steps));
    before = std::max(before, step);
    if (here > rate.highest) rate = {&schedule, field + ".schedule.learning_rate", here};
  }
}

Rate find_rate(const Block& rates, const std::string& field, double num_steps, Remarks& remarks) {
  const Value* chosen = rates.chosen("learning_rate");
  if (chosen == nullptr) {
    remarks.add(Level::error, field, "is not set");
    return {};
  }
  const Block& schedule = *chosen->block;
  const std::string name(chosen->field->name);
  const std::string here = field + "." + name;
  Rate rate;
  if (name == "constant_learning_rate") {
    rate = constant_or_cosine(schedule, here, "learning_rate");
  } else if (name == "exponential_decay_learning_rate") {
    rate = constant_or_cosine(schedule, here, "initial_learning_rate");
    if (num_steps > 0 && schedule.find("decay_steps") != nullptr &&
        schedule.number("decay_steps") > num_steps && schedule.number("staircase") != 0)
      remarks.add(Level::note, here + ".decay_steps",
                  fmt::format("is {}, beyond num_steps, {}: the rate never falls",
                              schedule.number("decay_steps"), num_steps));
    if (schedule.number("decay_factor") > 1)
      remarks.add(Level::error, here + ".decay_factor",
                  fmt::format("is {}: the rate would grow", schedule.number("decay_factor")));
  } else if (name == "manual_step_learning_rate") {
    check_manual(schedule, here, num_steps, rate, remarks);
  } else {
    rate = constant_or_cosine(schedule, here, "learning_rate_base");
    const double total = schedule.number("total_steps");
    if (schedule.number("warmup_steps") > total)
      remarks.add(
          Level::error, here + ".warmup_steps",
          fmt::format("is {}, more than total_steps, {}", schedule.number("warmup_steps"), total));
    else if (num_steps > total)
      remarks.add(Level::warning, here + ".total_steps",
                  fmt::format("is {}, and train_config.num_steps {}: the rate is 0 from there on",
                              total, num_steps));
    if (schedule.number("warmup_learning_rate") > rate.highest)
      remarks.add(Level::error, here + ".warmup_learning_rate",
                  fmt::format("is {}, more than learning_rate_base, {}",
                              schedule.number("warmup_learning_rate"), rate.highest));
  }
  return rate;
}

void check_rate(const Rate& rate, const std::string& optimizer, double batch, Remarks& remarks) {
  if (rate.schedule == nullptr) return;
  if (rate.highest <= 0) {
    remarks.add(Level::error, rate.field, "is 0: nothing would be learnt");
    return;
  }
  const std::string model = model_path(remarks.config());
  for (const Usual& usual : kUsual) {
    if (optimizer != usual.optimizer || (*usual.model != 0 && model != usual.model)) continue;
    const double here = rate.highest / batch;
    if (here <= kTooMuch * usual.rate_per_picture) return;
    remarks.add(Level::warning, rate.field,
                fmt::format("is {:.3g} at batch_size {}: {:.1f} times the highest of the sample "
                            "configurations for that batch, and likely to end in NaN; try {:.2g}",
                            rate.highest, batch, here / usual.rate_per_picture,
                            usual.rate_per_picture * batch));
  }
}

}  // namespace

void check_schedule(Remarks& remarks) {
  const Block* train = remarks.config().block("train_config");
  if (train == nullptr) {
    remarks.add(Level::error, "train_config", "is not set: batch_size, optimizer, num_steps");
    return;
  }
  const bool own_batches =
      model_path(remarks.config()) == "model.pasu_person";  // Each size has its.
  if (train->find("batch_size") == nullptr && !own_batches)
    remarks.add(Level::note, "train_config.batch_size",
                fmt::format("is not set; it is {}", train->number("batch_size")));
  const double num_steps = train->number("num_steps");
  if (num_steps == 0)
    remarks.add(Level::note, "train_config.num_steps",
                "is not set or 0: --num_train_steps says how long");
  const Block* optimizer = train->block("optimizer");
  const Value* chosen = optimizer == nullptr ? nullptr : optimizer->chosen("optimizer");
  const std::string field = "train_config.optimizer";
  if (chosen == nullptr) {
    remarks.add(Level::error, field,
                "is not set; it holds rms_prop_optimizer, momentum_optimizer, adam_optimizer or "
                "adamw_optimizer");
    return;
  }
  const std::string name(chosen->field->name);
  const std::string rates = field + "." + name + ".learning_rate";
  const Block* block = chosen->block->block("learning_rate");
  if (block == nullptr) {
    remarks.add(Level::error, rates, "is not set");
    return;
  }
  check_rate(find_rate(*block, rates, num_steps, remarks), name, train->number("batch_size"),
             remarks);
  for (const InputSummary& input : remarks.report().inputs) {
    if (input.field != "train_input_reader" || input.records == 0) continue;
    const double epochs =
        num_steps * train->number("batch_size") / static_cast<double>(input.records);
    if (epochs > kManyEpochs)
      remarks.add(Level::note, "train_config.num_steps",
                  fmt::format("{} steps of {} pictures go {:.0f} times through the {} records",
                              num_steps, train->number("batch_size"), epochs, input.records));
  }
}

}  // namespace pasu::pipeline::detail
