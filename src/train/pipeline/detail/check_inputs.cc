// Label maps and records: are they there, do they fit the model, does anything come out of them.
#include <algorithm>
#include <filesystem>
#include <set>

#include "train/data/label_map.h"
#include "train/data/record_set.h"
#include "train/data/source.h"
#include "train/pipeline/detail/checks.h"

namespace pasu::pipeline::detail {
namespace {

constexpr size_t kNamesShown = 4;

std::string names_text(const data::LabelMap& map) {
  std::string out;
  for (size_t i = 0; i < map.labels.size() && i < kNamesShown; ++i)
    out += (i > 0 ? ", " : "") + map.labels[i].shown();
  if (map.labels.size() > kNamesShown)
    out += fmt::format(" and {} more", map.labels.size() - kNamesShown);
  return out;
}

class Input {
 public:
  Input(const Block& reader, std::string field, Remarks& remarks, const CheckOptions& options,
        const std::atomic<bool>& stop)
      : reader_(reader),
        field_(std::move(field)),
        remarks_(remarks),
        options_(options),
        stop_(stop) {
    const std::string model = model_path(remarks.config());
    if (const Value* classes = remarks.config().find(model + ".num_classes")) {
      num_classes_ = static_cast<int64_t>(classes->number);
      classes_field_ = model + ".num_classes";
    }
  }

  void run(bool first) {
    if (const Block* sets = reader_.block("pasu_input_reader")) {
      summary_.field = field_;
      run_sets(*sets, first);
      remarks_.report().inputs.push_back(std::move(summary_));
      return;
    }
    const auto map = label_map();
    if (map && first)
      for (const data::Label& label : map->labels)
        remarks_.report().classes.push_back(label.shown());
    if (map) compare_classes(*map);
    summary_.field = field_;
    const auto files = record_files();
    for (const auto& file : files) summary_.files.push_back(file.string());
    if (options_.read_records && !files.empty()) {
      classes_ = map ? data::ClassNumbers(*map) : data::ClassNumbers();
      bool whole = true;
      for (const auto& file : files) whole = whole && read(file.string());
      if (whole && !stop_) judge();
    }
    remarks_.report().inputs.push_back(std::move(summary_));
  }

 private:
  void run_sets(const Block& sets, bool first) {
    const std::string field = field_ + ".pasu_input_reader.set";
    bool any = false;
    for (const Value& value : sets.values) {
      if (value.field->name != "set" || stop_) continue;
      any = true;
      const std::string path = local_path(value.block->text("path"), field + ".path", remarks_);
      if (!path.empty()) read_set(path, *value.block, field, value.place, first);
    }
    if (!any)
      remarks_.add_at(Level::error, field, sets.place,
                      "is not set: what to read, such as set { path: \"data/street\" }");
    else if (options_.read_records && first && summary_.records > 0 && summary_.boxes == 0)
      remarks_.add_at(Level::error, field, sets.place,
                      fmt::format("none of the {} pictures has a box: nothing would be learnt",
                                  summary_.records));
  }

  // Annotations alone are read, the pictures when they are trained on.
  void read_set(const std::string& path, const Block& set, const std::string& field, Place place,
                bool first) {
    summary_.files.push_back(path);
    if (!options_.read_records) {
      if (const auto format = data::recognise(path); !format)
        remarks_.add_at(Level::error, field + ".path", place, format.error().message());
      return;
    }
    const auto splits = data::open_source(path, {.images = set.text("images")});
    if (!splits) {
      remarks_.add_at(Level::error, field + ".path", place, splits.error().message());
      return;
    }
    for (const data::Split& split : *splits) {
      const std::string wanted = set.text("split");
      if (!wanted.empty() && split.name != wanted) continue;
      for (const auto& category : split.set.categories)
        if (auto& classes = remarks_.report().classes;
            first && std::ranges::find(classes, category.name) == classes.end())
          classes.push_back(category.name);
      for (const data::Picture& picture : split.set.pictures) {
        ++summary_.records;
        if (picture.objects.empty()) ++summary_.without_boxes;
        for (const data::Object& object : picture.objects) {
          ++summary_.boxes;
          ++summary_.boxes_by_class[object.category];
        }
      }
    }
  }

