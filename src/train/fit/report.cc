#include "train/fit/report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "av/encoder.h"
#include "base/base64.h"
#include "base/markup.h"
#include "train/eval/judged.h"

namespace pasu::train {
namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@</title>
<style>
:root{--bg:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#5c6b7c;--line:#e2e7ee;--grid:#edf0f4;--l0:#2f6fed;--l1:#e5762b;--l2:#12a594;--l3:#b34bd6;--l4:#c9a400;--l5:#d6336c;--l6:#5c6b7c;--l7:#0b7285}
@media(prefers-color-scheme:dark){:root{--bg:#0e1319;--card:#161d26;--ink:#e7edf4;--soft:#93a1b3;--line:#263140;--grid:#1f2833;--l0:#6c9dff;--l1:#ff9d5c;--l2:#3ecfbf;--l3:#d58cf0;--l4:#e6c84d;--l5:#ff7aa8;--l6:#93a1b3;--l7:#4dc3d6}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1160px;margin:0 auto;padding:28px 20px 60px}h1{font-size:24px;margin:0 0 2px;overflow-wrap:anywhere}h2{font-size:17px;margin:26px 0 10px}
p{margin:0 0 12px;color:var(--soft)}.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:12px}
.panel{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}.panel h3{font-size:14px;margin:0 0 6px}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:10px}.g{stroke:var(--grid)}.c{fill:none;stroke-width:1.6}
.l0{stroke:var(--l0)}.l1{stroke:var(--l1)}.l2{stroke:var(--l2)}.l3{stroke:var(--l3)}.l4{stroke:var(--l4)}.l5{stroke:var(--l5)}.l6{stroke:var(--l6)}.l7{stroke:var(--l7)}
.key{display:flex;gap:4px 14px;flex-wrap:wrap;font-size:12px;color:var(--soft);margin-top:6px}.key svg{display:inline-block;width:16px;height:8px;margin-right:5px;vertical-align:middle}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}th{text-align:left;color:var(--soft);font-weight:500;font-size:13px}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}tr:last-child td{border-bottom:0}.wide{overflow-x:auto}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}figure div{position:relative}figure img{display:block;width:100%}
figure div svg{position:absolute;inset:0;height:100%}figcaption{font-size:12px;color:var(--soft);padding:6px 10px;overflow-wrap:anywhere}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:12px}.bad,.good,.want{fill:none;stroke-width:2;vector-effect:non-scaling-stroke}
.bad{stroke:#ff3b30}.good{stroke:#34c759}.want{stroke:#ffd60a;stroke-dasharray:4 3}
</style></head><body><main>
)";

constexpr size_t kColors = 8;
constexpr size_t kPointsMax = 600;  // Of a line: more do not show.

std::string panel(const std::string& title, const std::vector<ChartLine>& lines,
                  bool logarithmic = false) {
  std::string key;
  if (lines.size() > 1)
    for (size_t i = 0; i < lines.size(); ++i)
      key += fmt::format(
          R"(<span><svg viewBox="0 0 16 8"><path class="c l{}" d="M0 4H16"/></svg>{}</span>)",
          i % kColors, escaped_markup(lines[i].name));
  return fmt::format(R"(<div class="panel"><h3>{}</h3>{}<div class="key">{}</div></div>)",
                     escaped_markup(title), chart_svg(lines, logarithmic), key);
}

/// Numbers of a name over the steps, means of runs of lines where there are very many.
ChartLine line_of(const std::vector<LogLine>& log, const std::string& kind,
                  const std::string& number) {
  ChartLine out{number, {}};
  for (const LogLine& line : log)
    if (const double* value = line.kind == kind ? line.number(number) : nullptr)
      out.points.emplace_back(static_cast<double>(line.step), *value);
  const size_t run = (out.points.size() + kPointsMax - 1) / kPointsMax;
  if (run < 2) return out;
  std::vector<std::pair<double, double>> fewer;
  for (size_t i = 0; i < out.points.size(); i += run) {
    double sum = 0;
    const size_t end = std::min(i + run, out.points.size());
    for (size_t k = i; k < end; ++k) sum += out.points[k].second;
    fewer.emplace_back(out.points[end - 1].first, sum / static_cast<double>(end - i));
  }
  out.points = std::move(fewer);
  return out;
}

std::vector<ChartLine> measured_lines(const std::vector<LogLine>& log, const std::string& number) {
  std::map<std::string, ChartLine> lines;
  for (const LogLine& line : log) {
    const std::string* set = line.text("set");
    const std::string* size = line.text("size");
    const double* value = line.number(number);
    if (line.kind != "measured" || set == nullptr || size == nullptr || value == nullptr) continue;
    const std::string name = *set + " " + *size;
    lines[name].name = name;
    lines[name].points.emplace_back(static_cast<double>(line.step), *value);
  }
  std::vector<ChartLine> out;
  for (auto& [name, line] : lines) out.push_back(std::move(line));
  return out;
}

