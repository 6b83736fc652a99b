#include "artifact/manifest.h"

#include <algorithm>
#include <set>

#include "artifact/detail/names.h"
#include "base/config_text.h"

namespace pasu::artifact {
namespace {

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != path.npos) return false;
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    at = end + 1;
  }
  return path.find('\0') == path.npos;
}

/// Reads a key that holds one of an enumeration's names.
template <class E>
Result<void> read_name(ConfigTable& table, const std::string& key, E& out) {
  if (!table.has(key)) return {};
  std::string text;
  TRY(table.read(key, text));
  auto value = detail::from_name<E>(text);
  if (!value) return table.error(key, value.error().message());
  out = *value;
  return {};
}

Result<void> read_path(ConfigTable& table, const std::string& key, std::string& out) {
  TRY(table.read(key, out));
  if (!stays_inside(out))
    return table.error(key, fmt::format("'{}' is not a path inside the package", out));
  return {};
}

Result<void> read_int(ConfigTable& table, const std::string& key, int& out, int low, int high) {
  int64_t value = out;
  TRY(table.read(key, value, low, high));
  out = static_cast<int>(value);
  return {};
}

Result<void> read_input(ConfigTable& root, InputSpec& out) {
  auto table = TRY(root.table("input"));
  TRY(table.read("name", out.name));
  TRY(read_name(table, "layout", out.layout));
  TRY(read_name(table, "type", out.type));
  TRY(read_name(table, "color", out.color));
  TRY(read_name(table, "resize", out.resize));
  TRY(table.read("mean", out.mean));
  TRY(table.read("scale", out.scale));
  for (const auto& [key, list] : {std::pair("mean", &out.mean), std::pair("scale", &out.scale)})
    if (list->size() != 3)
      return table.error(key, fmt::format("expected 3 numbers, found {}", list->size()));
  for (const double value : out.scale)
    if (!(value > 0)) return table.error("scale", fmt::format("{} is not above 0", value));
  for (const double value : out.mean)
    if (!(value >= -1e6 && value <= 1e6))
      return table.error("mean", fmt::format("{} is no pixel value", value));
  return table.finish();
}

Result<void> read_outputs(ConfigTable& root, Manifest& out) {
  auto tables = TRY(root.tables("output"));
  constexpr size_t kOutputsMax = 16;
  for (ConfigTable& table : tables) {
    if (out.outputs.size() == kOutputsMax)
      return table.error("role", fmt::format("more than {} outputs", kOutputsMax));
    OutputSpec output;
    TRY(table.read("role", output.role));
    TRY(table.read("name", output.name));
    TRY(read_int(table, "stride", output.stride, 1, 1024));
    if (output.name.empty()) return table.error("name", "is missing: the tensor's name");
    if (!detail::is_role_of(out.family, output.role))
      return table.error("role",
                         fmt::format("'{}' is not an output of family {}; expected {}", output.role,
                                     to_string(out.family), detail::roles_text(out.family)));
    if (output.role != "grid" && out.output(output.role) != nullptr)
      return table.error("role", fmt::format("a second output '{}'", output.role));
    if (output.role == "grid" && output.stride == 0)
      return table.error("stride", "is missing: input pixels per cell, for example 8");
    TRY(table.finish());
    out.outputs.push_back(std::move(output));
  }
  return {};
}

Result<void> read_decode(ConfigTable& root, DecodeSpec& out) {
  auto table = TRY(root.table("decode"));
  TRY(read_name(table, "boxes", out.boxes));
  TRY(read_name(table, "scores", out.scores));
  TRY(table.read("exp_clamp", out.exp_clamp, 0.1, 20));
  TRY(table.read("strides", out.strides));
  if (out.strides.size() > 8) return table.error("strides", "more than 8");
  for (const double stride : out.strides)
    if (!(stride >= 1 && stride <= 1024 && stride == static_cast<int>(stride)))
      return table.error("strides", fmt::format("{} is not a whole number in 1..1024", stride));
  return table.finish();
}

Result<void> read_nms(ConfigTable& root, geom::NmsOptions& out) {
  auto table = TRY(root.table("nms"));
  double iou = out.iou;
  int candidates = static_cast<int>(out.candidates_max), kept = static_cast<int>(out.kept_max);
  int per_label = static_cast<int>(out.kept_per_label_max);
  TRY(table.read("iou", iou, 0, 1));
  TRY(read_int(table, "candidates_max", candidates, 1, 100000));
  TRY(read_int(table, "kept_max", kept, 1, 10000));
  TRY(table.read("per_label", out.per_label));
  TRY(read_int(table, "kept_per_label_max", per_label, 0, 10000));
  out.iou = static_cast<float>(iou);
  out.candidates_max = static_cast<size_t>(candidates);
  out.kept_max = static_cast<size_t>(kept);
  out.kept_per_label_max = static_cast<size_t>(per_label);
  return table.finish();
}

