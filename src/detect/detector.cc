#include "detect/detector.h"

#include <algorithm>
#include <filesystem>
#include <future>

#include "artifact/package.h"
#include "base/assert.h"
#include "base/nearest.h"
#include "detect/backend.h"
#include "detect/detail/batcher.h"
#include "detect/detail/decoder.h"
#include "detect/detail/recognise.h"
#include "detect/models.h"
#include "detect/network.h"
#include "geom/letterbox.h"
#include "pixel/letterbox.h"

namespace pasu::detect {
namespace {

using artifact::Manifest;
using artifact::Variant;

constexpr int kStreamsMax = 256, kBatchMax = 64;

/// A network (or HOG) with what turns its outputs into boxes.
class ModelDetector final : public Detector {
 public:
  struct Parts {
    DetectorInfo info;
    std::unique_ptr<detail::Decoder> decoder;
    std::unique_ptr<detail::Batcher> batcher;
    geom::NmsOptions nms;
    artifact::Resize resize = artifact::Resize::letterbox;
    artifact::ColorOrder color = artifact::ColorOrder::rgb;
    float score_min = 0;
    std::vector<bool> wanted;  // By label; empty = all.
  };

  explicit ModelDetector(Parts parts) : parts_(std::move(parts)) {}

  const DetectorInfo& info() const override { return parts_.info; }

  void submit(media::Frame frame, Done done) override {
    const geom::Size size{frame.width, frame.height};
    if (!frame || size.width <= 0 || size.height <= 0) {
      done(fail(Errc::invalid_argument, "an empty frame was given to the detector"));
      return;
    }
    const auto box = parts_.resize == artifact::Resize::letterbox
                         ? geom::Letterbox::fit(size, parts_.info.input)
                         : geom::Letterbox::stretch(size, parts_.info.input);
    const auto order = parts_.color == artifact::ColorOrder::rgb ? pixel::ChannelOrder::rgb
                                                                 : pixel::ChannelOrder::bgr;
    parts_.batcher->submit(
        [&](uint8_t* input) { pixel::letterbox_u8(frame, box, order, input); },
        [this, box, done = std::move(done)](Result<detail::Batcher::Output> output) {
          if (!output)
            done(tl::unexpected(std::move(output).error().with(parts_.info.name)));
          else
            done(boxes(*output, box));
        });
  }

 private:
  std::vector<geom::Detection> boxes(const detail::Batcher::Output& output,
                                     const geom::Letterbox& letterbox) const {
    std::vector<geom::Detection> found;
    parts_.decoder->decode(output.tensors, output.image, parts_.score_min, found);
    if (!parts_.wanted.empty())
      std::erase_if(found, [&](const geom::Detection& d) {
        return !parts_.wanted[static_cast<size_t>(d.label)];
      });
    geom::nms(found, parts_.nms);
    for (geom::Detection& detection : found) detection.box = letterbox.to_source(detection.box);
    // What lay wholly in the grey border.
    std::erase_if(found, [](const geom::Detection& d) { return d.box.area() <= 0; });
    return found;
  }