std::string table_of(const std::vector<ReportSet>& sets, const std::vector<eval::Judged>& judged) {
  std::string out =
      "<div class=\"panel wide\"><table><tr><th>set<th>size<th>pictures<th>people<th>AP50<th>AP"
      "<th>best F1 at IoU .5<th>from score<th>precision<th>recall</tr>";
  for (size_t i = 0; i < sets.size(); ++i) {
    const Score score = score_of(sets[i].name, sets[i].size, sets[i].measured);
    const eval::ThresholdPoint best = eval::best_point(eval::threshold_curve(judged[i]));
    out += fmt::format(
        "<tr><td>{}<td>{}x{}<td>{}<td>{}<td>{:.3f}<td>{:.3f}<td>{:.3f}<td>{:.2f}<td>{:.3f}<td>"
        "{:.3f}</tr>",
        escaped_markup(score.set), score.size.width, score.size.height, score.pictures,
        score.truths, score.ap50, score.ap, best.f1, best.score, best.precision, best.recall);
  }
  return out + "</table></div>";
}

std::string rect(const data::Box& box, const char* kind) {
  return fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)",
                     kind, box.x, box.y, box.w, box.h);
}

/// The picture, the box it is shown for, and what else was drawn and found there.
std::string shot(const ReportSet& set, const eval::Judged& judged, uint32_t picture,
                 const data::Box& box, const std::string& caption) {
  constexpr int kWidth = 480, kQuality = 70;
  const auto decoded = set.pictures->decode(picture);
  if (!decoded) return "";
  const auto jpeg =
      av::encode_jpeg((*decoded)->frame, kQuality, std::min(kWidth, (*decoded)->frame.width));
  if (!jpeg) return "";
  const data::Picture& annotated = set.pictures->picture(picture);
  std::string boxes;
  for (const data::Object& object : annotated.objects) boxes += rect(object.box, "want");
  for (const eval::FoundBox& one : judged.found)
    if (one.picture == picture && one.right && one.score >= 0.3) boxes += rect(one.box, "good");
  boxes += rect(box, "bad");
  return fmt::format(
      R"(<figure><div><img alt="" src="data:image/jpeg;base64,{}"><svg viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg></div><figcaption>{}: {}</figcaption></figure>)",
      to_base64(*jpeg), annotated.size.width, annotated.size.height, boxes,
      escaped_markup(set.pictures->name(picture)), escaped_markup(caption));
}

struct Place {
  size_t set = 0;
  uint32_t picture = 0;
  data::Box box;
  double weight = 0;
  std::string caption;
};

/// The heaviest, of a picture one alone.
std::string shots(std::vector<Place> places, size_t count, const std::vector<ReportSet>& sets,
                  const std::vector<eval::Judged>& judged) {
  std::ranges::stable_sort(places,
                           [](const Place& a, const Place& b) { return a.weight > b.weight; });
  std::map<std::pair<size_t, uint32_t>, bool> shown;
  std::string out = "<div class=\"shots\">";
  size_t done = 0;
  for (const Place& place : places) {
    if (done == count) break;
    if (!shown.emplace(std::pair(place.set, place.picture), true).second) continue;
    const std::string one =
        shot(sets[place.set], judged[place.set], place.picture, place.box, place.caption);
    if (one.empty()) continue;
    out += one;
    ++done;
  }
  return out + "</div>";
}

std::string pictures_of(const ReportOptions& options, const std::vector<ReportSet>& sets,
                        const std::vector<eval::Judged>& judged) {
  std::vector<Place> misses, alarms;
  for (size_t s = 0; s < sets.size(); ++s) {
    for (const eval::WantedBox& one : judged[s].wanted)
      // Tall and unseen weighs most: the part of the picture's height.
      misses.push_back(
          {s, one.picture, one.box,
           one.box.h / std::max(1, sets[s].pictures->picture(one.picture).size.height) *
               std::max(0.0, 0.3 - one.score),
           one.score > 0 ? fmt::format("found with {:.2f} only", one.score)
                         : std::string("not found")});
    for (const eval::FoundBox& one : judged[s].found)
      if (!one.right)
        alarms.push_back(
            {s, one.picture, one.box, one.score, fmt::format("score {:.2f}", one.score)});
  }
  std::erase_if(misses, [](const Place& place) { return place.weight <= 0; });
  return "<h2>Worst misses</h2><p>Red: the person who is missed. Yellow: annotated. Green: found "
         "with .3 or more.</p>" +
         shots(std::move(misses), options.misses, sets, judged) +
         "<h2>Surest false alarms</h2><p>Red: found, and by the annotations nobody is there; "
         "annotations err as well.</p>" +
         shots(std::move(alarms), options.false_alarms, sets, judged);
}

}  // namespace

