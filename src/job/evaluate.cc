#include "job/evaluate.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "job/detect.h"

namespace pasu::job {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 6;
  std::string out;
  for (size_t i = 0; i < names.size() && i < kShown; ++i) out += (i > 0 ? ", " : "") + names[i];
  if (names.size() > kShown) out += fmt::format(" and {} more", names.size() - kShown);
  return out;
}

/// Picture files are others' words: none may lead out of the folder.
Result<std::string> path_of(const data::Picture& picture, const fs::path& folder) {
  const fs::path name = fs::path(picture.file).lexically_normal();
  if (picture.file.empty())
    return fail(Errc::malformed, "picture {} has no file_name, which is needed to find it",
                picture.id);
  if (name.is_absolute() || *name.begin() == "..")
    return fail(Errc::malformed, "picture {}: file_name '{}' leads out of {}", picture.id,
                picture.file, folder.string());
  return (folder / name).string();
}

Result<std::vector<Task>> tasks_of(const data::DataSet& set, const fs::path& folder) {
  std::vector<Task> tasks;
  size_t missing = 0;
  std::string first;
  for (const data::Picture& picture : set.pictures) {
    Task task {
      .input = TRY(path_of(picture, folder))
      , .output = {}, .kind = Task::Kind::picture
    };
    std::error_code ignored;
    if (!fs::is_regular_file(task.input, ignored) && missing++ == 0) first = picture.file;
    tasks.push_back(std::move(task));
  }
  if (missing > 0)
    return fail(Errc::not_found,
                "{} of {} annotated pictures are not in {}, the first is '{}'; --images is the "
                "folder that file_name is relative to",
                missing, tasks.size(), folder.string(), first);
  return tasks;
}

/// Category places by label.
std::map<std::string, uint32_t> match_labels(const eval::GroundTruth& truth, ModelDetections& out) {
  std::map<std::string, uint32_t> places;
  for (uint32_t i = 0; i < truth.categories.size(); ++i) {
    const std::string& name = truth.categories[i].name;
    bool known = false;
    for (const std::string& label : out.model.labels)
      if (lower(label) == lower(name)) known |= places.emplace(label, i).second;
    if (!known) out.unmatched_categories.push_back(name);
  }
  return places;
}

/// Turns what the pictures come to into rows, in the order of the data set.
class Collector {
 public:
  Collector(const data::DataSet& set, const eval::GroundTruth& truth,
            std::map<std::string, uint32_t> places, ModelDetections& out)
      : set_(set), pictures_(truth.pictures), places_(std::move(places)), out_(out) {}

  // Unreadable pictures do not come here; end_picture() counts them all.
  void take(const FrameBoxes& frame) {
    const data::Picture& picture = set_.pictures[next_];
    const geom::Size& said = picture.size;
    if (said.width > 0 && said.height > 0 && !(said == frame.size) && !error_)
      error_ = Error(
          Errc::malformed,
          fmt::format("{} is {}x{}, and {}x{} by its annotation: its boxes would be "
                      "measured in other pixels",
                      frame.source, frame.size.width, frame.size.height, said.width, said.height));
    const uint32_t place = *pictures_.find(picture.id);
    for (const FrameBoxes::One& one : frame.boxes) {
      const auto category = places_.find(one.label);
      if (category == places_.end()) continue;
      out_.detections.push_back({.category = category->second,
                                 .picture = place,
                                 .box = {one.box.x, one.box.y, one.box.w, one.box.h},
                                 .score = one.score});
    }
  }
  void end_picture(const Outcome& outcome) {
    ++next_;
    if (outcome.error && !error_) error_ = outcome.error;
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }
  [[nodiscard]] size_t done() const { return next_; }

 private:
  const data::DataSet& set_;
  eval::IdPlaces pictures_;
  std::map<std::string, uint32_t> places_;
  ModelDetections& out_;
  size_t next_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<ModelDetections> detect_set(const data::DataSet& set, const eval::GroundTruth& truth,
                                   const EvaluateOptions& options, Progress& progress,
                                   const std::atomic<bool>& stop) {
  const auto tasks = TRY(tasks_of(set, options.images));
  auto detector_options = options.detector;
  if (detector_options.score_min <= 0) detector_options.score_min = EvaluateOptions::kScoreMin;
  const auto detector = TRY(detect::Detector::open(detector_options));
  ModelDetections out;
  out.model = detector->info();
  auto places = match_labels(truth, out);
  if (places.empty())
    return fail(Errc::invalid_argument,
                "none of the labels of model {} ({}) is the name of a category ({})",
                out.model.name, listed(out.model.labels), listed(out.unmatched_categories));

  std::atomic<bool> stop_here = false;
  Collector collector(set, truth, std::move(places), out);
  const Session session{.detector = *detector,
                        .threshold = detector_options.score_min,
                        .on_picture = [&](const FrameBoxes& frame) { collector.take(frame); },
                        .progress = progress,
                        .stop = stop_here};
  run(tasks, session, [&](const Outcome& outcome) {
    collector.end_picture(outcome);
    if (collector.error() || stop) stop_here = true;
  });
  if (collector.error()) return tl::unexpected(*collector.error());
  if (stop || collector.done() < tasks.size())
    return fail(Errc::cancelled, "stopped after {} of {} pictures", collector.done(), tasks.size());
  return out;
}

}  // namespace pasu::job