  // The batcher is destroyed first: its threads use the rest.
  const Parts parts_;
};

std::string sizes_text(const Manifest& manifest) {
  std::string out;
  for (const Variant& variant : manifest.variants)
    out += fmt::format("{}{} ({}x{})", out.empty() ? "" : ", ", variant.name, variant.input.width,
                       variant.input.height);
  return out;
}

/// The first variant of the size asked for; of those of that size the f32 one where numbers count.
Result<const Variant*> choose(const Manifest& manifest, const DetectorOptions& options) {
  const geom::Size size = options.input.width > 0 ? options.input : manifest.variants[0].input;
  const Variant* chosen = nullptr;
  for (const Variant& variant : manifest.variants) {
    if (variant.input != size) continue;
    if (chosen == nullptr ||
        (options.exact && variant.precision == "f32" && chosen->precision != "f32"))
      chosen = &variant;
  }
  if (chosen == nullptr)
    return fail(Errc::not_found, "{}: has no variant with an input of {}x{}. It has {}",
                manifest.path, size.width, size.height, sizes_text(manifest));
  return chosen;
}

Result<std::vector<bool>> choose_labels(const Manifest& manifest, const DetectorOptions& options) {
  std::vector<bool> wanted;
  if (options.labels.empty()) return wanted;
  wanted.resize(manifest.labels.size());
  for (const std::string& label : options.labels) {
    const auto at = std::find(manifest.labels.begin(), manifest.labels.end(), label);
    if (at == manifest.labels.end()) {
      const auto guess = nearest(label, manifest.labels);
      return fail(Errc::not_found, "model '{}' knows no label '{}'{}", manifest.name, label,
                  guess ? fmt::format("; did you mean '{}'?", *guess) : "");
    }
    wanted[static_cast<size_t>(at - manifest.labels.begin())] = true;
  }
  return wanted;
}

Result<std::shared_ptr<Detector>> assemble(const Manifest& manifest, float threshold,
                                           std::shared_ptr<Backend> backend,
                                           const DetectorOptions& options) {
  const BackendInfo& network = backend->info();
  ModelDetector::Parts parts;
  parts.decoder = TRY(detail::make_decoder(manifest, network.input, network.outputs));
  parts.wanted = TRY(choose_labels(manifest, options));
  parts.info = {manifest.name, manifest.labels,   threshold,
                network.input, network.precision, network.device};
  parts.nms = manifest.nms;
  parts.resize = manifest.input.resize;
  parts.color = manifest.input.color;
  // Above 0, or every cell of every grid were a box.
  parts.score_min = std::max(options.score_min > 0 ? options.score_min : threshold, 1e-3f);
  parts.batcher = TRY(detail::Batcher::create(std::move(backend)));
  return std::make_shared<ModelDetector>(std::move(parts));
}

Result<std::shared_ptr<Detector>> open_network(const Manifest& manifest, const Variant& variant,
                                               const std::string& file,
                                               const DetectorOptions& options) {
  OpenvinoOptions network;
  network.file = file;
  network.input = manifest.input;
  network.size = variant.input;
  for (const auto& output : manifest.outputs) network.outputs.push_back(output.name);
  network.batch_max = options.batch_max;
  network.streams = options.streams;
  network.exact = options.exact;
  auto backend = TRY(open_openvino(network));
  return assemble(manifest, variant.threshold, std::move(backend), options);
}

Result<std::shared_ptr<Detector>> open_hog_detector(const DetectorOptions& options) {
  const Manifest manifest = hog_manifest();
  const Variant& variant = manifest.variants[0];
  const geom::Size size = options.input.width > 0 ? options.input : variant.input;
  // Its smallest window; OpenCV gives nothing, or worse, for less.
  if (size.width < 64 || size.height < 128)
    return fail(Errc::unsupported, "hog: an input of {}x{} is smaller than its window of 64x128",
                size.width, size.height);
  return assemble(manifest, variant.threshold, open_hog(size, options.streams), options);
}

Result<void> check(const DetectorOptions& options) {
  const auto side_fits = [](int side) { return side >= 0 && side <= Manifest::kInputSideMax; };
  if (!side_fits(options.input.width) || !side_fits(options.input.height) ||
      (options.input.width > 0) != (options.input.height > 0))
    return fail(Errc::invalid_argument, "an input of {}x{} makes no sense", options.input.width,
                options.input.height);
  if (options.streams < 0 || options.streams > kStreamsMax)
    return fail(Errc::invalid_argument, "{} streams: expected 0 to {}", options.streams,
                kStreamsMax);
  if (options.batch_max < 1 || options.batch_max > kBatchMax)
    return fail(Errc::invalid_argument, "a batch of {}: expected 1 to {}", options.batch_max,
                kBatchMax);
  if (!(options.score_min >= 0 && options.score_min <= 1))
    return fail(Errc::invalid_argument, "a threshold of {}: expected 0 to 1", options.score_min);
  return {};
}

}  // namespace

Result<std::shared_ptr<Detector>> Detector::open(const DetectorOptions& options) {
  TRY(check(options));
  if (options.model == "hog") return open_hog_detector(options);
  const auto path = TRY(find_model(options.model));
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    const auto package = TRY(artifact::load_package(path));
    const Variant* variant = TRY(choose(package.manifest, options));
    return open_network(package.manifest, *variant, package.file(variant->file).string(), options);
  }
  const auto network = TRY(read_network(path.string()));
  detail::Hints hints;
  hints.input = options.input;
  const Manifest manifest = TRY(detail::recognise(network, hints));
  return open_network(manifest, manifest.variants[0], path.string(), options);
}

Result<std::vector<geom::Detection>> Detector::detect(const media::Frame& frame) {
  std::promise<Result<std::vector<geom::Detection>>> promise;
  auto answer = promise.get_future();
  submit(frame.share(), [&](auto detections) { promise.set_value(std::move(detections)); });
  return answer.get();
}

}  // namespace pasu::detect