std::string chart_svg(const std::vector<ChartLine>& lines, bool logarithmic) {
  constexpr double kWidth = 360, kHeight = 190, kLeft = 42, kBottom = 20, kTop = 8, kRight = 6;
  const auto scaled = [&](double y) { return logarithmic ? std::log10(std::max(y, 1e-12)) : y; };
  double x0 = 1e300, x1 = -1e300, y0 = 1e300, y1 = -1e300;
  for (const ChartLine& line : lines)
    for (const auto& [x, y] : line.points) {
      if (!std::isfinite(x) || !std::isfinite(scaled(y))) continue;
      x0 = std::min(x0, x), x1 = std::max(x1, x);
      y0 = std::min(y0, scaled(y)), y1 = std::max(y1, scaled(y));
    }
  if (x0 > x1) x0 = 0, x1 = 1, y0 = 0, y1 = 1;
  if (x1 == x0) x1 = x0 + 1;
  if (y1 - y0 < 1e-9) y0 -= 0.5, y1 += 0.5;
  const auto px = [&](double x) {
    return kLeft + (x - x0) / (x1 - x0) * (kWidth - kLeft - kRight);
  };
  const auto py = [&](double y) {
    return kTop + (y1 - y) / (y1 - y0) * (kHeight - kTop - kBottom);
  };
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img">)", kWidth, kHeight);
  for (int i = 0; i <= 4; ++i) {
    const double y = y0 + (y1 - y0) * i / 4;
    out += fmt::format(R"(<line class="g" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)"
                       R"(<text x="{3}" y="{4:.1f}" text-anchor="end">{5:.3g}</text>)",
                       kLeft, kWidth - kRight, py(y), kLeft - 4, py(y) + 3.5,
                       logarithmic ? std::pow(10, y) : y);
  }
  for (int i = 0; i <= 2; ++i) {
    const double x = x0 + (x1 - x0) * i / 2;
    out +=
        fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="{}">{:.4g}</text>)", px(x), kHeight - 5,
                    i == 0   ? "start"
                    : i == 1 ? "middle"
                             : "end",
                    x);
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string path;
    for (const auto& [x, y] : lines[i].points)
      if (std::isfinite(x) && std::isfinite(scaled(y)))
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", px(x), py(scaled(y)));
    if (!path.empty())
      out += fmt::format(R"(<path class="c l{}" d="{}"><title>{}</title></path>)", i % kColors,
                         path, escaped_markup(lines[i].name));
  }
  return out + "</svg>";
}

std::string report_html(const ReportOptions& options, const std::vector<LogLine>& log,
                        const std::vector<ReportSet>& sets) {
  std::string out = kHead;
  const std::string title = escaped_markup(options.title);
  out.replace(out.find("@TITLE@"), 7, title);
  out += fmt::format(
      "<h1>{}</h1><p>Step {} of {}. Numbers are of the averaged weights, on pictures "
      "that are not trained on.</p>",
      title, options.step, options.steps);
  std::vector<eval::Judged> judged;
  for (const ReportSet& set : sets)
    judged.push_back(eval::judge(set.measured.truth, set.measured.detections));
  out += table_of(sets, judged);
  out += "<h2>Over the steps</h2><div class=\"grid\">";
  out += panel("Loss", {line_of(log, "train", "loss/total"), line_of(log, "train", "loss/score"),
                        line_of(log, "train", "loss/box")});
  out += panel("AP at IoU .5", measured_lines(log, "ap50"));
  out += panel("AP at IoU .5 to .95", measured_lines(log, "ap"));
  out += panel("Learning rate", {line_of(log, "train", "learning_rate")});
  out += panel("Gradient norm before clipping", {line_of(log, "train", "gradient_norm")}, true);
  out += panel("Images a second", {line_of(log, "train", "images_per_second")});
  out += "</div><h2>Precision against recall, IoU .5</h2><div class=\"grid\">";
  for (size_t i = 0; i < sets.size(); ++i) {
    ChartLine line{sets[i].name, {}};
    for (const eval::ThresholdPoint& point : eval::threshold_curve(judged[i]))
      line.points.emplace_back(point.recall, point.precision);
    const size_t step = line.points.size() / kPointsMax + 1;
    std::vector<std::pair<double, double>> fewer;
    for (size_t k = 0; k < line.points.size(); k += step) fewer.push_back(line.points[k]);
    line.points = std::move(fewer);
    out += panel(fmt::format("{} {}x{}", sets[i].name, sets[i].size.width, sets[i].size.height),
                 {line});
  }
  out += "</div>" + pictures_of(options, sets, judged);
  return out + "</main></body></html>\n";
}

}  // namespace pasu::train