Result<void> read_variants(ConfigTable& root, Manifest& out) {
  auto tables = TRY(root.tables("variant"));
  std::set<std::string> names;
  for (ConfigTable& table : tables) {
    Variant variant;
    double threshold = variant.threshold;
    TRY(table.read("name", variant.name));
    TRY(read_path(table, "file", variant.file));
    TRY(read_int(table, "width", variant.input.width, 1, Manifest::kInputSideMax));
    TRY(read_int(table, "height", variant.input.height, 1, Manifest::kInputSideMax));
    TRY(table.read("precision", variant.precision));
    TRY(table.read("threshold", threshold, 0, 1));
    for (const auto* key : {"width", "height"})
      if (!table.has(key)) return table.error(key, "is missing: the network's input size");
    if (variant.name.empty())
      variant.name = fmt::format("{}x{}", variant.input.width, variant.input.height);
    if (!names.insert(variant.name).second)
      return table.error("name", fmt::format("a second variant '{}'", variant.name));
    if (names.size() > Manifest::kVariantsMax)
      return table.error("name", fmt::format("more than {} variants", Manifest::kVariantsMax));
    variant.threshold = static_cast<float>(threshold);
    TRY(table.finish());
    out.variants.push_back(std::move(variant));
  }
  return {};
}

Result<void> read_files(ConfigTable& root, Manifest& out) {
  auto tables = TRY(root.tables("file"));
  for (ConfigTable& table : tables) {
    FileEntry file;
    TRY(read_path(table, "path", file.path));
    TRY(table.read("sha256", file.sha256));
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (file.sha256.size() != 64 || !std::all_of(file.sha256.begin(), file.sha256.end(), is_hex))
      return table.error("sha256", "expected 64 hexadecimal digits in lower case");
    if (std::any_of(out.files.begin(), out.files.end(),
                    [&](const FileEntry& f) { return f.path == file.path; }))
      return table.error("path", fmt::format("'{}' is listed twice", file.path));
    TRY(table.finish());
    out.files.push_back(std::move(file));
  }
  return {};
}

Result<void> read_provenance(ConfigTable& root, Provenance& out) {
  auto table = TRY(root.table("provenance"));
  TRY(table.read("source", out.source));
  TRY(table.read("license", out.license));
  TRY(table.read("created", out.created));
  TRY(table.read("note", out.note));
  return table.finish();
}

Result<void> read_labels(ConfigTable& root, Manifest& out) {
  TRY(root.read("labels", out.labels));
  TRY(read_int(root, "label_first", out.label_first, 0, 1000000));
  if (root.has("labels_file")) {
    TRY(read_path(root, "labels_file", out.labels_file));
    if (root.has("labels")) return root.error("labels_file", "is given, and so is labels");
    return {};
  }
  if (out.labels.empty()) return root.error("labels", "is missing: the names of what it finds");
  if (auto checked = detail::check_labels(out.labels); !checked)
    return root.error("labels", checked.error().message());
  return {};
}

/// What can only be checked with everything read.
Result<void> check_whole(const ConfigTable& root, const Manifest& manifest) {
  if (manifest.variants.empty()) return root.error("variant", "is missing: [[variant]] with file");
  for (const auto& need : detail::roles(manifest.family))
    if (!need.optional && manifest.output(need.name) == nullptr)
      return root.error("output", fmt::format("family {} needs [[output]] with role \"{}\"",
                                              to_string(manifest.family), need.name));
  for (const Variant& variant : manifest.variants) {
    std::vector<std::string> parts{variant.file};
    if (variant.file.ends_with(".xml"))  // Its weights lie beside it.
      parts.push_back(variant.file.substr(0, variant.file.size() - 4) + ".bin");
    for (const std::string& part : parts)
      if (std::none_of(manifest.files.begin(), manifest.files.end(),
                       [&](const FileEntry& file) { return file.path == part; }))
        return root.error("file", fmt::format("no [[file]] with the sha256 of '{}'", part));
  }
  return {};
}

}  // namespace

const OutputSpec* Manifest::output(std::string_view role) const {
  for (const OutputSpec& output : outputs)
    if (output.role == role) return &output;
  return nullptr;
}

Result<Manifest> parse_manifest(std::string_view text, const std::string& path) {
  auto root = TRY(ConfigTable::parse(text, path));
  Manifest out;
  out.path = path;
  int64_t format = Manifest::kFormat;
  TRY(root.read("format", format));
  if (!root.has("format"))
    return root.error("format", "is missing: 1. Is this a model's manifest?");
  if (format != Manifest::kFormat)
    return fail(Errc::unsupported, "{}: format: this program reads format {}, found {}", path,
                Manifest::kFormat, format);
  TRY(root.read("name", out.name));
  TRY(root.read("version", out.version));
  TRY(root.read("description", out.description));
  if (out.name.empty()) return root.error("name", "is missing");
  if (!root.has("family"))
    return root.error("family", fmt::format("is missing: one of {}", detail::names<Family>()));
  TRY(read_name(root, "family", out.family));
  TRY(read_labels(root, out));
  TRY(read_input(root, out.input));
  TRY(read_outputs(root, out));
  TRY(read_decode(root, out.decode));
  TRY(read_nms(root, out.nms));
  TRY(read_variants(root, out));
  TRY(read_files(root, out));
  TRY(read_provenance(root, out.provenance));
  TRY(root.finish());
  TRY(check_whole(root, out));
  return out;
}

Result<std::vector<std::string>> parse_labels(std::string_view text, const std::string& path) {
  std::vector<std::string> labels;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    if (labels.size() == Manifest::kLabelsMax)
      return fail(Errc::too_large, "{}: more than {} labels", path, Manifest::kLabelsMax);
    labels.emplace_back(line);
  }
  if (labels.empty()) return fail(Errc::malformed, "{}: no labels in it, one a line", path);
  TRY(with_context(detail::check_labels(labels), path));
  return labels;
}

}  // namespace pasu::artifact
