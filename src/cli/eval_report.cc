#include "cli/eval_report.h"

#include <algorithm>

#include <fmt/format.h>

namespace pasu::cli {
namespace {

using eval::CocoNumber;
using eval::WorkingPoints;
using nlohmann::ordered_json;

constexpr size_t kNameWidth = 22;

ordered_json to_json(const WorkingPoints& points) {
  return {{"truths", points.truths},
          {"recall_at_precision_0.9", points.recall},
          {"score_there", points.recall_score},
          {"precision_at_recall_0.9", points.precision},
          {"score_at_that", points.precision_score}};
}

ordered_json numbers_json(const eval::CocoNumbers& numbers) {
  ordered_json out;
  for (size_t i = 0; i < numbers.size(); ++i) out[eval::kCocoNames[i]] = numbers[i];
  return out;
}

ordered_json class_json(const eval::CocoClass& one, const data::Category& category) {
  ordered_json out{{"id", category.id}, {"name", category.name}};
  out.update(numbers_json(one.numbers));
  out["AP_at_max_dets"] = one.ap_at_max_dets;
  out["truths"] = one.truths;
  out["crowds"] = one.crowds;
  out["detections"] = one.detections;
  out.update(to_json(one.all), true);
  for (size_t h = 0; h < one.by_height.size(); ++h) {
    ordered_json row{{"from_px", eval::kHeights[h]}};
    if (h + 1 < one.by_height.size()) row["below_px"] = eval::kHeights[h + 1];
    row.update(to_json(one.by_height[h]));
    out["by_height"].push_back(std::move(row));
  }
  return out;
}

/// "0.532", "-" where there was nothing to measure.
std::string number(double value) { return value < 0 ? "-" : fmt::format("{:.3f}", value); }

std::string with_score(double value, double score) {
  if (value <= 0 || score < 0) return number(value);
  return fmt::format("{:.3f} from {:.3f}", value, score);
}

/// Cut to `width` columns, counting UTF-8's first bytes.
std::string name_cell(const std::string& name) {
  size_t columns = 0, end = 0;
  while (end < name.size() && columns < kNameWidth) {
    do ++end;
    while (end < name.size() && (static_cast<uint8_t>(name[end]) & 0xC0) == 0x80);
    ++columns;
  }
  std::string out = name.substr(0, end);
  for (char& c : out)
    if (static_cast<uint8_t>(c) < ' ' || c == 127) c = '?';  // Others' words: no escapes.
  return out + std::string(kNameWidth - columns, ' ');
}

void coco_summary(std::string& out, const EvalReport& report) {
  const auto& n = report.coco->numbers;
  const auto at = [&](CocoNumber which) { return number(n[static_cast<size_t>(which)]); };
  const auto& dets = report.max_dets;
  const bool stock = report.coco->numbers[0] >= 0 || report.coco->ap_at_max_dets < 0;
  out +=
      fmt::format("\n{:<22} {:>7} {:>7} {:>7} {:>7}\n", "COCO", "all", "small", "medium", "large");
  out += fmt::format("{:<22} {:>7} {:>7} {:>7} {:>7}\n", "AP    IoU 0.50:0.95",
                     stock ? at(CocoNumber::ap) : number(report.coco->ap_at_max_dets),
                     at(CocoNumber::ap_s), at(CocoNumber::ap_m), at(CocoNumber::ap_l));
  out += fmt::format("{:<22} {:>7}\n", "AP50  IoU 0.50", at(CocoNumber::ap50));
  out += fmt::format("{:<22} {:>7}\n", "AP75  IoU 0.75", at(CocoNumber::ap75));
  out += fmt::format("{:<22} {:>7} {:>7} {:>7} {:>7}\n", fmt::format("AR    {} boxes", dets[2]),
                     at(CocoNumber::ar_100), at(CocoNumber::ar_s), at(CocoNumber::ar_m),
                     at(CocoNumber::ar_l));
  out +=
      fmt::format("{:<22} {:>7}\n", fmt::format("AR    {} boxes", dets[1]), at(CocoNumber::ar_10));
  out += fmt::format("{:<22} {:>7}\n",
                     fmt::format("AR    {} box{}", dets[0], dets[0] == 1 ? "" : "es"),
                     at(CocoNumber::ar_1));
  if (!stock)
    out += fmt::format(
        "AP is at {} boxes a picture; pycocotools, which wants 100 among --max-dets, gives -1.\n",
        dets[2]);
}

void coco_classes(std::string& out, const EvalReport& report, const eval::GroundTruth& truth) {
  out +=
      fmt::format("\n{:<22} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6}  {:<18} {}\n", "class", "objects",
                  "boxes", "AP", "AP50", "AP75", "AR", "recall at P 0.9", "precision at R 0.9");
  for (size_t i = 0; i < truth.categories.size(); ++i) {
    const auto& one = report.coco->classes[i];
    const auto at = [&](CocoNumber which) {
      return number(one.numbers[static_cast<size_t>(which)]);
    };
    out += fmt::format("{} {:>7} {:>7} {:>6} {:>6} {:>6} {:>6}  {:<18} {}\n",
                       name_cell(truth.categories[i].name), one.truths - one.crowds, one.detections,
                       number(one.ap_at_max_dets), at(CocoNumber::ap50), at(CocoNumber::ap75),
                       at(CocoNumber::ar_100), with_score(one.all.recall, one.all.recall_score),
                       with_score(one.all.precision, one.all.precision_score));
  }
}

std::string height_text(size_t h) {
  if (h == 0) return fmt::format("below {} px", eval::kHeights[1]);
  if (h + 1 == eval::kHeightCount) return fmt::format("{} px and more", eval::kHeights[h]);
  return fmt::format("{} to {} px", eval::kHeights[h], eval::kHeights[h + 1]);
}

/// Of persons, or of the one class there is.
void coco_heights(std::string& out, const EvalReport& report, const eval::GroundTruth& truth) {
  const auto category = person_or_only(truth);
  if (!category) return;
  const size_t which = *category;
  out += fmt::format("\n{:<22} {:>7} {:36}{:<18} {}\n",
                     fmt::format("{}, by height", truth.categories[which].name), "objects", "",
                     "recall at P 0.9", "precision at R 0.9");
  const auto& heights = report.coco->classes[which].by_height;
  for (size_t h = 0; h < heights.size(); ++h)
    out += fmt::format("{:<22} {:>7} {:36}{:<18} {}\n", height_text(h), heights[h].truths, "",
                       with_score(heights[h].recall, heights[h].recall_score),
                       with_score(heights[h].precision, heights[h].precision_score));
}

ordered_json point_json(const eval::ThresholdPoint& point) {
  return {{"score", point.score},
          {"precision", point.precision},
          {"recall", point.recall},
          {"f1", point.f1}};
}

void thresholds(std::string& out, const EvalReport& report, const eval::GroundTruth& truth) {
  const PointReport& p = *report.point;
  out += fmt::format("\n{} {:>7} {:>10} {:>7} {:>7}   IoU {:g}{}\n",
                     name_cell(truth.categories[p.category].name + ", from score"), "objects",
                     "precision", "recall", "F1", p.iou,
                     p.height_min > 0 ? fmt::format(", {:g} px and more", p.height_min) : "");
  const auto row = [&](const std::string& name, const eval::ThresholdPoint& point) {
    out += fmt::format("{:<22} {:>7} {:>10.3f} {:>7.3f} {:>7.3f}\n", name, p.objects,
                       point.precision, point.recall, point.f1);
  };
  if (p.threshold > 0) row(fmt::format("{:g}", p.threshold), p.at_threshold);
  row(fmt::format("{:.3f}, the best F1", p.best.score), p.best);
}

void voc_classes(std::string& out, const EvalReport& report, const eval::GroundTruth& truth) {
  out += fmt::format("\n{:<22}", "AP at IoU 0.50 by");
  for (const auto& [name, result] : report.voc) out += fmt::format(" {:>9}", name);
  out += fmt::format("\n{:<22}", "mean");
  for (const auto& [name, result] : report.voc)
    out += fmt::format(" {:>9}", number(result.mean_ap));
  out += "\n";
  for (size_t i = 0; i < truth.categories.size(); ++i) {
    out += name_cell(truth.categories[i].name);
    for (const auto& [name, result] : report.voc)
      out += fmt::format(" {:>9}", number(result.classes[i].ap));
    out += "\n";
  }
}

}  // namespace

std::optional<size_t> person_or_only(const eval::GroundTruth& truth) {
  for (size_t i = 0; i < truth.categories.size(); ++i)
    if (truth.categories[i].name == "person") return i;
  return truth.categories.size() == 1 ? std::optional<size_t>(0) : std::nullopt;
}

ordered_json to_json(const EvalReport& report, const eval::GroundTruth& truth) {
  ordered_json out{{"annotations", report.annotations},
                   {"results", report.results},
                   {"pictures", truth.pictures.size()},
                   {"truths", truth.truths.size()},
                   {"detections", report.detections}};
  if (report.coco) {
    out["max_dets"] = report.max_dets;
    out["coco"] = numbers_json(report.coco->numbers);
    out["AP_at_max_dets"] = report.coco->ap_at_max_dets;
    out["per_class"] = ordered_json::array();
    for (size_t i = 0; i < truth.categories.size(); ++i)
      out["per_class"].push_back(class_json(report.coco->classes[i], truth.categories[i]));
  }
  for (const auto& [name, result] : report.voc) {
    out[name]["per_class"] = ordered_json::array();
    for (size_t i = 0; i < truth.categories.size(); ++i) {
      const auto& one = result.classes[i];
      out[name]["per_class"].push_back({{"id", truth.categories[i].id},
                                        {"name", truth.categories[i].name},
                                        {"AP", one.ap},
                                        {"recall", one.recall},
                                        {"truths", one.truths},
                                        {"detections", one.detections}});
    }
    out[name]["mAP"] = result.mean_ap;
  }
  if (report.point) {
    const PointReport& p = *report.point;
    out["threshold"] = {{"iou", p.iou}, {"height_min", p.height_min}, {"objects", p.objects}};
    if (p.threshold > 0) {
      out["threshold"]["at"] = point_json(p.at_threshold);
      out["threshold"]["at"]["score"] = p.threshold;
    }
    out["threshold"]["best"] = point_json(p.best);
  }
  return out;
}

std::string to_text(const EvalReport& report, const eval::GroundTruth& truth) {
  const auto crowds = std::ranges::count_if(truth.truths, [](const auto& t) { return t.crowd; });
  std::string out = fmt::format(
      "{}: {} pictures, {} categories, {} objects{}\n{}: {} detections\n", report.annotations,
      truth.pictures.size(), truth.categories.size(), truth.truths.size(),
      crowds > 0 ? fmt::format(" ({} crowds)", crowds) : "", report.results, report.detections);
  if (report.coco) {
    coco_summary(out, report);
    coco_classes(out, report, truth);
    coco_heights(out, report, truth);
  }
  if (report.point) thresholds(out, report, truth);
  if (!report.voc.empty()) voc_classes(out, report, truth);
  return out;
}

}  // namespace pasu::cli
