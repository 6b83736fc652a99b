#include "job/quantize.h"

#include <filesystem>
#include <system_error>

#include "base/read_file.h"
#include "job/evaluate.h"
#include "pixel/letterbox.h"
#include "train/data/picture_decode.h"
#include "train/data/pictures.h"
#include "train/data/source.h"
#include "train/eval/coco.h"

namespace pasu::job {
namespace fs = std::filesystem;
namespace {

/// A folder that vanishes again unless it is kept.
class Trial {
 public:
  explicit Trial(fs::path folder) : folder_(std::move(folder)) { remove(); }
  ~Trial() {
    if (!folder_.empty()) remove();
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  const fs::path& folder() const { return folder_; }
  Result<void> keep_as(const fs::path& name) {
    std::error_code error;
    fs::rename(folder_, name, error);
    if (error) return fail(Errc::io, "{}: cannot be made: {}", name.string(), error.message());
    folder_.clear();
    return {};
  }

 private:
  void remove() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path folder_;
};

Result<std::vector<fs::path>> list(const std::vector<std::string>& folders) {
  std::vector<fs::path> out;
  for (const std::string& folder : folders)
    for (const std::string& name : TRY(data::list_pictures(folder)))
      out.push_back(fs::path(folder) / name);
  if (out.empty())
    return fail(Errc::not_found, "there are no pictures to calibrate by in {}",
                fmt::join(folders, ", "));
  return out;
}

Result<train::CalibrationPicture> prepare(const fs::path& path, geom::Size input,
                                          artifact::Resize resize) {
  const std::string bytes = TRY(read_file(path, data::Pictures::kFileBytesMax));
  const media::Frame frame = TRY(with_context(data::decode_frame(as_bytes(bytes)), path.string()));
  const geom::Size source{frame.width, frame.height};
  const auto box = resize == artifact::Resize::letterbox ? geom::Letterbox::fit(source, input)
                                                         : geom::Letterbox::stretch(source, input);
  const size_t bytes_out = static_cast<size_t>(input.width) * static_cast<size_t>(input.height) * 3;
  train::CalibrationPicture out{input, std::vector<uint8_t>(bytes_out)};
  pixel::letterbox_u8(frame, box, pixel::ChannelOrder::rgb, out.rgb.data());
  return out;
}

/// Evenly spread over all there are, each at one of the sizes in turn. What does not decode is
/// passed over, unless nothing does.
Result<std::vector<train::CalibrationPicture>> calibration(const QuantizeJob& job,
                                                           Progress& progress,
                                                           const std::atomic<bool>& stop) {
  const auto paths = TRY(list(job.pictures));
  const size_t count = std::min(job.count, paths.size());
  progress.begin("reading pictures");
  std::vector<train::CalibrationPicture> out;
  std::optional<Error> error;
  for (size_t i = 0; i < count; ++i) {
    if (stop) return fail(Errc::cancelled, "stopped before anything was written");
    auto picture = prepare(paths[i * paths.size() / count],
                           job.package.sizes[i % job.package.sizes.size()], job.package.resize);
    if (picture)
      out.push_back(std::move(*picture));
    else if (!error)
      error = picture.error();
    progress.update(i + 1, static_cast<double>(i + 1) / static_cast<double>(count));
  }
  progress.clear();
  if (out.empty()) return tl::unexpected(*error);
  return out;
}

Result<data::DataSet> open_set(const HeldOutSet& from) {
  auto splits = TRY(data::open_source(from.annotations, {.images = from.images}));
  if (splits.size() != 1)
    return fail(Errc::invalid_argument, "{}: has {} parts; name one of them", from.annotations,
                splits.size());
  return std::move(splits[0].set);
}

Result<double> ap50(const fs::path& model, geom::Size size, bool exact, const data::DataSet& set,
                    const HeldOutSet& from, Progress& progress, const std::atomic<bool>& stop) {
  const auto truth = TRY(with_context(eval::ground_truth(set), from.annotations));
  EvaluateOptions options;
  options.detector.model = model.string();
  options.detector.input = size;
  options.detector.exact = exact;
  options.images = from.images;
  const auto found = TRY(detect_set(set, truth, options, progress, stop));
  const auto result = eval::evaluate_coco(truth, found.detections);
  return result.numbers[static_cast<size_t>(eval::CocoNumber::ap50)];
}

}  // namespace

Result<QuantizeOutcome> quantize_package(const train::Graph& graph, const train::Weights& weights,
                                         const QuantizeJob& job, Progress& progress,
                                         const std::atomic<bool>& stop) {
  fs::path folder = job.package.folder.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  std::error_code ignored;
  if (fs::exists(folder, ignored))
    return fail(Errc::exists, "{}: is there already. Name another folder, or remove it first",
                folder.string());
  if (job.package.sizes.empty()) return fail(Errc::invalid_argument, "no input size is named");
  std::vector<data::DataSet> sets;
  for (const HeldOutSet& held_out : job.held_out) sets.push_back(TRY(open_set(held_out)));

  const auto pictures = TRY(calibration(job, progress, stop));
  const auto convs = TRY(train::fold(graph, weights));
  Trial trial(folder.string() + ".trial");
  train::ExportOptions package = job.package;
  package.int8 = TRY(train::quantize(graph, convs, pictures, job.how));
  package.folder = trial.folder();
  if (package.name.empty()) package.name = folder.filename().string();
  TRY(train::export_package(graph, weights, package));

  QuantizeOutcome out;
  bool good = true;
  for (size_t i = 0; i < sets.size(); ++i)
    for (const geom::Size size : package.sizes) {
      HeldOutNumbers numbers{job.held_out[i].annotations, size};
      const auto measure = [&](bool exact) {
        return ap50(trial.folder(), size, exact, sets[i], job.held_out[i], progress, stop);
      };
      numbers.in_float = TRY(measure(true));
      numbers.in_int8 = TRY(measure(false));
      good &= numbers.in_int8 >= numbers.in_float - job.drop_max;
      out.held_out.push_back(std::move(numbers));
    }
  if (!good) return out;
  TRY(trial.keep_as(folder));
  out.package = TRY(artifact::load_package(folder));
  return out;
}

}  // namespace pasu::job
