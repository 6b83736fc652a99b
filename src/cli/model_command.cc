// pasu model: list, inspect and import model packages.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "detect/backend.h"
#include "detect/import.h"
#include "detect/models.h"

namespace pasu::cli {
namespace {

using artifact::Manifest;
using nlohmann::json;

struct ListOptions {
  bool json = false;
};

struct InspectOptions {
  std::string model = "person";
  bool json = false;
};

struct ImportWords {
  detect::ImportOptions options;
  std::string family, size, color, resize;
  float threshold = 0;
};

void print(const json& value) {
  // File names need not be UTF-8; JSON must.
  std::puts(value.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

/// 0.6, not the nearest float's 0.6000000238.
double tidy(float value) { return std::stod(fmt::format("{}", value)); }

template <class... Args>
void row(const char* key, fmt::format_string<Args...> format, Args&&... args) {
  fmt::print("{:<12} {}\n", key, fmt::format(format, std::forward<Args>(args)...));
}

json input_json(const artifact::InputSpec& input) {
  return {{"name", input.name},
          {"layout", to_string(input.layout)},
          {"type", to_string(input.type)},
          {"color", to_string(input.color)},
          {"mean", input.mean},
          {"scale", input.scale},
          {"resize", to_string(input.resize)}};
}

json network_json(const detect::ModelReport::Network& network) {
  json inputs = json::array(), outputs = json::array();
  for (const auto& input : network.info.inputs)
    inputs.push_back(
        {{"name", input.name}, {"shape", input.shape}, {"type", to_string(input.type)}});
  for (const auto& output : network.info.outputs)
    outputs.push_back({{"name", output.name}, {"shape", output.shape}});
  json out{{"inputs", inputs}, {"outputs", outputs}, {"runs", network.problem.empty()}};
  if (network.problem.empty())
    out["runs_as"] = network.precision;
  else
    out["problem"] = network.problem;
  return out;
}

json report_json(const detect::ModelReport& report) {
  const Manifest& m = report.manifest;
  json out{{"path", report.path.string()}, {"package", report.is_package}};
  if (!m.variants.empty()) {
    out.update({{"name", m.name},
                {"version", m.version},
                {"description", m.description},
                {"family", to_string(m.family)},
                {"labels", m.labels},
                {"label_first", m.label_first},
                {"input", input_json(m.input)},
                {"nms", {{"iou", tidy(m.nms.iou)}, {"kept_max", m.nms.kept_max}}},
                {"provenance",
                 {{"source", m.provenance.source},
                  {"license", m.provenance.license},
                  {"created", m.provenance.created},
                  {"note", m.provenance.note}}}});
    for (const auto& output : m.outputs)
      out["outputs"].push_back(
          {{"role", output.role}, {"name", output.name}, {"stride", output.stride}});
    for (const auto& file : m.files)
      out["files"].push_back({{"path", file.path}, {"sha256", file.sha256}});
  }
  for (size_t i = 0; i < report.networks.size(); ++i) {
    json network = network_json(report.networks[i]);
    if (i < m.variants.size()) {
      const auto& variant = m.variants[i];
      network.update({{"name", variant.name},
                      {"file", variant.file},
                      {"width", variant.input.width},
                      {"height", variant.input.height},
                      {"precision", variant.precision},
                      {"threshold", tidy(variant.threshold)}});
    }
    out["variants"].push_back(std::move(network));
  }
  return out;
}

std::string labels_text(const std::vector<std::string>& labels) {
  constexpr size_t kShown = 8;
  std::string out;
  for (size_t i = 0; i < labels.size() && i < kShown; ++i) out += (i > 0 ? ", " : "") + labels[i];
  if (labels.size() > kShown) out += fmt::format(" and {} more", labels.size() - kShown);
  return out;
}

std::string numbers(const std::vector<double>& values) {
  return fmt::format("{} {} {}", values[0], values[1], values[2]);
}

void print_manifest(const Manifest& m, bool recognised) {
  row("name", "{}{}", m.name, m.version.empty() ? "" : " " + m.version);
  if (!m.description.empty()) row("", "{}", m.description);
  row("family", "{}{}", to_string(m.family), recognised ? " (recognised)" : "");
  row("labels", "{}", labels_text(m.labels));
  row("input", "{} {} {}, {}, mean {}, scale {}", to_string(m.input.color),
      to_string(m.input.layout), to_string(m.input.type), to_string(m.input.resize),
      numbers(m.input.mean), numbers(m.input.scale));
  row("NMS", "IoU {}, at most {} boxes", m.nms.iou, m.nms.kept_max);
  const auto& from = m.provenance;
  if (!from.source.empty()) row("source", "{}", from.source);
  if (!from.license.empty()) row("license", "{}", from.license);
  if (!from.created.empty()) row("created", "{}", from.created);
  if (!from.note.empty()) row("note", "{}", from.note);
}

void print_report(const detect::ModelReport& report) {
  const Manifest& m = report.manifest;
  if (!report.path.empty()) row(report.is_package ? "package" : "file", "{}", report.path.string());
  if (!m.variants.empty()) print_manifest(m, !report.is_package && !report.path.empty());
  for (size_t i = 0; i < report.networks.size(); ++i) {
    const auto& network = report.networks[i];
    if (i < m.variants.size()) {
      const auto& variant = m.variants[i];
      fmt::print("\nvariant {}{}\n", variant.name, i == 0 ? " (default)" : "");
      row("  input", "{}x{}, holds {}, threshold {}", variant.input.width, variant.input.height,
          variant.precision, variant.threshold);
    }
    for (const auto& input : network.info.inputs)
      row("  takes", "{} {} {}", input.name, detect::shape_text(input.shape),
          to_string(input.type));
    for (const auto& output : network.info.outputs)
      row("  gives", "{} {}", output.name, detect::shape_text(output.shape));
    row("  runs", "{}",
        network.problem.empty() ? "yes, in " + network.precision : "no: " + network.problem);
  }
  if (!m.files.empty()) fmt::print("\nfiles, their checksums right\n");
  for (const auto& file : m.files) fmt::print("  {}  {}\n", file.sha256, file.path);
}

int inspect(const InspectOptions& options) {
  const auto report = detect::inspect_model(options.model);
  if (!report) return pasu::cli::report(report.error());
  if (options.json)
    print(report_json(*report));
  else
    print_report(*report);
  for (const auto& network : report->networks)
    if (!network.problem.empty()) return kFailed;
  return kDone;
}

int list(const ListOptions& options) {
  const auto models = detect::list_models();
  json out = json::array();
  int exit_code = kDone;
  for (const auto& model : models) {
    const auto package = artifact::load_package(model.folder);
    if (!package) {
      exit_code = pasu::cli::report(package.error());
      continue;
    }
    const Manifest& m = package->manifest;
    if (options.json)
      out.push_back({{"name", model.name},
                     {"folder", model.folder.string()},
                     {"description", m.description},
                     {"labels", m.labels}});
    else
      fmt::print("{:<16} {}\n{:<16} {}\n", model.name,
                 m.description.empty() ? labels_text(m.labels) : m.description, "",
                 model.folder.string());
  }
  const auto hog = detect::hog_manifest();
  if (options.json) {
    out.push_back({{"name", hog.name},
                   {"folder", ""},
                   {"description", hog.description},
                   {"labels", hog.labels}});
    print(out);
  } else {
    fmt::print("{:<16} {}\n", hog.name, hog.description);
  }
  return exit_code;
}

Result<void> read_words(ImportWords& words) {
  detect::ImportOptions& out = words.options;
  if (!words.family.empty()) out.family = TRY(artifact::family_from(words.family));
  if (!words.size.empty()) {
    int end = 0;
    if (std::sscanf(words.size.c_str(), "%5dx%5d%n", &out.input.width, &out.input.height, &end) !=
            2 ||
        static_cast<size_t>(end) != words.size.size() || out.input.width < 1 ||
        out.input.height < 1)
      return fail(Errc::invalid_argument, "--size {}: expected WIDTHxHEIGHT, for example 640x384",
                  words.size);
  }
  if (!words.color.empty())
    out.color = words.color == "bgr" ? artifact::ColorOrder::bgr : artifact::ColorOrder::rgb;
  if (!words.resize.empty())
    out.resize =
        words.resize == "stretch" ? artifact::Resize::stretch : artifact::Resize::letterbox;
  return {};
}

int import(ImportWords& words) {
  if (auto read = read_words(words); !read) {
    report(read.error().with("model import"));
    return kWrongUse;
  }
  const auto package = detect::import_model(words.options);
  if (!package) return report(package.error());
  const Manifest& m = package->manifest;
  fmt::print("{}: model {} of family {}, {}x{}, finds {}. It runs.\n", package->folder.string(),
             m.name, to_string(m.family), m.variants[0].input.width, m.variants[0].input.height,
             labels_text(m.labels));
  return kDone;
}

void add_import(CLI::App& model, int& exit_code) {
  auto* command = model.add_subcommand("import", "Make a model package out of a network's file.");
  auto words = std::make_shared<ImportWords>();
  detect::ImportOptions& options = words->options;
  command->add_option("FILE", options.file, "An .xml (its .bin beside it), .onnx or .pb")
      ->required();
  command->add_option("-o,--output", options.folder, "The package's folder; must not exist")
      ->required();
  command->add_option("--name", options.name, "Its name; the folder's, unless given");
  command->add_option("--family", words->family,
                      "How it spells boxes, where its outputs do not tell: anchor_free_grid, "
                      "ssd_detection_output, tfod_raw, tfod_nms, yolox, fastestdet, boxes_labels");
  command->add_option("--labels", options.labels_file, "A file of labels, one a line, in order");
  command->add_option("--size", words->size, "Input size WxH, where the network leaves it free");
  command->add_option("--threshold", words->threshold, "Lower scores are no detections")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--color", words->color, "Channel order")
      ->check(CLI::IsMember({"rgb", "bgr"}));
  command->add_option("--mean", options.mean, "Taken from each channel, in the channels' order")
      ->expected(3);
  command->add_option("--scale", options.scale, "Each channel is divided by it then")
      ->expected(3)
      ->check(CLI::PositiveNumber);
  command->add_option("--resize", words->resize, "How a picture is fitted in")
      ->check(CLI::IsMember({"letterbox", "stretch"}));
  command->add_option("--source", options.source, "Where the network came from");
  command->add_option("--license", options.license, "Its licence, by SPDX name");
  command->add_option("--note", options.note, "Whatever else should be remembered");
  command->footer(
      "Examples:\n"
      "  pasu model import yolox_nano.onnx -o models/yolox --license Apache-2.0\n"
      "  pasu model import frozen_inference_graph.pb -o models/site --labels labels.txt --size "
      "300x300");
  command->callback([words, command, &exit_code] {
    if (command->count("--threshold") > 0) words->options.threshold = words->threshold;
    exit_code = import(*words);
  });
}

}  // namespace

void add_model(CLI::App& app, int& exit_code) {
  auto* model = app.add_subcommand("model", "Import and inspect detectors.");
  model->require_subcommand(1);

  auto* list_command = model->add_subcommand("list", "The models there are.");
  auto list_options = std::make_shared<ListOptions>();
  list_command->add_flag("--json", list_options->json, "As JSON");
  list_command->callback([list_options, &exit_code] { exit_code = list(*list_options); });

  auto* inspect_command = model->add_subcommand(
      "inspect", "What a model is: inputs, outputs, labels, files; and whether it runs.");
  auto inspect_options = std::make_shared<InspectOptions>();
  inspect_command->add_option(
      "MODEL", inspect_options->model,
      "A name that 'pasu model list' shows, a package's folder, or a network's file");
  inspect_command->add_flag("--json", inspect_options->json, "As JSON");
  inspect_command->footer("Example:\n  pasu model inspect person");
  inspect_command->callback(
      [inspect_options, &exit_code] { exit_code = inspect(*inspect_options); });

  add_import(*model, exit_code);
}

}  // namespace pasu::cli
