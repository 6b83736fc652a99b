#include "train/data/stats.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace pasu::data {
namespace {

size_t bin_of_count(size_t boxes) {
  if (boxes <= 4) return boxes;
  return boxes <= 8 ? 5 : boxes <= 16 ? 6 : boxes <= 32 ? 7 : boxes <= 64 ? 8 : 9;
}

std::array<double, 5> percentiles(std::vector<float>& values) {
  std::array<double, 5> out{};
  if (values.empty()) return out;
  constexpr std::array<double, 5> kAt = {0.05, 0.25, 0.5, 0.75, 0.95};
  for (size_t i = 0; i < kAt.size(); ++i) {
    const auto place =
        values.begin() + std::lround(kAt[i] * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    out[i] = *place;
  }
  return out;
}

}  // namespace

void LogHistogram::add(double value) {
  const double bin = std::floor(std::log(value / first_) / std::log(step_) + 1e-9);
  const double last = static_cast<double>(counts_.size() - 1);
  ++counts_[static_cast<size_t>(std::clamp(bin, 0.0, last))];
}

double LogHistogram::edge(size_t i) const { return first_ * std::pow(step_, i); }

DataStats stats_of(const std::vector<Split>& splits) {
  DataStats out;
  std::unordered_map<std::string, size_t> places;
  std::vector<float> widths, heights;
  for (const Split& split : splits) {
    SplitStats part{.name = split.name};
    std::unordered_map<int64_t, size_t> by_id;
    for (const Category& category : split.set.categories) {
      const auto [place, fresh] = places.emplace(category.name, out.classes.size());
      if (fresh) out.classes.push_back({.id = category.id, .name = category.name});
      by_id[category.id] = place->second;
    }
    for (const Picture& picture : split.set.pictures) {
      ++part.pictures;
      part.empty_pictures += picture.objects.empty();
      part.objects += picture.objects.size();
      ++out.boxes_in_picture[bin_of_count(picture.objects.size())];
      if (picture.size != geom::Size{})
        ++out.picture_sizes[{picture.size.width, picture.size.height}];
      if (picture.objects.size() > out.most_boxes) {
        out.most_boxes = picture.objects.size();
        out.most_boxes_picture = picture.file;
      }
      std::unordered_set<size_t> met;
      for (const Object& object : picture.objects) {
        ClassStats& one = out.classes[by_id.at(object.category)];
        ++one.objects;
        one.pictures += met.insert(by_id.at(object.category)).second;
        one.crowd += object.crowd;
        one.difficult += object.difficult;
        one.truncated += object.truncated;
        one.occluded += object.occluded > 0;
        const Box& b = object.box;
        if (!(b.w > 0 && b.h > 0)) continue;
        widths.push_back(static_cast<float>(b.w));
        heights.push_back(static_cast<float>(b.h));
        const double area = b.w * b.h;
        out.sides.add(std::sqrt(area));
        out.widths.add(b.w);
        out.heights.add(b.h);
        out.aspects.add(b.w / b.h);
        one.heights.add(b.h);
        one.aspects.add(b.w / b.h);
        ++(area < 32 * 32 ? out.small : area < 96 * 96 ? out.medium : out.large);
        if (picture.size == geom::Size{}) continue;
        const double width = picture.size.width, height = picture.size.height;
        out.shares.add(std::sqrt(area / (width * height)));
        const auto cell = [](double share) {
          return static_cast<size_t>(
              std::clamp(share * DataStats::kGrid, 0.0, double(DataStats::kGrid - 1)));
        };
        ++out.centres[cell((b.y + b.h / 2) / height)][cell((b.x + b.w / 2) / width)];
      }
    }
    out.pictures += part.pictures;
    out.empty_pictures += part.empty_pictures;
    out.objects += part.objects;
    out.splits.push_back(std::move(part));
  }
  std::ranges::stable_sort(out.classes, std::greater<>(), &ClassStats::objects);
  out.width_percentiles = percentiles(widths);
  out.height_percentiles = percentiles(heights);
  return out;
}

namespace {

std::string bar(uint64_t count, uint64_t most, size_t width) {
  constexpr const char* kEighths[] = {"",       "\u258F", "\u258E", "\u258D",
                                      "\u258C", "\u258B", "\u258A", "\u2589"};
  const uint64_t eighths = most == 0 ? 0 : (count * width * 8 + most / 2) / most;
  std::string out;
  for (uint64_t i = 0; i < eighths / 8; ++i) out += "\u2588";
  out += kEighths[eighths % 8];
  return out.empty() && count > 0 ? "\u258F" : out;
}

std::string histogram_text(const LogHistogram& histogram) {
  const auto& counts = histogram.counts();
  const uint64_t most = *std::ranges::max_element(counts);
  std::string out;
  size_t first = 0, last = counts.size();
  while (first < last && counts[first] == 0) ++first;
  while (last > first && counts[last - 1] == 0) --last;
  for (size_t i = first; i < last; ++i) {
    const double edge = histogram.edge(i);
    out += fmt::format("  {:>7} {:>8}  {}\n",
                       edge < 10 ? fmt::format("{:.2f}", edge) : fmt::format("{:.0f}", edge),
                       counts[i], bar(counts[i], most, 40));
  }
  return out;
}

double percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::string stats_text(const DataStats& stats) {
  std::string out;
  const auto line = [&]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    out += '\n';
  };
  line("pictures   {}, {} without boxes", stats.pictures, stats.empty_pictures);
  line("boxes      {}, {:.2f} a picture, {} at most ('{}')", stats.objects,
       stats.pictures == 0
           ? 0.0
           : static_cast<double>(stats.objects) / static_cast<double>(stats.pictures),
       stats.most_boxes, stats.most_boxes_picture);
  line("sizes      {:.0f} % small (to 32x32), {:.0f} % medium (to 96x96), {:.0f} % large",
       percent(stats.small, stats.objects), percent(stats.medium, stats.objects),
       percent(stats.large, stats.objects));
  const auto& w = stats.width_percentiles;
  const auto& h = stats.height_percentiles;
  line("width      5 % below {:.0f}, median {:.0f}, 5 % above {:.0f} pixels", w[0], w[2], w[4]);
  line("height     5 % below {:.0f}, median {:.0f}, 5 % above {:.0f} pixels", h[0], h[2], h[4]);
  if (stats.splits.size() > 1) {
    line("\nsplit            pictures   empty    boxes");
    for (const SplitStats& split : stats.splits)
      line("{:<16} {:>8} {:>7} {:>8}", split.name, split.pictures, split.empty_pictures,
           split.objects);
  }
  line("\nclass                id    boxes pictures");
  constexpr size_t kShown = 40;
  const uint64_t most = stats.classes.empty() ? 0 : stats.classes.front().objects;
  for (size_t i = 0; i < stats.classes.size() && i < kShown; ++i) {
    const ClassStats& one = stats.classes[i];
    line("{:<18.18} {:>4} {:>8} {:>8}  {}", one.name, one.id, one.objects, one.pictures,
         bar(one.objects, most, 30));
  }
  if (stats.classes.size() > kShown)
    line("and {} more with fewer boxes; --json has all", stats.classes.size() - kShown);
  if (stats.objects > 0) {
    line("\nheight of boxes, pixels from");
    out += histogram_text(stats.heights);
    line("\nwidth to height, from");
    out += histogram_text(stats.aspects);
  }
  return out;
}

}  // namespace pasu::data
