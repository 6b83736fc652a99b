// pasu export: a checkpoint of a training run as a model package.
#include <memory>

#include "cli/command.h"
#include "cli/trained_source.h"

namespace pasu::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  pasu export runs/street -o models/street                  its best checkpoint
  pasu export runs/street/last.ckpt -o models/street-last
  pasu export runs/street -o models/street --size 320x192 --threshold 0.3 --size 640x384 --threshold 0.375

Batch norm is folded into the weights. The package's folder appears once a picture has gone through
each size.)";

struct Words {
  TrainedWords trained;
  train::ExportOptions options;
};

Result<artifact::Package> run(Words& words) {
  const auto trained = TRY(read_trained(words.trained, words.options));
  return with_context(train::export_package(trained.graph, trained.weights, words.options),
                      trained.path);
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
  CLI::App* command = app.add_subcommand("export", "Make a model package of a trained checkpoint");
  add_trained_options(*command, words->trained, words->options);
  command->footer(kFooter);
  command->callback([words, &exit_code] { exit_code = export_checkpoint(*words); });
}

}  // namespace pasu::cli