  void add(Level level, const char* name, std::string what) {
    const Value* value = reader_.find(name);
    remarks_.add_at(level, field_ + "." + name, value != nullptr ? value->place : reader_.place,
                    std::move(what));
  }

  std::optional<data::LabelMap> label_map() {
    const Value* value = reader_.find("label_map_path");
    if (value == nullptr) {
      add(Level::error, "label_map_path", "is not set: the file that numbers the classes");
      return std::nullopt;
    }
    const std::string path = local_path(value->text, field_ + ".label_map_path", remarks_);
    if (path.empty()) return std::nullopt;
    std::vector<data::Finding> findings;
    auto map = data::read_label_map(path, &findings);
    if (!map) {
      add(Level::error, "label_map_path", map.error().message());
      return std::nullopt;
    }
    for (const data::Finding& finding : findings)
      add(Level::warning, "label_map_path", finding.text());
    return std::move(*map);
  }

  void compare_classes(const data::LabelMap& map) {
    if (num_classes_ == 0) return;
    const int64_t highest = map.labels.empty() ? 0 : map.labels.back().id;
    if (highest > num_classes_)
      remarks_.add(Level::error, classes_field_,
                   fmt::format("is {}, and {} numbers classes up to {} ({}): set it to {}, or "
                               "training ends in NaN",
                               num_classes_, map.path, highest, names_text(map), highest));
    else if (highest < num_classes_)
      remarks_.add(Level::warning, classes_field_,
                   fmt::format("is {}, and {} numbers classes up to {} ({}): the network would "
                               "learn {} classes that nothing belongs to; set it to {}",
                               num_classes_, map.path, highest, names_text(map),
                               num_classes_ - highest, highest));
  }

  std::vector<std::filesystem::path> record_files() {
    const Block* records = reader_.block("tf_record_input_reader");
    if (records == nullptr) {
      add(Level::error, "tf_record_input_reader", "is not set: where the records are");
      return {};
    }
    std::vector<std::filesystem::path> out;
    bool any = false;
    for (const Value& value : records->values) {
      if (value.field->name != "input_path") continue;
      any = true;
      const std::string field = field_ + ".tf_record_input_reader.input_path";
      const std::string path = local_path(value.text, field, remarks_);
      if (path.empty()) continue;
      auto files = data::record_files(path);
      if (files)
        out.insert(out.end(), files->begin(), files->end());
      else
        remarks_.add_at(Level::error, field, value.place, files.error().message());
    }
    if (!any) add(Level::error, "tf_record_input_reader", "names no input_path");
    return out;
  }

  // False: there is an error in it.
  bool read(const std::string& file) {
    auto reader = data::RecordReader::open(file);
    const char* const name = "tf_record_input_reader";
    if (!reader) {
      add(Level::error, name, reader.error().message());
      return false;
    }
    const size_t before = summary_.records;
    while (!stop_) {
      const auto record = reader->next();
      if (!record) {
        add(Level::error, name, record.error().message());
        return false;
      }
      if (!*record) break;
      const auto picture = data::parse_picture_record(**record, classes_, file, {});
      if (!picture) {
        add(Level::error, name,
            picture.error()
                .with(fmt::format("{}: record {} at byte {}", file, (*record)->index,
                                  (*record)->offset))
                .message());
        return false;
      }
      count(picture->picture, fmt::format("{}: record {}", file, (*record)->index));
    }
    if (summary_.records == before && !stop_)
      add(Level::error, name,
          fmt::format("{} holds no records: training would wait for ever", file));
    return true;
  }

  void count(const data::Picture& picture, const std::string& place) {
    ++summary_.records;
    if (picture.objects.empty()) ++summary_.without_boxes;
    for (const data::Object& object : picture.objects) {
      ++summary_.boxes;
      ++summary_.boxes_by_class[object.category];
      if ((object.category < 1 || (num_classes_ > 0 && object.category > num_classes_)) &&
          beyond_++ == 0)
        first_beyond_ = fmt::format("{} has a box of class {}", place, object.category);
      const data::Box& b = object.box;
      const bool inside = b.x >= 0 && b.y >= 0 && b.x + b.w <= picture.size.width + 0.5 &&
                          b.y + b.h <= picture.size.height + 0.5;
      if ((!(b.w > 0 && b.h > 0) || !inside) && bad_++ == 0)
        first_bad_ = fmt::format("{}, box x {:g} y {:g} w {:g} h {:g} in {}x{}", place, b.x, b.y,
                                 b.w, b.h, picture.size.width, picture.size.height);
    }
  }

