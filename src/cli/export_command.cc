// pasu export: a checkpoint of a training run as a model package.
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "train/export/export.h"

namespace pasu::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFooter = R"(Examples:
  pasu export runs/street -o models/street                  its best checkpoint
  pasu export runs/street/last.ckpt -o models/street-last
  pasu export runs/street -o models/street --size 320x192 --threshold 0.3 --size 640x384 --threshold 0.375

Batch norm is folded into the weights. The package's folder appears once a picture has gone through
each size.)";

struct Words {
  std::string from;
  train::ExportOptions options;
  std::vector<std::string> sizes;
};

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

Result<artifact::Package> run(Words& words) {
  const std::string path = TRY(checkpoint_of(words.from));
  const auto checkpoint = TRY(train::load_checkpoint(path));
  const auto trained = TRY(with_context(train::read_exportable(checkpoint, words.options), path));
  if (!words.sizes.empty()) words.options.sizes.clear();
  for (const std::string& text : words.sizes) words.options.sizes.push_back(TRY(parse_size(text)));
  if (words.options.provenance.source.empty())
    words.options.provenance.source = fs::path(path).filename().string();
  return with_context(train::export_package(trained.graph, trained.weights, words.options), path);
}

int export_checkpoint(Words& words) {
  const auto package = run(words);
  if (!package) return report(package.error());
  const artifact::Manifest& manifest = package->manifest;
  std::string variants;
  for (const auto& variant : manifest.variants)
    variants += (variants.empty() ? "" : ", ") + variant.name;
  fmt::print("{}: model {}, {}. It runs.\n", package->folder.string(), manifest.name, variants);
  return kDone;
}

}  // namespace

void add_export(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<Words>();
  train::ExportOptions& options = words->options;
  CLI::App* command = app.add_subcommand("export", "Make a model package of a trained checkpoint");
  command->add_option("CHECKPOINT", words->from, "A checkpoint, or a training run's folder")
      ->required();
  command->add_option("-o,--output", options.folder, "The package's folder; must not exist")
      ->required();
  command->add_option("--name", options.name, "Its name; the folder's, unless given");
  command->add_option("--size", words->sizes,
                      "Input size WxH, once for each variant, the default first; those it was "
                      "trained for, unless given");
  command
      ->add_option("--threshold", options.thresholds,
                   "Lower scores are no detections; one for all sizes, or one for each")
      ->check(CLI::Range(0.0, 1.0));
  command->add_flag("--half", options.half, "Store weights as float16: half the bytes");
  command->add_option("--description", options.description, "A line on what it finds");
  command->add_option("--model-version", options.version, "Its version");
  command->add_option("--source", options.provenance.source, "Where the weights came from");
  command->add_option("--license", options.provenance.license, "Its licence, by SPDX name");
  command->add_option("--note", options.provenance.note, "Whatever else should be remembered");
  command->footer(kFooter);
  command->callback([words, &exit_code] { exit_code = export_checkpoint(*words); });
}

}  // namespace pasu::cli
