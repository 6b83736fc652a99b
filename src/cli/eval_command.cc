// pasu eval: detections measured against annotations.
#include <algorithm>
#include <cstdio>
#include <memory>

#include "base/part_file.h"
#include "cli/command.h"
#include "cli/eval_report.h"
#include "cli/output.h"
#include "cli/size_option.h"
#include "geom/letterbox.h"
#include "job/evaluate.h"
#include "train/data/coco.h"
#include "train/data/source.h"
#include "train/eval/results.h"

namespace pasu::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  pasu eval --annotations gt.json --results dt.json            a detector's results, COCO's numbers
  pasu eval --annotations gt.json --results dt.json --metrics coco,voc07 --json numbers.json
  pasu eval --annotations gt.json --images val/ --model person  a model, shown the pictures
  pasu eval ... --threshold 0.3 --iou 0.3 --from-height 24      what a threshold finds of people

Annotations are COCO instances, results COCO's list of {"image_id", "category_id", "bbox",
"score"}. The numbers are those of pycocotools (coco), py-faster-rcnn (voc07, voc10) and the TF
Object Detection API (tfod_voc, oid); -1 in JSON and - in tables stand for "nothing to measure".
"recall at P 0.9 ... from S" is what a threshold of S finds with 9 of 10 boxes right.
docs/ref/evaluation.md has the rules to the letter.)";

struct Arguments {
  std::string annotations, results, images, json, input_size;
  detect::DetectorOptions detector;
  std::vector<std::string> metrics = {"coco"};
  std::vector<int> max_dets = {1, 10, 100};
  eval::ResultsOptions reading;
  int threads = 0;
  double threshold = 0, point_iou = 0.5, from_height = 0;
  bool point = false;  // One of these was given.
};

constexpr std::pair<const char*, eval::VocRule> kVocRules[] = {
    {"voc07", eval::VocRule::voc07},
    {"voc10", eval::VocRule::voc10},
    {"tfod_voc", eval::VocRule::tfod_voc},
    {"oid", eval::VocRule::oid}};

Result<std::vector<eval::Detection>> from_file(const Arguments& arguments,
                                               const eval::GroundTruth& truth, EvalReport& report) {
  auto results = TRY(eval::read_results(arguments.results, truth, arguments.reading));
  report.results = arguments.results;
  if (const size_t skipped = results.skipped_pictures + results.skipped_categories; skipped > 0)
    std::fprintf(
        stderr, "%s\n",
        fmt::format("{}: {} results of unknown pictures and {} of unknown categories were "
                    "left out",
                    arguments.results, results.skipped_pictures, results.skipped_categories)
            .c_str());
  return std::move(results.detections);
}

Result<std::vector<eval::Detection>> from_model(const Arguments& arguments,
                                                const data::DataSet& set,
                                                const eval::GroundTruth& truth, EvalReport& report,
                                                geom::Size& seen) {
  job::Progress progress(Terminal::of_stderr().interactive);
  auto detector = arguments.detector;
  if (!arguments.input_size.empty())
    detector.input = TRY(parse_size("--input", arguments.input_size));
  auto found = TRY(job::detect_set(set, truth, {.detector = detector, .images = arguments.images},
                                   progress, stop_requested()));
  report.results = fmt::format("model {} {}x{} {}", found.model.name, found.model.input.width,
                               found.model.input.height, found.model.precision);
  seen = found.model.input;
  for (const std::string& name : found.unmatched_categories)
    std::fprintf(stderr, "%s\n",
                 fmt::format("{}: has no label '{}': nothing of that category is found",
                             found.model.name, name)
                     .c_str());
  return std::move(found.detections);
}

// Results name pictures and categories by their numbers, which only COCO's annotations have.
Result<data::DataSet> read_annotations(const Arguments& arguments) {
  if (arguments.images.empty() || TRY(data::recognise(arguments.annotations)) == data::Format::coco)
    return data::read_coco(arguments.annotations);
  auto splits = TRY(data::open_source(arguments.annotations, {.images = arguments.images}));
  if (splits.size() == 1) return std::move(splits[0].set);
  std::string names;
  for (const auto& split : splits) names += (names.empty() ? "" : ", ") + split.name;
  return fail(Errc::invalid_argument, "{}: has {} parts ({}); name the folder of one",
              arguments.annotations, splits.size(), names);
}

/// `seen` is the model's input, in whose pixels heights count; 0 where no model was run.
void add_point(const Arguments& arguments, const data::DataSet& set, const eval::GroundTruth& truth,
               std::span<const eval::Detection> detections, geom::Size seen, EvalReport& report) {
  const auto category = person_or_only(truth);
  if (!arguments.point || !category) return;
  eval::JudgeOptions options{.iou = arguments.point_iou,
                             .category = static_cast<uint32_t>(*category),
                             .height_min = arguments.from_height};
  if (seen.width > 0) {
    options.scales.assign(truth.pictures.size(), 1);
    const eval::IdPlaces places(truth.pictures);
    for (const data::Picture& picture : set.pictures)
      if (picture.size.width > 0 && picture.size.height > 0)
        options.scales[*places.find(picture.id)] = geom::Letterbox::fit(picture.size, seen).scale;
  }
  const eval::Judged judged = eval::judge(truth, detections, options);
  const auto curve = eval::threshold_curve(judged);
  report.point = {.iou = arguments.point_iou,
                  .height_min = arguments.from_height,
                  .threshold = arguments.threshold,
                  .category = *category,
                  .objects = judged.wanted.size(),
                  .at_threshold = eval::point_at(curve, arguments.threshold),
                  .best = eval::best_point(curve)};
}

