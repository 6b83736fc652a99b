#include "job/quantize.h"

#include <filesystem>

#include "base/part_folder.h"
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

/// One try after another, each with more convolutions left float.
class Tries {
 public:
  Tries(const train::Graph& graph, const train::Weights& weights, const QuantizeJob& job,
        const fs::path& folder, Progress& progress, const std::atomic<bool>& stop)
      : graph_(graph),
        weights_(weights),
        job_(job),
        package_(job.package),
        progress_(progress),
        stop_(stop) {
    package_.folder = folder;
  }

  Result<void> open_sets() {
    for (const HeldOutSet& held_out : job_.held_out) sets_.push_back(TRY(open_set(held_out)));
    return {};
  }

  /// Whether INT8 is good enough in the end.
  Result<bool> run(const train::Calibration& calibration, QuantizeOutcome& out) {
    for (size_t kept = 0;; kept = kept == 0 ? 1 : 2 * kept) {
      train::QuantizeOptions how = job_.how;
      if (kept > 0) {
        if (gains_.empty()) gains_ = TRY(calibration.gains(job_.how));
        out.kept_float.clear();
        for (size_t i = 0; i < std::min(kept, gains_.size()); ++i)
          out.kept_float.push_back(gains_[i].name);
        how.keep_float.insert(how.keep_float.end(), out.kept_float.begin(), out.kept_float.end());
      }
      package_.int8 = TRY(calibration.quantize(how));
      std::error_code ignored;
      fs::remove_all(package_.folder, ignored);
      TRY(train::export_package(graph_, weights_, package_));
      if (TRY(is_good(out))) return true;
      if (std::max<size_t>(2 * kept, 1) > job_.keep_float_max) return false;
    }
  }

 private:
  Result<bool> is_good(QuantizeOutcome& out) {
    bool good = true;
    out.held_out.clear();
    for (size_t i = 0; i < sets_.size(); ++i)
      for (const geom::Size size : package_.sizes) {
        HeldOutNumbers numbers{job_.held_out[i].annotations, size};
        const auto measure = [&](bool exact) {
          return ap50(package_.folder, size, exact, sets_[i], job_.held_out[i], progress_, stop_);
        };
        numbers.in_float = TRY(measure(true));
        numbers.in_int8 = TRY(measure(false));
        good &= numbers.in_int8 >= numbers.in_float - job_.drop_max;
        out.held_out.push_back(std::move(numbers));
      }
    return good;
  }

  const train::Graph& graph_;
  const train::Weights& weights_;
  const QuantizeJob& job_;
  train::ExportOptions package_;
  Progress& progress_;
  const std::atomic<bool>& stop_;
  std::vector<data::DataSet> sets_;
  std::vector<train::Calibration::Gain> gains_;
};

}  // namespace

Result<QuantizeOutcome> quantize_package(const train::Graph& graph, const train::Weights& weights,
                                         const QuantizeJob& job, Progress& progress,
                                         const std::atomic<bool>& stop) {
  const fs::path folder = TRY(artifact::free_folder(job.package.folder));
  if (job.package.sizes.empty()) return fail(Errc::invalid_argument, "no input size is named");
  PartFolder trial = PartFolder::claim(folder.string() + ".trial");
  QuantizeJob named = job;
  if (named.package.name.empty()) named.package.name = folder.filename().string();
  Tries tries(graph, weights, named, trial.path(), progress, stop);
  TRY(tries.open_sets());
  const auto pictures = TRY(calibration(job, progress, stop));
  const auto convs = TRY(train::fold(graph, weights));
  const auto seen = TRY(train::Calibration::run(graph, convs, pictures));
  QuantizeOutcome out;
  if (!TRY(tries.run(seen, out))) return out;
  TRY(trial.keep_as(folder));
  out.package = TRY(artifact::load_package(folder));
  return out;
}

}  // namespace pasu::job