  void judge() {
    const char* const name = "tf_record_input_reader";
    if (beyond_ > 0)
      add(Level::error, name,
          fmt::format("{} boxes are of classes outside 1 to {}, num_classes: {}", beyond_,
                      num_classes_, first_beyond_));
    if (bad_ > 0)
      add(Level::warning, name,
          fmt::format("{} boxes are empty, inverted or outside their picture, the first: {}; "
                      "`pasu data check` lists them",
                      bad_, first_bad_));
    if (summary_.records > 0 && summary_.boxes == 0)
      add(Level::error, name,
          fmt::format("none of its {} records has a box: are the keys image/object/bbox/...?",
                      summary_.records));
    const Block* config = remarks_.config().block("eval_config");
    if (field_ == "eval_input_reader" && config != nullptr && summary_.records > 0) {
      const Value* examples = config->find("num_examples");
      if (examples != nullptr && examples->number > static_cast<double>(summary_.records))
        remarks_.add(Level::note, "eval_config.num_examples",
                     fmt::format("is {}, and there are {} records: those are measured",
                                 examples->number, summary_.records));
    }
  }

  const Block& reader_;
  std::string field_;
  Remarks& remarks_;
  const CheckOptions& options_;
  const std::atomic<bool>& stop_;
  int64_t num_classes_ = 0;
  std::string classes_field_;
  InputSummary summary_;
  data::ClassNumbers classes_;
  size_t beyond_ = 0, bad_ = 0;
  std::string first_beyond_, first_bad_;
};

// Pictures that are measured with `only` must be held out of training by the same pattern.
void check_held_out(Remarks& remarks) {
  const Block* train = remarks.config().block("train_input_reader.pasu_input_reader");
  if (train == nullptr) return;
  std::set<std::string> held;
  for (const Value& value : train->values)
    if (value.field->name == "hold_out") held.insert(value.text);
  for (const Value& reader : remarks.config().root.values) {
    if (reader.field->name != "eval_input_reader") continue;
    const Block* sets = reader.block->block("pasu_input_reader");
    if (sets == nullptr) continue;
    for (const Value& value : sets->values)
      if (value.field->name == "only" && !held.contains(value.text))
        remarks.add_at(Level::warning, "eval_input_reader.pasu_input_reader.only", value.place,
                       fmt::format("'{}' is no hold_out of train_input_reader: unless another "
                                   "pattern there holds these pictures out, they are trained on",
                                   value.text));
  }
}

void check_leak(Remarks& remarks) {
  if (remarks.config().block("train_input_reader.pasu_input_reader") != nullptr) {
    check_held_out(remarks);
    return;
  }
  std::set<std::string> trained;
  for (const InputSummary& input : remarks.report().inputs)
    for (const std::string& file : input.files) {
      std::error_code ignored;
      const std::string real = std::filesystem::weakly_canonical(file, ignored).string();
      if (input.field == "train_input_reader")
        trained.insert(real);
      else if (trained.contains(real))
        remarks.add(Level::warning, "eval_input_reader",
                    fmt::format("{} is trained on as well: the numbers would be too good", file));
    }
}

}  // namespace

void check_inputs(Remarks& remarks, const CheckOptions& options, const std::atomic<bool>& stop) {
  for (const char* field : {"train_input_reader", "eval_input_reader"}) {
    bool any = false;
    for (const Value& value : remarks.config().root.values) {
      if (value.field->name != field) continue;
      Input(*value.block, field, remarks, options, stop)
          .run(!any && std::string(field) == "train_input_reader");
      any = true;
    }
    if (any) continue;
    const bool train = std::string(field) == "train_input_reader";
    remarks.add(train ? Level::error : Level::warning, field,
                train ? "is not set: what to train on"
                      : "is not set: there is nothing to measure the training with");
  }
  check_leak(remarks);
}

}  // namespace pasu::pipeline::detail
