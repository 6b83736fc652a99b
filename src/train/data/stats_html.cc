// The statistics as one HTML page: no script is needed to read it, no file beside it.
#include <algorithm>
#include <cmath>

#include "base/markup.h"
#include "train/data/stats.h"

namespace pasu::data {
namespace {

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@</title>
<style>
:root{--bg:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#5c6b7c;--line:#e2e7ee;--bar:#2f6fed;--bar2:#12a594;--warm:#e5762b;--grid:#edf0f4}
@media(prefers-color-scheme:dark){:root:not([data-theme=light]){--bg:#0e1319;--card:#161d26;--ink:#e7edf4;--soft:#93a1b3;--line:#263140;--bar:#6c9dff;--bar2:#3ecfbf;--warm:#ff9d5c;--grid:#1f2833}}
:root[data-theme=dark]{--bg:#0e1319;--card:#161d26;--ink:#e7edf4;--soft:#93a1b3;--line:#263140;--bar:#6c9dff;--bar2:#3ecfbf;--warm:#ff9d5c;--grid:#1f2833}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1160px;margin:0 auto;padding:28px 20px 60px}
header{display:flex;align-items:baseline;gap:14px;margin-bottom:20px}
h1{font-size:24px;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}header p{margin:0;color:var(--soft)}
button{margin-left:auto;align-self:center;border:1px solid var(--line);background:var(--card);color:var(--ink);border-radius:8px;padding:6px 12px;font:inherit;cursor:pointer}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:12px}
.card,.panel{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:14px 16px}
.card b{display:block;font-size:24px;line-height:1.2;font-variant-numeric:tabular-nums}.card span{color:var(--soft);font-size:13px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:12px}
.panel h2{font-size:15px;margin:0}.panel p{margin:0 0 8px;color:var(--soft);font-size:13px}
.wide{margin-top:12px;overflow-x:auto}svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font-size:10px}.b{fill:var(--bar)}.c{fill:var(--bar2)}.b:hover,.c:hover{fill:var(--warm)}.g{stroke:var(--grid)}.h{fill:var(--bar)}.f{fill:none;stroke:var(--line)}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--soft);font-weight:500;font-size:13px}th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}
td.n,th.n{text-align:right}tr:last-child td{border-bottom:0}td svg{width:150px;display:inline-block;vertical-align:middle}
.stack{display:flex;height:14px;border-radius:7px;overflow:hidden;margin:12px 0 8px}.stack i{display:block}
.key{display:flex;gap:16px;flex-wrap:wrap;font-size:13px;color:var(--soft)}.key i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px}
footer{margin-top:22px;color:var(--soft);font-size:13px}
@media print{button{display:none}}
</style></head><body><main>
)";

constexpr const char* kScript = R"(<script>
document.querySelector('button').onclick=()=>{const r=document.documentElement,d=r.dataset.theme?r.dataset.theme==='dark':matchMedia('(prefers-color-scheme:dark)').matches;r.dataset.theme=d?'light':'dark'}
</script>)";

/// 12,345
std::string grouped(uint64_t value) {
  std::string out = std::to_string(value);
  for (size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, 1, ',');
  return out;
}

std::string short_number(double value) {
  if (value >= 10) return fmt::format("{:.0f}", value);
  return fmt::format("{:.2g}", value);
}

struct Bar {
  std::string label;  // Under the bar; may be empty.
  std::string hint;   // What the pointer is told.
  uint64_t count = 0;
};

std::string bars_svg(const std::vector<Bar>& bars, const char* kind) {
  constexpr double kWidth = 360, kHeight = 170, kLeft = 34, kBottom = 20, kTop = 8;
  uint64_t most = 1;
  for (const Bar& bar : bars) most = std::max(most, bar.count);
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img">)", kWidth, kHeight);
  const double tall = kHeight - kBottom - kTop;
  for (int i = 0; i <= 2; ++i) {
    const double y = kTop + tall * i / 2;
    out += fmt::format(R"(<line class="g" x1="{0}" x2="{1}" y1="{2:.1f}" y2="{2:.1f}"/>)"
                       R"(<text x="{3}" y="{4:.1f}" text-anchor="end">{5}</text>)",
                       kLeft, kWidth, y, kLeft - 4, y + 3.5,
                       grouped(most * static_cast<uint64_t>(2 - i) / 2));
  }
  const double step = (kWidth - kLeft) / static_cast<double>(std::max<size_t>(bars.size(), 1));
  for (size_t i = 0; i < bars.size(); ++i) {
    const double x = kLeft + step * static_cast<double>(i);
    const double h = tall * static_cast<double>(bars[i].count) / static_cast<double>(most);
    out += fmt::format(
        R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2">)"
        "<title>{}: {}</title></rect>",
        kind, x + 1, kTop + tall - h, std::max(step - 2, 1.0), h, escaped_markup(bars[i].hint),
        grouped(bars[i].count));
    if (!bars[i].label.empty())
      out += fmt::format(R"(<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>)", x + step / 2,
                         kHeight - 6, escaped_markup(bars[i].label));
  }
  return out + "</svg>";
}

