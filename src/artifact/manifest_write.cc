#include "artifact/manifest.h"

namespace pasu::artifact {
namespace {

/// A TOML basic string (TOML 1.0 "String").
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out += (out.size() > 1 ? ", " : "") + quoted(item);
  return out + "]";
}

std::string list(const std::vector<double>& items) {
  std::string out = "[";
  for (const double item : items) out += fmt::format("{}{}", out.size() > 1 ? ", " : "", item);
  return out + "]";
}

void line(std::string& out, const char* key, const std::string& text) {
  if (!text.empty()) out += fmt::format("{} = {}\n", key, quoted(text));
}

void write_network(std::string& out, const Manifest& manifest) {
  out += "\n[input]\n";
  const InputSpec& input = manifest.input;
  line(out, "name", input.name);
  line(out, "layout", to_string(input.layout));
  line(out, "type", to_string(input.type));
  line(out, "color", to_string(input.color));
  out += fmt::format("mean = {}\nscale = {}\n", list(input.mean), list(input.scale));
  line(out, "resize", to_string(input.resize));
  for (const OutputSpec& output : manifest.outputs) {
    out += "\n[[output]]\n";
    line(out, "role", output.role);
    line(out, "name", output.name);
    if (output.stride > 0) out += fmt::format("stride = {}\n", output.stride);
  }
  const DecodeSpec& decode = manifest.decode;
  if (manifest.family == Family::anchor_free_grid) {
    out += "\n[decode]\n";
    line(out, "boxes", to_string(decode.boxes));
    line(out, "scores", to_string(decode.scores));
    out += fmt::format("exp_clamp = {}\n", decode.exp_clamp);
  } else if (manifest.family == Family::yolox) {
    out += fmt::format("\n[decode]\nstrides = {}\n", list(decode.strides));
  }
  out += fmt::format("\n[nms]\niou = {}\ncandidates_max = {}\nkept_max = {}\nper_label = {}\n",
                     manifest.nms.iou, manifest.nms.candidates_max, manifest.nms.kept_max,
                     manifest.nms.per_label);
  if (manifest.nms.kept_per_label_max > 0)
    out += fmt::format("kept_per_label_max = {}\n", manifest.nms.kept_per_label_max);
}

}  // namespace

std::string write_manifest(const Manifest& manifest) {
  std::string out = fmt::format("format = {}\n", Manifest::kFormat);
  line(out, "name", manifest.name);
  line(out, "version", manifest.version);
  line(out, "description", manifest.description);
  line(out, "family", to_string(manifest.family));
  if (!manifest.labels_file.empty())
    line(out, "labels_file", manifest.labels_file);
  else
    out += fmt::format("labels = {}\n", list(manifest.labels));
  if (manifest.label_first != 0) out += fmt::format("label_first = {}\n", manifest.label_first);
  write_network(out, manifest);
  for (const Variant& variant : manifest.variants) {
    out += "\n[[variant]]\n";
    line(out, "name", variant.name);
    line(out, "file", variant.file);
    out += fmt::format("width = {}\nheight = {}\n", variant.input.width, variant.input.height);
    line(out, "precision", variant.precision);
    out += fmt::format("threshold = {}\n", variant.threshold);
  }
  for (const FileEntry& file : manifest.files) {
    out += "\n[[file]]\n";
    line(out, "path", file.path);
    line(out, "sha256", file.sha256);
  }
  out += "\n[provenance]\n";
  line(out, "source", manifest.provenance.source);
  line(out, "license", manifest.provenance.license);
  line(out, "created", manifest.provenance.created);
  line(out, "note", manifest.provenance.note);
  return out;
}

}  // namespace pasu::artifact
