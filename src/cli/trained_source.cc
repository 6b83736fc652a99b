#include "cli/trained_source.h"

#include <cstdio>
#include <filesystem>

namespace pasu::cli {
namespace fs = std::filesystem;
namespace {

/// Of a run's folder its best checkpoint, or its last where there is no best one yet.
Result<std::string> checkpoint_of(const std::string& from) {
  std::error_code error;
  if (!fs::is_directory(from, error)) return from;
  for (const char* name : {"best.ckpt", "last.ckpt"})
    if (fs::exists(fs::path(from) / name, error)) return (fs::path(from) / name).string();
  return fail(Errc::not_found, "{}: holds neither best.ckpt nor last.ckpt", from);
}

Result<geom::Size> parse_size(const std::string& text) {
  geom::Size size;
  int end = 0;
  if (std::sscanf(text.c_str(), "%5dx%5d%n", &size.width, &size.height, &end) != 2 ||
      static_cast<size_t>(end) != text.size() || size.width < 1 || size.height < 1)
    return fail(Errc::invalid_argument, "--size {}: expected WIDTHxHEIGHT, for example 320x192",
                text);
  return size;
}

}  // namespace

void add_trained_options(CLI::App& command, TrainedWords& words, train::ExportOptions& package) {
  command.add_option("CHECKPOINT", words.from, "A checkpoint, or a training run's folder")
      ->required();
  command.add_option("-o,--output", package.folder, "The package's folder; must not exist")
      ->required();
  command.add_option("--name", package.name, "Its name; the folder's, unless given");
  command.add_option("--size", words.sizes,
                     "Input size WxH, once for each variant, the default first; those it was "
                     "trained for, unless given");
  command
      .add_option("--threshold", package.thresholds,
                  "Lower scores are no detections; one for all sizes, or one for each")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--nms", words.nms,
                  "IoU from which of two boxes the weaker is dropped; the checkpoint's, or 0.5")
      ->check(CLI::Range(0.0, 1.0));
  command.add_flag("--half", package.half, "Store float weights as float16: half the bytes");
  command.add_option("--description", package.description, "A line on what it finds");
  command.add_option("--model-version", package.version, "Its version");
  command.add_option("--source", package.provenance.source, "Where the weights came from");
  command.add_option("--license", package.provenance.license, "Its licence, by SPDX name");
  command.add_option("--note", package.provenance.note, "Whatever else should be remembered");
}

Result<TrainedModel> read_trained(const TrainedWords& words, train::ExportOptions& package) {
  TrainedModel out;
  out.path = TRY(checkpoint_of(words.from));
  const auto checkpoint = TRY(train::load_checkpoint(out.path));
  auto read = TRY(with_context(train::read_exportable(checkpoint, package), out.path));
  out.graph = std::move(read.graph);
  out.weights = std::move(read.weights);
  if (!words.sizes.empty()) package.sizes.clear();
  if (words.nms) package.nms.iou = *words.nms;
  for (const std::string& text : words.sizes) package.sizes.push_back(TRY(parse_size(text)));
  if (package.provenance.source.empty())
    package.provenance.source = fs::path(out.path).filename().string();
  return out;
}

}  // namespace pasu::cli
