// pasu data: convert, check and describe data sets.
#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/part_file.h"
#include "cli/command.h"
#include "cli/data_parts.h"
#include "cli/data_progress.h"
#include "cli/on_call.h"
#include "cli/output.h"
#include "train/data/check.h"
#include "train/data/convert.h"
#include "train/data/stats.h"

namespace pasu::cli {
namespace {

using namespace data;

struct InputWords {
  std::vector<std::string> inputs;
  std::string from, label_map;
  OpenOptions open;
  bool voc_edges = false;
};

struct ConvertWords {
  InputWords input;
  std::string target, to, compression = "none";
  ConvertOptions options;
  bool skip_damaged = false, no_images = false;
};

struct CheckWords {
  InputWords input;
  CheckOptions options;
  std::string fix;
  bool quick = false, json = false, all = false;
};

struct StatsWords {
  InputWords input;
  std::string html;
  bool json = false;
};

/// The data sets named on the command line, each a split or several.
Result<std::vector<Split>> open_all(InputWords& words, std::optional<LabelMap>& labels,
                                    std::vector<Finding>* findings) {
  OpenOptions& options = words.open;
  if (!words.from.empty()) options.format = TRY(format_from(words.from));
  if (!words.label_map.empty()) labels = TRY(read_label_map(words.label_map, findings));
  options.labels = labels ? &*labels : nullptr;
  options.corners = words.voc_edges ? VocCorners::edges_from_0 : VocCorners::pixels_from_1;
  options.read = {.findings = findings, .stop = &stop_requested()};
  std::vector<Split> out;
  for (const std::string& input : words.inputs) {
    auto splits = TRY(open_source(input, options));
    for (Split& split : splits) {
      if (words.inputs.size() > 1) {  // Several data sets are splits of one.
        std::string name = input;
        while (name.size() > 1 && name.back() == '/') name.pop_back();
        name = std::filesystem::path(name).stem().string();
        split.name = split.name.empty() ? name : name + "_" + split.name;
      }
      out.push_back(std::move(split));
    }
  }
  return out;
}

void tell(const std::vector<Finding>& findings, bool all) {
  constexpr size_t kShownOfAKind = 8;
  std::map<Flaw, size_t> counts;
  for (const Finding& finding : findings)
    if (++counts[finding.flaw] <= kShownOfAKind || all)
      print(fmt::format("{}: {}\n", to_string(finding.flaw), finding.text()));
  for (const auto& [flaw, count] : counts)
    if (count > kShownOfAKind && !all)
      print(
          fmt::format("{}: {} more, which --all shows\n", to_string(flaw), count - kShownOfAKind));
}

std::string summary(const std::vector<Finding>& findings) {
  std::map<Flaw, size_t> counts;
  for (const Finding& finding : findings) ++counts[finding.flaw];
  std::string out;
  for (const auto& [flaw, count] : counts)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, to_string(flaw));
  return out;
}

std::string finding_json(const Finding& f) {
  std::string out = fmt::format(
      R"({{"flaw":"{}","file":{},"place":{},"picture":{},"annotation":{},"what":{},"remedy":{},"fix":{})",
      to_string(f.flaw), json_text(f.file), json_text(f.place), json_text(f.picture), f.object,
      json_text(f.what), json_text(f.remedy), f.mended_by_fix);
  if (f.box) out += fmt::format(R"(,"box":[{},{},{},{}])", f.box->x, f.box->y, f.box->w, f.box->h);
  return out + "}";
}

Result<int> run_convert(ConvertWords& words) {
  ConvertOptions& options = words.options;
  if (!words.to.empty()) options.format = TRY(format_from(words.to));
  options.images = !words.no_images;
  options.compression = words.compression == "gzip"   ? Compression::gzip
                        : words.compression == "zlib" ? Compression::zlib
                                                      : Compression::none;
  options.stop = &stop_requested();
  words.input.open.renumber = true;
  TRY(target_format(words.target, options));  // Before much is read.
  std::vector<Finding> findings;
  std::optional<LabelMap> labels;
  auto splits = TRY(open_all(words.input, labels, words.skip_damaged ? &findings : nullptr));
  if (words.skip_damaged) options.read.findings = &findings;
  DataProgress progress("converting");
  options.progress = [&](uint64_t done, uint64_t all) { progress.update(done, all); };
  const auto done = convert(splits, words.target, options);
  progress.clear();
  for (const Finding& finding : findings)
    std::fprintf(stderr, "left out: %s\n", finding.text().c_str());
  if (!done) return tl::unexpected<Error>(done.error());
  for (const std::string& note : done->notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  print(fmt::format("{}: {}, {} pictures, {} boxes\n", words.target, to_string(done->format),
                    done->pictures, done->objects));
  return kDone;
}

Result<int> run_check(CheckWords& words) {
  std::vector<Finding> findings;
  std::optional<LabelMap> labels;
  auto splits = TRY(open_all(words.input, labels, &findings));
  words.options.labels = labels ? &*labels : nullptr;
  words.options.decode = !words.quick;
  words.options.stop = &stop_requested();
  DataProgress progress("checking");
  words.options.progress = [&](uint64_t done, uint64_t all) { progress.update(done, all); };
  auto report = check(splits, words.options);
  progress.clear();
  if (!report) return tl::unexpected<Error>(report.error());
  findings.insert(findings.end(), std::make_move_iterator(report->findings.begin()),
                  std::make_move_iterator(report->findings.end()));
  if (words.json) {
    print(fmt::format(R"({{"pictures":{},"boxes":{},"findings":[)", report->pictures,
                      report->objects));
    for (size_t i = 0; i < findings.size(); ++i)
      print((i == 0 ? "\n" : ",\n") + finding_json(findings[i]));
    print("],\n\"notes\":[");
    for (size_t i = 0; i < report->notes.size(); ++i)
      print((i == 0 ? "" : ",") + json_text(report->notes[i]));
    print("]}\n");
  } else {
    tell(findings, words.all);
    for (const std::string& note : report->notes) print(fmt::format("note: {}\n", note));
    print(fmt::format("{} pictures, {} boxes: {}\n", report->pictures, report->objects,
                      findings.empty() ? "nothing wrong was found" : summary(findings)));
  }
  if (!words.fix.empty()) {
    const Mended mended = mend(splits, *report, words.options);
    std::vector<Finding> dropped;
    ConvertOptions options;
    const bool is_json = words.fix.ends_with(".json");
    if (!words.fix.ends_with(".record") && !words.fix.ends_with(".tfrecord") && !is_json)
      options.format = splits.front().format;
    options.stop = &stop_requested();
    options.read.findings = &dropped;
    const auto done = TRY(convert(splits, words.fix, options));
    std::fprintf(stderr, "%s",
                 fmt::format("{}: {} pictures, {} boxes; {} pictures dropped, {} boxes clipped, {} "
                             "turned, {} dropped, {} merged\n",
                             words.fix, done.pictures, done.objects, mended.pictures_dropped,
                             mended.boxes_clipped, mended.boxes_turned, mended.boxes_dropped,
                             mended.boxes_merged)
                     .c_str());
  }
  return findings.empty() ? kDone : kFailed;
}

std::string stats_json(const DataStats& stats) {
  std::string out = fmt::format(
      R"({{"pictures":{},"pictures_without_boxes":{},"boxes":{},"small":{},"medium":{},"large":{},"width_percentiles":[{}],"height_percentiles":[{}],)",
      stats.pictures, stats.empty_pictures, stats.objects, stats.small, stats.medium, stats.large,
      fmt::join(stats.width_percentiles, ","), fmt::join(stats.height_percentiles, ","));
  out += "\n\"splits\":[";
  for (size_t i = 0; i < stats.splits.size(); ++i)
    out += fmt::format(R"({}{{"name":{},"pictures":{},"boxes":{}}})", i == 0 ? "" : ",",
                       json_text(stats.splits[i].name), stats.splits[i].pictures,
                       stats.splits[i].objects);
  out += "],\n\"classes\":[";
  for (size_t i = 0; i < stats.classes.size(); ++i) {
    const ClassStats& one = stats.classes[i];
    out += fmt::format(
        R"({}{{"id":{},"name":{},"boxes":{},"pictures":{},"crowd":{},"difficult":{},"truncated":{},"occluded":{}}})",
        i == 0 ? "\n" : ",\n", one.id, json_text(one.name), one.objects, one.pictures, one.crowd,
        one.difficult, one.truncated, one.occluded);
  }
  return out + "]}\n";
}

Result<int> run_stats(StatsWords& words) {
  std::vector<Finding> findings;
  std::optional<LabelMap> labels;
  const auto splits = TRY(open_all(words.input, labels, &findings));
  const DataStats stats = stats_of(splits);
  print(words.json ? stats_json(stats) : stats_text(stats));
  if (!findings.empty())
    std::fprintf(stderr,
                 "%zu items could not be read and are not counted; pasu data check names them\n",
                 findings.size());
  if (!words.html.empty()) {
    std::string title = std::filesystem::path(words.input.inputs.front()).filename().string();
    if (title.empty())
      title = std::filesystem::path(words.input.inputs.front()).parent_path().filename().string();
    if (words.input.inputs.size() > 1)
      title += fmt::format(" and {} more", words.input.inputs.size() - 1);
    TRY(write_file(words.html, as_bytes(stats_html(stats, title))));
    std::fprintf(stderr, "%s: written\n", words.html.c_str());
  }
  return kDone;
}

void add_input(CLI::App& command, InputWords& words, bool several) {
  if (several)
    command
        .add_option("DATA", words.inputs,
                    "Folders or files of annotations; several are splits of one")
        ->required();
  else  // A list would take OUT as well.
    command
        .add_option_function<std::string>(
            "DATA", [&words](const std::string& input) { words.inputs = {input}; },
            "A folder or file of annotations")
        ->required();
  command.add_option("--from", words.from, "coco, voc, yolo, kitti or tfrecord; seen by itself")
      ->type_name("FORMAT");
  command
      .add_option("--images", words.open.images, "The folder of pictures, where it is not found")
      ->type_name("DIR");
  command
      .add_option("--label-map", words.label_map,
                  "A label map (pbtxt): which number is which class")
      ->type_name("FILE");
  command.add_flag("--voc-edges", words.voc_edges,
                   "VOC boxes are edges from 0, not pixels from 1 as VOC's own are");
}

void add_convert(CLI::App& data, int& exit_code) {
  auto* command = data.add_subcommand("convert", "Write a data set in another format.");
  auto words = std::make_shared<ConvertWords>();
  add_input(*command, words->input, false);
  command->add_option("OUT", words->target, "A folder that is not there yet, a .json or a .record")
      ->required();
  command
      ->add_option("--to", words->to, "coco, voc, yolo, kitti or tfrecord, where OUT is a folder")
      ->type_name("FORMAT");
  command->add_flag("--link", words->options.link, "Hard links to the pictures rather than copies");
  command->add_flag("--no-images", words->no_images, "Annotations alone");
  command->add_option("--shards", words->options.shards, "Files of records a split")
      ->check(CLI::Range(1, 99999))
      ->type_name("N");
  command->add_option("--compression", words->compression, "Of records")
      ->check(CLI::IsMember({"none", "gzip", "zlib"}));
  command->add_flag("--skip-damaged", words->skip_damaged,
                    "Leave out and name what cannot be read, rather than stop");
  command->footer(
      "Examples:\n"
      "  pasu data convert VOC2012 person.record --shards 10\n"
      "  pasu data convert train.record@10 dataset --to yolo\n"
      "  pasu data convert coco/annotations/instances_val2017.json val --to voc\n\n"
      "OUT is there whole or not at all: until then it is OUT.part, which an interrupted run "
      "leaves "
      "and the next one makes anew.");
  on_call(command, words, run_convert, exit_code);
}

void add_check(CLI::App& data, int& exit_code) {
  auto* command = data.add_subcommand("check", "Find what is wrong with a data set.");
  auto words = std::make_shared<CheckWords>();
  add_input(*command, words->input, true);
  command->add_flag("--quick", words->quick,
                    "Headers of pictures only; finds no damage further in");
  command->add_option("--fix", words->fix, "Write what can be mended without a guess to OUT")
      ->type_name("OUT");
  command->add_flag("--json", words->json, "As JSON, all of it");
  command->add_flag("--all", words->all, "Every finding, not the first ones of a kind");
  command->add_option("--threads", words->options.threads, "0: one a core")
      ->check(CLI::Range(0, 1024))
      ->type_name("N");
  command->footer(
      "Examples:\n"
      "  pasu data check dataset\n"
      "  pasu data check train.json val.json --images pictures   leaks between the two\n"
      "  pasu data check dataset --fix mended\n\n"
      "Ends with 1 where something was found.");
  on_call(command, words, run_check, exit_code);
}

void add_stats(CLI::App& data, int& exit_code) {
  auto* command = data.add_subcommand("stats", "What a data set is made of.");
  auto words = std::make_shared<StatsWords>();
  add_input(*command, words->input, true);
  command->add_option("--html", words->html, "As a page with plots, one file")->type_name("FILE");
  command->add_flag("--json", words->json, "As JSON");
  command->footer("Example:\n  pasu data stats dataset --html dataset.html");
  on_call(command, words, run_stats, exit_code);
}

}  // namespace

void add_data(CLI::App& app, int& exit_code) {
  auto* data = app.add_subcommand("data", "Convert, check, describe, label and preview data sets.");
  data->require_subcommand(1);
  add_convert(*data, exit_code);
  add_check(*data, exit_code);
  add_stats(*data, exit_code);
  add_data_label(*data, exit_code);
  add_data_preview(*data, exit_code);
}

}  // namespace pasu::cli