std::vector<Bar> bars_of(const LogHistogram& histogram, const char* unit) {
  std::vector<Bar> out;
  for (size_t i = 0; i < histogram.counts().size(); ++i) {
    const std::string from = short_number(histogram.edge(i));
    out.push_back(
        {.label = i % 4 == 0 ? from : "",
         .hint = fmt::format("{} to {}{}", from, short_number(histogram.edge(i + 1)), unit),
         .count = histogram.counts()[i]});
  }
  return out;
}

std::string spark_svg(const LogHistogram& histogram, const char* kind) {
  constexpr double kWidth = 150, kHeight = 28;
  const auto& counts = histogram.counts();
  const uint64_t most = std::max<uint64_t>(1, *std::ranges::max_element(counts));
  const double step = kWidth / static_cast<double>(counts.size());
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}">)", kWidth, kHeight);
  for (size_t i = 0; i < counts.size(); ++i) {
    const double h = kHeight * static_cast<double>(counts[i]) / static_cast<double>(most);
    out += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">)"
                       "<title>{} to {}: {}</title></rect>",
                       kind, step * static_cast<double>(i) + 0.5, kHeight - h, step - 1, h,
                       short_number(histogram.edge(i)), short_number(histogram.edge(i + 1)),
                       grouped(counts[i]));
  }
  return out + "</svg>";
}

std::string centres_svg(const DataStats& stats) {
  constexpr double kWidth = 360, kHeight = 170;
  uint64_t most = 1;
  for (const auto& row : stats.centres) most = std::max(most, *std::ranges::max_element(row));
  const double w = kWidth / DataStats::kGrid, h = kHeight / DataStats::kGrid;
  std::string out = fmt::format(
      R"(<svg viewBox="0 0 {0} {1}" role="img"><rect class="f" x=".5" y=".5" width="{2}" height="{3}" rx="4"/>)",
      kWidth, kHeight, kWidth - 1, kHeight - 1);
  for (size_t y = 0; y < DataStats::kGrid; ++y)
    for (size_t x = 0; x < DataStats::kGrid; ++x) {
      const uint64_t count = stats.centres[y][x];
      if (count == 0) continue;
      const double share = std::sqrt(static_cast<double>(count) / static_cast<double>(most));
      out += fmt::format(
          R"(<rect class="h" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" opacity="{:.2f}"><title>{}</title></rect>)",
          w * static_cast<double>(x), h * static_cast<double>(y), w, h, 0.08 + 0.92 * share,
          grouped(count));
    }
  return out + "</svg>";
}

void panel(std::string& out, const char* title, const char* what, const std::string& chart) {
  out += fmt::format("<section class=\"panel\"><h2>{}</h2><p>{}</p>{}</section>\n", title, what,
                     chart);
}

void card(std::string& out, const std::string& value, const std::string& name) {
  out += fmt::format("<div class=\"card\"><b>{}</b><span>{}</span></div>\n", value, name);
}

double share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string sizes_panel(const DataStats& stats) {
  const uint64_t all = stats.small + stats.medium + stats.large;
  const struct {
    const char* name;
    const char* color;
    uint64_t count;
  } kParts[] = {{"small, to 32x32", "var(--warm)", stats.small},
                {"medium, to 96x96", "var(--bar)", stats.medium},
                {"large", "var(--bar2)", stats.large}};
  std::string stack = "<div class=\"stack\">", key = "<div class=\"key\">";
  for (const auto& part : kParts) {
    stack += fmt::format("<i style=\"width:{:.2f}%;background:{}\"></i>", share(part.count, all),
                         part.color);
    key += fmt::format("<span><i style=\"background:{}\"></i>{}: {} ({:.1f} %)</span>", part.color,
                       part.name, grouped(part.count), share(part.count, all));
  }
  const auto& h = stats.height_percentiles;
  return stack + "</div>" + key + "</div>" +
         fmt::format(
             "<p style=\"margin-top:14px\">Height: 5 % of the boxes are below {:.0f} pixels, "
             "half are below {:.0f}, 5 % above {:.0f}.</p>",
             h[0], h[2], h[4]);
}

std::string picture_sizes_panel(const DataStats& stats) {
  std::vector<std::pair<uint64_t, std::pair<int, int>>> sizes;
  for (const auto& [size, count] : stats.picture_sizes) sizes.emplace_back(count, size);
  std::ranges::sort(sizes, std::greater<>());
  constexpr size_t kShown = 7;
  std::string out = "<table>";
  uint64_t rest = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (i >= kShown) {
      rest += sizes[i].first;
      continue;
    }
    out +=
        fmt::format("<tr><td>{} x {}</td><td class=\"n\">{}</td><td class=\"n\">{:.1f} %</td></tr>",
                    sizes[i].second.first, sizes[i].second.second, grouped(sizes[i].first),
                    share(sizes[i].first, stats.pictures));
  }
  if (rest > 0)
    out += fmt::format(
        "<tr><td>{} others</td><td class=\"n\">{}</td><td class=\"n\">{:.1f} %</td></tr>",
        sizes.size() - kShown, grouped(rest), share(rest, stats.pictures));
  return out + "</table>";
}

