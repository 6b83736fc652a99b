#include "train/fit/settings.h"

#include <filesystem>

#include "train/pipeline/checkpoint_path.h"

namespace pasu::train {
namespace {

using pipeline::Block;
using pipeline::Value;

/// `path`, or beside the configuration where it is only there.
std::string located(const std::string& path, const pipeline::Config& config) {
  namespace fs = std::filesystem;
  if (path.empty() || fs::path(path).is_absolute()) return path;
  const fs::path beside = fs::path(config.path).parent_path() / path;
  std::error_code ignored;
  return fs::exists(beside, ignored) ? beside.string() : path;
}

/// As TF OD API takes these fields: of a detection checkpoint the feature extractor alone, unless
/// all of it is asked for.
StartFrom start_of(const Block& train, const pipeline::Config& config) {
  StartFrom out;
  out.path = train.text("fine_tune_checkpoint");
  if (out.path.empty()) return out;
  const std::string beside = (std::filesystem::path(config.path).parent_path() / out.path).string();
  if (!pipeline::find_checkpoint(out.path) && pipeline::find_checkpoint(beside)) out.path = beside;
  std::string type = train.text("fine_tune_checkpoint_type");
  if (type.empty())
    type = train.number("from_detection_checkpoint") != 0 ? "detection" : "classification";
  const bool all = type == "fine_tune" || type == "full" ||
                   (type == "detection" && train.number("load_all_detection_checkpoint_vars") != 0);
  out.part = all ? StartFrom::Part::all : StartFrom::Part::extractor;
  return out;
}

std::vector<int> integers(const Block& block, std::string_view field, std::vector<int> preset) {
  std::vector<int> out;
  for (const Value& value : block.values)
    if (value.field->name == field) out.push_back(static_cast<int>(value.number));
  return out.empty() ? preset : out;
}

std::vector<std::string> texts(const Block& block, std::string_view field) {
  std::vector<std::string> out;
  for (const Value& value : block.values)
    if (value.field->name == field) out.push_back(value.text);
  return out;
}

PersonOptions model_of(const Block& b) {
  PersonOptions out;
  out.classes = static_cast<int>(b.number("num_classes"));
  out.stem = integers(b, "stem", out.stem);
  out.widths = integers(b, "widths", out.widths);
  out.blocks = integers(b, "blocks", out.blocks);
  out.neck = static_cast<int>(b.number("neck"));
  out.head = static_cast<int>(b.number("head"));
  out.head_convs = static_cast<int>(b.number("head_convs"));
  out.smooth = b.number("smooth") != 0;
  out.centred = b.number("centred") != 0;
  out.identity_blocks = b.number("identity_blocks") != 0;
  return out;
}

PersonLossOptions loss_of(const Block& b) {
  const auto f = [&](std::string_view field) { return static_cast<float>(b.number(field)); };
  PersonLossOptions out;
  out.score_weight = f("score_weight");
  out.box_weight = f("box_weight");
  out.negative_weight = f("negative_weight");
  out.negative_power = f("negative_power");
  out.positive_weight = f("positive_weight");
  out.assign = {.score_power = f("score_power"),
                .iou_power = f("iou_power"),
                .cells_per_box = static_cast<int>(b.number("cells_per_box")),
                .slack = f("slack"),
                .slack_below = f("slack_below"),
                .target_iou_power = f("target_iou_power"),
                .target_iou_min = f("target_iou_min")};
  return out;
}

std::vector<InputSize> sizes_of(const Block& model, double batch_preset) {
  std::vector<InputSize> out;
  for (const Value& value : model.values) {
    if (value.field->name != "input_size") continue;
    const Block& b = *value.block;
    InputSize one;
    one.size = {static_cast<int>(b.number("width")), static_cast<int>(b.number("height"))};
    one.batch =
        static_cast<int>(b.find("batch_size") != nullptr ? b.number("batch_size") : batch_preset);
    one.share = b.number("weight");
    one.late_share = b.find("late_weight") != nullptr ? b.number("late_weight") : one.share;
    out.push_back(one);
  }
  return out;
}

Result<void> optimizer_into(const Block& optimizer, Settings& out) {
  const Value* chosen = optimizer.chosen("optimizer");
  if (chosen == nullptr)
    return fail(Errc::invalid_argument, "train_config.optimizer: none is chosen");
  const Block& b = *chosen->block;
  const auto name = chosen->field->name;
  using Kind = OptimizerOptions::Kind;
  if (name == "momentum_optimizer") {
    out.optimizer = {.kind = Kind::momentum, .momentum = b.number("momentum_optimizer_value")};
  } else if (name == "rms_prop_optimizer") {
    out.optimizer = {.kind = Kind::rms_prop,
                     .momentum = b.number("momentum_optimizer_value"),
                     .rms_decay = b.number("decay"),
                     .epsilon = b.number("epsilon")};
  } else if (name == "adam_optimizer") {
    out.optimizer = {.kind = Kind::adam, .epsilon = b.number("epsilon")};
  } else {
    out.optimizer = {.kind = Kind::adam,
                     .epsilon = b.number("epsilon"),
                     .beta1 = b.number("beta1"),
                     .beta2 = b.number("beta2"),
                     .decoupled_decay = true};
    out.weight_decay = b.number("weight_decay");
  }
  const Block* rate = b.block("learning_rate");
  if (rate == nullptr)
    return fail(Errc::invalid_argument, "train_config.optimizer.{}.learning_rate is not set", name);
  out.rate = TRY(with_context(learning_rate_from(*rate),
                              fmt::format("train_config.optimizer.{}.learning_rate", name)));
  out.average_decay =
      optimizer.number("use_moving_average") != 0 ? optimizer.number("moving_average_decay") : 0;
  return {};
}

void augmentation_into(const Block& train, Settings& out) {
  for (const Value& value : train.values) {
    if (value.field->name != "data_augmentation_options") continue;
    const Block* b = value.block->block("pasu_augmentation");
    if (b == nullptr) continue;
    Augmentation& a = out.augmentation;
    const auto set = [&](std::string_view field, float& into) {
      if (b->find(field) != nullptr) into = static_cast<float>(b->number(field));
    };
    set("plain", a.plain);
    set("person_height_min", a.person_height.min);
    set("person_height_max", a.person_height.max);
    set("enlarge_max", a.enlarge_max);
    set("width_jitter", a.width_jitter);
    set("empty", a.empty);
    set("ignore_above_area", a.ignore_above_area);
    set("flip", a.flip);
    set("mosaic", a.mosaic);
    set("mosaic_of_two", a.mosaic_of_two);
    set("ssd_crop", a.ssd_crop);
    set("photometric", a.photometric);
    set("grey", a.grey);
    set("noise", a.noise);
    set("blur", a.blur);
    set("low_resolution", a.low_resolution);
    set("blocks", a.blocks);
    out.late_augmentation = a;
    set("late_plain", out.late_augmentation.plain);
    set("late_mosaic", out.late_augmentation.mosaic);
    return;
  }
  out.augmentation = out.late_augmentation = Augmentation::none();
}

Result<PictureSetOptions> pictures_of(const Block& reader, const char* field,
                                      const pipeline::Config& config) {
  const Block* b = reader.block("pasu_input_reader");
  PictureSetOptions out;
  if (b == nullptr && config.block("model.ssd") != nullptr) {
    out.sets = TRY(with_context(ssd::sets_from(reader), field));
    for (SetOptions& set : out.sets) {
      set.path = located(set.path, config);
      set.label_map = located(set.label_map, config);
    }
    return out;
  }
  if (b == nullptr)
    return fail(Errc::unsupported,
                "{}: pasu_person is trained from pasu_input_reader {{ set {{ path: ... }} }}",
                field);
  for (const Value& value : b->values) {
    if (value.field->name != "set") continue;
    const Block& s = *value.block;
    out.sets.push_back({.path = located(s.text("path"), config),
                        .name = s.text("name"),
                        .split = s.text("split"),
                        .weight = s.number("weight"),
                        .images = located(s.text("images"), config),
                        .label_map = located(s.text("label_map_path"), config),
                        .stretch_min = s.number("stretch_min"),
                        .stretch_max = s.number("stretch_max")});
  }
  const auto only = texts(*b, "only"), hold_out = texts(*b, "hold_out");
  if (!only.empty() && !hold_out.empty())
    return fail(Errc::invalid_argument,
                "{}.pasu_input_reader has both only and hold_out; it has {}", field, "one of them");
  out.hold_out = only.empty() ? hold_out : only;
  out.part = !only.empty()       ? PictureSetOptions::Part::held_out
             : !hold_out.empty() ? PictureSetOptions::Part::kept
                                 : PictureSetOptions::Part::all;
  out.cache_bytes_max = static_cast<size_t>(b->number("cache_mb")) << 20;
  out.side_max = static_cast<int>(b->number("side_max"));
  return out;
}

}  // namespace

std::vector<geom::Size> measured_sizes(const Settings& settings) {
  std::vector<geom::Size> out = {settings.sizes.front().size};
  if (settings.sizes.back().size != out.front()) out.push_back(settings.sizes.back().size);
  return out;
}

Result<Settings> settings_from(const pipeline::Config& config, int64_t steps) {
  const Block* model = config.block("model.pasu_person");
  if (model == nullptr && config.block("model.ssd") == nullptr)
    return fail(Errc::unsupported,
                "{}: only model {{ pasu_person {{ }} }} and model {{ ssd {{ }} }} are trained yet; "
                "pasu train --check reads the others",
                config.path);
  const Block* train = config.block("train_config");
  const Block* optimizer = train == nullptr ? nullptr : train->block("optimizer");
  const Block* reader = config.block("train_input_reader");
  if (optimizer == nullptr || reader == nullptr)
    return fail(Errc::invalid_argument, "{}: {} is not set", config.path,
                optimizer == nullptr ? "train_config.optimizer" : "train_input_reader");
  Settings out;
  if (model != nullptr) {
    out.model = model_of(*model);
    if (const Block* loss = model->block("loss")) out.loss = loss_of(*loss);
    out.sizes = sizes_of(*model, train->number("batch_size"));
  } else {
    out.ssd = TRY(ssd::settings_from(config));
    out.sizes = {{.size = out.ssd->input, .batch = static_cast<int>(train->number("batch_size"))}};
  }
  if (out.sizes.empty())
    return fail(Errc::invalid_argument, "{}: model.pasu_person.input_size is not set", config.path);
  out.steps = steps > 0 ? steps : static_cast<int64_t>(train->number("num_steps"));
  if (out.steps < 1)
    return fail(Errc::invalid_argument,
                "{}: train_config.num_steps is not set; --num_train_steps does it too",
                config.path);
  out.late_part = train->number("late_share");
  out.clip_norm = train->number("gradient_clipping_by_norm");
  out.bfloat16 = train->number("use_bfloat16") != 0;
  out.seed = static_cast<uint64_t>(train->number("seed"));
  out.threads = static_cast<int>(train->number("threads"));
  out.clones = static_cast<int>(train->number("clones"));
  out.checkpoint_every = static_cast<int64_t>(train->number("checkpoint_every_steps"));
  out.from = start_of(*train, config);
  TRY(with_context(optimizer_into(*optimizer, out), config.path));
  augmentation_into(*train, out);
  if (out.ssd) {
    out.weight_decay = out.ssd->weight_decay;
    out.augmentation = out.late_augmentation = out.ssd->augmentation;
  }
  out.pictures = TRY(with_context(pictures_of(*reader, "train_input_reader", config), config.path));
  if (const Block* sets = reader->block("pasu_input_reader"))
    out.load_threads = static_cast<int>(sets->number("threads"));
  for (const Value& value : config.root.values) {
    if (value.field->name != "eval_input_reader") continue;
    EvalSet set;
    set.name = value.block->text("name");
    if (set.name.empty()) set.name = fmt::format("eval{}", out.evaluations.size() + 1);
    set.pictures =
        TRY(with_context(pictures_of(*value.block, "eval_input_reader", config), config.path));
    set.pictures.classes = {};
    out.evaluations.push_back(std::move(set));
  }
  if (const Block* evaluation = config.block("eval_config"))
    out.evaluate_every = static_cast<int64_t>(evaluation->number("eval_every_steps"));
  return out;
}

}  // namespace pasu::train
