#include "train/export/export.h"

#include "base/clock.h"
#include "base/guard.h"
#include "base/part_folder.h"
#include "detect/detector.h"
#include "train/export/detail/lower.h"

namespace pasu::train {
namespace fs = std::filesystem;
namespace {

/// Grids where every output has a stride; an SSD's two tables otherwise.
Result<void> describe_outputs(const Graph& graph, const ExportOptions& options,
                              artifact::Manifest& manifest) {
  if (!options.anchors) {
    manifest.family = artifact::Family::anchor_free_grid;
    for (const Output& output : graph.outputs) {
      if (output.stride < 1)
        return fail(Errc::invalid_argument,
                    "output '{}' of {} is no grid; boxes coded against anchors need the anchors",
                    output.name, graph.model);
      manifest.outputs.push_back({"grid", output.name, output.stride});
    }
    return {};
  }
  manifest.family = artifact::Family::tfod_raw;
  manifest.label_first = 1;  // Column 0 is the background.
  manifest.outputs = {{"boxes", "raw_detection_boxes"}, {"scores", "raw_detection_scores"}};
  return {};
}

/// Label columns that the network has, at its first output or, of an SSD, its class logits.
Result<void> check_outputs(const Graph& graph, const ExportOptions& options, geom::Size size) {
  const std::vector<Shape> maps = TRY(shapes(graph, size.width, size.height));
  const auto labels = static_cast<int64_t>(options.labels.size());
  for (const Output& output : graph.outputs) {
    const Shape& map = maps[static_cast<size_t>(output.node)];
    int64_t found = 0;
    if (!options.anchors)
      found = map[1] - 4;
    else if (output.name == kClassLogits)
      found = map[2] - 1;
    else
      continue;
    if (found != labels)
      return fail(Errc::invalid_argument,
                  "the network tells {} labels apart, and {} are named. Give as many", found,
                  labels);
    const auto& anchors = options.anchors;
    if (anchors && (anchors->anchors.shape != std::vector<int64_t>{map[1], 4} ||
                    anchors->anchors.values.size() != static_cast<size_t>(4 * map[1])))
      return fail(Errc::invalid_argument,
                  "the network gives {} boxes at {}x{}, and the anchors are [{}]", map[1],
                  size.width, size.height, fmt::join(anchors->anchors.shape, ", "));
  }
  return {};
}

/// The network's files without their ending: INT8 first, where there is one.
struct NetworkFile {
  std::string stem, precision;
};
std::vector<NetworkFile> files_of(const Graph& graph, const ExportOptions& options) {
  const std::string stem = graph.model.empty() ? "network" : graph.model;
  std::vector<NetworkFile> out;
  if (options.int8) out.push_back({stem + "_int8", "int8"});
  out.push_back({stem, options.half ? "f16" : "f32"});
  return out;
}

Result<artifact::Manifest> describe(const Graph& graph, const ExportOptions& options) {
  artifact::Manifest out;
  out.name = options.name.empty() ? options.folder.filename().string() : options.name;
  out.version = options.version;
  out.description = options.description;
  out.labels = options.labels;
  out.input.name = "image";
  out.input.resize = options.resize;
  out.nms = options.nms;
  out.provenance = options.provenance;
  if (out.provenance.created.empty())
    out.provenance.created = to_rfc3339(system_clock().utc()).substr(0, 10);
  TRY(describe_outputs(graph, options, out));
  const size_t thresholds = options.thresholds.size();
  if (options.sizes.empty() || (thresholds != 1 && thresholds != options.sizes.size()))
    return fail(Errc::invalid_argument, "{} thresholds for {} sizes; one for each, or one for all",
                thresholds, options.sizes.size());
  for (const geom::Size size : options.sizes) TRY(check_outputs(graph, options, size));
  for (const auto& [stem, precision] : files_of(graph, options)) {
    for (size_t i = 0; i < options.sizes.size(); ++i) {
      const geom::Size size = options.sizes[i];
      out.variants.push_back({fmt::format("{}x{}-{}", size.width, size.height, precision),
                              stem + ".xml", size, precision,
                              options.thresholds[thresholds == 1 ? 0 : i]});
    }
    out.files.push_back({stem + ".xml", ""});
    out.files.push_back({stem + ".bin", ""});
  }
  return out;
}

Result<void> try_out(const std::string& folder, const artifact::Variant& variant) {
  detect::DetectorOptions options;
  options.model = folder;
  options.input = variant.input;
  options.streams = 1;
  options.exact = variant.precision == "f32";
  const auto detector = TRY(detect::Detector::open(options));
  const auto [width, height] = variant.input;
  const auto pixels = std::make_shared<std::vector<uint8_t>>(
      static_cast<size_t>(width) * static_cast<size_t>(height) * 3, uint8_t{114});
  media::Frame grey;
  grey.width = width;
  grey.height = height;
  grey.format = media::PixelFormat::rgb24;
  grey.planes[0] = {pixels->data(), width * 3};
  grey.owner = pixels;
  TRY(detector->detect(grey));
  return {};
}

}  // namespace

Result<artifact::Package> export_package(const Graph& graph, const Weights& weights,
                                         const ExportOptions& given) {
  ExportOptions options = given;
  options.folder = TRY(artifact::free_folder(given.folder));
  if (options.thresholds.empty()) options.thresholds = {kThreshold};
  artifact::Manifest manifest = TRY(describe(graph, options));
  const auto convs = TRY(fold(graph, weights));

  PartFolder draft = TRY(PartFolder::create(options.folder.string() + ".part"));
  const fs::path part = draft.path();
  for (const auto& [stem, precision] : files_of(graph, options)) {
    const Quantized* int8 = precision == "int8" ? &*options.int8 : nullptr;
    auto written = guard(
        [&] {
          ov::save_model(detail::lower(graph, convs, options.anchors, int8), part / (stem + ".xml"),
                         int8 == nullptr && options.half);
        },
        Errc::io);
    if (!written) return tl::unexpected(detail::trimmed(written.error()).with(part.string()));
  }
  artifact::Package package{part, std::move(manifest)};
  TRY(artifact::save_manifest(package));
  for (const artifact::Variant& variant : package.manifest.variants)
    TRY(with_context(try_out(part.string(), variant),
                     fmt::format("what was exported does not run at {}", variant.name)));
  TRY(draft.keep_as(options.folder));
  return artifact::load_package(options.folder);
}

}  // namespace pasu::train
