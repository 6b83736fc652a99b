#include "detect/import.h"

#include <chrono>
#include <system_error>

#include "base/clock.h"
#include "base/part_folder.h"
#include "base/read_file.h"
#include "detect/backend.h"
#include "detect/detail/recognise.h"
#include "detect/detector.h"
#include "detect/models.h"
#include "geom/letterbox.h"

namespace pasu::detect {
namespace fs = std::filesystem;
namespace {

Result<void> copy_into(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error == std::errc::no_space_on_device)
    return fail(Errc::no_space, "{}: cannot be written: the disk is full", to.string());
  if (error)
    return fail(Errc::io, "{}: cannot be copied to {}: {}", from.string(), to.string(),
                error.message());
  return {};
}

/// Letters, digits and the like stay; a manifest takes no other file names.
std::string plain_name(const fs::path& file) {
  std::string out = file.filename().string();
  for (char& c : out)
    if (c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '_';
  return out;
}

Result<detail::Hints> hints_from(const ImportOptions& options) {
  detail::Hints hints;
  hints.family = options.family;
  hints.input = options.input;
  hints.color = options.color;
  hints.resize = options.resize;
  hints.mean = options.mean;
  hints.scale = options.scale;
  if (!options.labels_file.empty()) {
    constexpr size_t kBytesMax = 1u << 20;
    const std::string text = TRY(read_file(options.labels_file, kBytesMax));
    hints.labels = TRY(artifact::parse_labels(text, options.labels_file));
  }
  return hints;
}

std::string today() { return to_rfc3339(system_clock().utc()).substr(0, 10); }

/// Compiles a package's variant and runs a picture through.
Result<DetectorInfo> try_out(const std::string& model, const artifact::Variant& variant) {
  const geom::Size input = variant.input;
  DetectorOptions options;
  options.model = model;
  options.input = input;
  options.streams = 1;
  options.exact = variant.precision == "f32";  // Else another variant of this size might run.
  const auto detector = TRY(Detector::open(options));
  const auto pixels = std::make_shared<std::vector<uint8_t>>(
      static_cast<size_t>(input.width) * static_cast<size_t>(input.height) * 3,
      geom::Letterbox::kFill);
  media::Frame grey;
  grey.width = input.width;
  grey.height = input.height;
  grey.format = media::PixelFormat::rgb24;
  grey.planes[0] = {pixels->data(), input.width * 3};
  grey.owner = pixels;
  TRY(detector->detect(grey));
  return detector->info();
}

}  // namespace

Result<artifact::Package> import_model(const ImportOptions& options) {
  const fs::path folder = TRY(artifact::free_folder(options.folder));
  const fs::path file(options.file);
  const NetworkInfo network = TRY(read_network(options.file));
  const detail::Hints hints = TRY(hints_from(options));
  artifact::Manifest manifest = TRY(detail::recognise(network, hints));

  PartFolder draft = TRY(PartFolder::create(folder.string() + ".part"));
  const fs::path part = draft.path();

  artifact::Variant& variant = manifest.variants[0];
  variant.file = plain_name(file);
  TRY(copy_into(file, part / variant.file));
  manifest.files = {{variant.file, ""}};
  if (file.extension() == ".xml") {
    const auto weights = [](fs::path path) { return path.replace_extension(".bin"); };
    const std::string bin = weights(variant.file).string();
    TRY(copy_into(weights(file), part / bin));
    manifest.files.push_back({bin, ""});
  }
  if (options.threshold) variant.threshold = *options.threshold;
  manifest.name = options.name.empty() ? folder.filename().string() : options.name;
  manifest.provenance = {options.source.empty() ? file.filename().string() : options.source,
                         options.license, today(), options.note};
  artifact::Package package{part, std::move(manifest)};
  TRY(artifact::save_manifest(package));
  TRY(with_context(try_out(part.string(), package.manifest.variants[0]),
                   fmt::format("{}: does not run", options.file)));
  TRY(draft.keep_as(folder));
  return artifact::load_package(folder);
}

Result<ModelReport> inspect_model(const std::string& model) {
  ModelReport report;
  const auto describe = [&](const artifact::Variant& variant, NetworkInfo info,
                            const std::string& name) {
    ModelReport::Network network{variant.name, std::move(info), "", "", ""};
    if (auto ran = try_out(name, variant)) {
      network.precision = ran->precision;
      network.device = ran->device;
    } else {
      network.problem = ran.error().message();
    }
    report.networks.push_back(std::move(network));
  };
  if (model == "hog") {
    report.manifest = hog_manifest();
    describe(report.manifest.variants[0], {}, model);
    return report;
  }
  report.path = TRY(find_model(model));
  std::error_code error;
  report.is_package = fs::is_directory(report.path, error);
  if (report.is_package) {
    auto package = TRY(artifact::load_package(report.path));
    report.manifest = std::move(package.manifest);
    for (const auto& variant : report.manifest.variants)
      describe(variant, TRY(read_network((report.path / variant.file).string())),
               report.path.string());
    return report;
  }
  NetworkInfo info = TRY(read_network(report.path.string()));
  auto recognised = detail::recognise(info, {});
  if (!recognised) {
    report.networks.push_back({"", std::move(info), recognised.error().message(), "", ""});
    return report;
  }
  report.manifest = std::move(*recognised);
  describe(report.manifest.variants[0], std::move(info), report.path.string());
  return report;
}

}  // namespace pasu::detect