void splits_table(std::string& out, const DataStats& stats) {
  if (stats.splits.size() < 2) return;
  out +=
      "<section class=\"panel wide\"><h2>Splits</h2><table><tr><th>split<th class=\"n\">pictures"
      "<th class=\"n\">without boxes<th class=\"n\">boxes<th class=\"n\">boxes a picture</tr>";
  for (const SplitStats& split : stats.splits)
    out += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}"
        "</td><td class=\"n\">{:.2f}</td></tr>",
        escaped_markup(split.name), grouped(split.pictures), grouped(split.empty_pictures),
        grouped(split.objects), share(split.objects, split.pictures) / 100);
  out += "</table></section>\n";
}

void classes_table(std::string& out, const DataStats& stats) {
  out +=
      "<section class=\"panel wide\"><h2>Classes</h2><p>Height in pixels from 4 to 2048, width to "
      "height from 1:8 to 8:1.</p><table><tr><th>class<th class=\"n\">id<th class=\"n\">boxes"
      "<th class=\"n\">pictures<th>share<th>height<th>width to height<th class=\"n\">crowd"
      "<th class=\"n\">difficult<th class=\"n\">truncated<th class=\"n\">occluded</tr>\n";
  const uint64_t most = stats.classes.empty() ? 1 : std::max<uint64_t>(1, stats.classes[0].objects);
  constexpr size_t kShown = 300;
  for (size_t i = 0; i < stats.classes.size() && i < kShown; ++i) {
    const ClassStats& one = stats.classes[i];
    const double width = 150.0 * static_cast<double>(one.objects) / static_cast<double>(most);
    out += fmt::format(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td><svg viewBox=\"0 0 150 10\"><rect class=\"b\" width=\"{:.1f}\" height=\"10\" "
        "rx=\"3\"/>"
        "</svg></td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
        escaped_markup(one.name), one.id, grouped(one.objects), grouped(one.pictures), width,
        spark_svg(one.heights, "b"), spark_svg(one.aspects, "c"), grouped(one.crowd),
        grouped(one.difficult), grouped(one.truncated), grouped(one.occluded));
  }
  out += "</table>";
  if (stats.classes.size() > kShown)
    out += fmt::format("<p>and {} more with fewer boxes</p>", stats.classes.size() - kShown);
  out += "</section>\n";
}

}  // namespace

std::string stats_html(const DataStats& stats, const std::string& title) {
  std::string out = kHead;
  out.replace(out.find("@TITLE@"), 7, escaped_markup(title));
  out += fmt::format(
      "<header><h1>{}</h1><p>what this data set is made of</p>"
      "<button type=\"button\">Dark / light</button></header>\n<div class=\"cards\">\n",
      escaped_markup(title));
  card(out, grouped(stats.pictures), "pictures");
  card(out, grouped(stats.objects), "boxes");
  card(out, grouped(stats.classes.size()), stats.classes.size() == 1 ? "class" : "classes");
  card(out, fmt::format("{:.2f}", share(stats.objects, stats.pictures) / 100), "boxes a picture");
  card(out, fmt::format("{:.1f} %", share(stats.empty_pictures, stats.pictures)),
       "of pictures without boxes");
  card(out, fmt::format("{:.0f} px", stats.height_percentiles[2]), "median height");
  out += "</div>\n<div class=\"grid\">\n";
  panel(out, "Sizes", "By area, as COCO groups them.", sizes_panel(stats));
  panel(out, "Height of boxes", "Pixels; logarithmic.",
        bars_svg(bars_of(stats.heights, " pixels"), "b"));
  panel(out, "Width of boxes", "Pixels; logarithmic.",
        bars_svg(bars_of(stats.widths, " pixels"), "b"));
  panel(out, "Side of boxes", "Square root of the area, pixels; logarithmic.",
        bars_svg(bars_of(stats.sides, " pixels"), "b"));
  panel(out, "Side against the picture's", "1 is a box over all of it.",
        bars_svg(bars_of(stats.shares, ""), "c"));
  panel(out, "Width to height", "Below 1 upright, above 1 lying.",
        bars_svg(bars_of(stats.aspects, ""), "c"));
  std::vector<Bar> counts;
  constexpr const char* kCounts[] = {"0",   "1",    "2",     "3",     "4",
                                     "5-8", "9-16", "17-32", "33-64", "65+"};
  for (size_t i = 0; i < std::size(kCounts); ++i)
    counts.push_back({.label = kCounts[i],
                      .hint = fmt::format("{} boxes", kCounts[i]),
                      .count = stats.boxes_in_picture[i]});
  panel(out, "Boxes in a picture", "Pictures by how many boxes they have.", bars_svg(counts, "b"));
  panel(out, "Where boxes are", "Centres, on the picture.", centres_svg(stats));
  panel(out, "Sizes of pictures", "The most frequent.", picture_sizes_panel(stats));
  out += "</div>\n";
  splits_table(out, stats);
  classes_table(out, stats);
  out += "<footer>Made by pasu data stats.</footer></main>\n";
  return out + kScript + "</body></html>\n";
}

}  // namespace pasu::data