Result<void> evaluate(const Arguments& arguments) {
  const auto set = TRY(read_annotations(arguments));
  const auto truth = TRY(with_context(eval::ground_truth(set), arguments.annotations));
  EvalReport report;
  report.annotations = arguments.annotations;
  geom::Size seen;
  const auto detections =
      TRY(arguments.images.empty() ? from_file(arguments, truth, report)
                                   : from_model(arguments, set, truth, report, seen));
  report.detections = detections.size();
  std::ranges::copy(arguments.max_dets, report.max_dets.begin());
  std::ranges::sort(report.max_dets);
  const auto wanted = [&](const char* metric) {
    return std::ranges::find(arguments.metrics, metric) != arguments.metrics.end();
  };
  if (wanted("coco"))
    report.coco = eval::evaluate_coco(truth, detections,
                                      {.max_dets = report.max_dets, .threads = arguments.threads});
  add_point(arguments, set, truth, detections, seen, report);
  for (const auto& [name, rule] : kVocRules)
    if (wanted(name))
      report.voc.emplace_back(name, eval::evaluate_voc(truth, detections, rule, arguments.threads));
  if (std::ranges::any_of(truth.truths, &eval::Truth::id_is_zero))
    std::fprintf(stderr,
                 "%s: has an annotation with id 0, which pycocotools, and so coco here, never "
                 "counts as found; number them from 1\n",
                 arguments.annotations.c_str());
  if (arguments.json != "-") print(to_text(report, truth));
  if (arguments.json.empty()) return {};
  // Names are others' words and need not be UTF-8; JSON must.
  const std::string json =
      to_json(report, truth).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (arguments.json == "-") {
    print(json);
    return {};
  }
  return write_file(arguments.json, as_bytes(json));
}

}  // namespace

void add_eval(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("eval", "Measure detections against annotations: COCO, VOC, Open Images");
  command
      ->add_option("--annotations", arguments->annotations,
                   "COCO instances JSON; with --images also VOC, YOLO, KITTI")
      ->required()
      ->type_name("PATH");
  auto* results =
      command->add_option("--results", arguments->results, "COCO results JSON")->type_name("FILE");
  auto* images = command
                     ->add_option("--images", arguments->images,
                                  "The annotated pictures, to run a model on instead")
                     ->type_name("DIR");
  results->excludes(images);
  command
      ->add_option("--model", arguments->detector.model,
                   "With --images: a model's name, folder or file")
      ->capture_default_str()
      ->needs(images)
      ->type_name("M");
  command
      ->add_option("--input", arguments->input_size,
                   "With --images: the network's picture size, where the model has several")
      ->needs(images)
      ->type_name("WxH");
  command->add_option("--metrics", arguments->metrics, "coco, voc07, voc10, tfod_voc, oid")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::IsMember({"coco", "voc07", "voc10", "tfod_voc", "oid"}))
      ->type_name("LIST");
  command
      ->add_option("--max-dets", arguments->max_dets,
                   "Boxes a picture and class that coco counts: of AR1, of AR10, of the rest")
      ->delimiter(',')
      ->expected(3)
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("A,B,C");
  command
      ->add_option("--threshold", arguments->threshold,
                   "Precision and recall from this score on, of persons or the one class")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("S");
  command->add_option("--iou", arguments->point_iou, "The overlap that counts there")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 1.0))
      ->type_name("N");
  command
      ->add_option("--from-height", arguments->from_height,
                   "Lower objects do not count there; in pixels of the model's input where one is "
                   "run, else of the picture")
      ->check(CLI::Range(0.0, 10000.0))
      ->type_name("PX");
  command->add_flag("--skip-unknown", arguments->reading.skip_unknown,
                    "Leave out results of pictures and categories that are not annotated");
  command->add_option("--json", arguments->json, "The numbers as JSON; - is stdout, no table then")
      ->type_name("FILE");
  command->add_option("--threads", arguments->threads, "Threads; 0: one a core")
      ->capture_default_str()
      ->check(CLI::Range(0, 256))
      ->type_name("N");
  command->footer(kFooter);
  command->callback([arguments, command, &exit_code] {
    arguments->point =
        command->count("--threshold") + command->count("--iou") + command->count("--from-height") >
        0;
    if (arguments->results.empty() && arguments->images.empty()) {
      report(Error(Errc::invalid_argument,
                   "pasu eval needs --results FILE, or --images DIR to run a model on"));
      exit_code = kWrongUse;
      return;
    }
    const auto done = evaluate(*arguments);
    if (!done && done.error().code() == Errc::cancelled) {
      report(done.error());
      exit_code = kInterrupted;
      return;
    }
    exit_code = finish_output(done ? kDone : report(done.error()));
  });
}

}  // namespace pasu::cli
