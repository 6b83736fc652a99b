// manifest.toml: what a model package says about its network, and the rules it must keep.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "geom/box.h"
#include "geom/nms.h"

namespace pasu::artifact {

/// How the network's outputs spell boxes. One decoder each, in detect/.
enum class Family {
  anchor_free_grid,      ///< One [N, K+4, H, W] map a stride: K scores, then l, t, r, b distances.
  ssd_detection_output,  ///< [1, 1, D, 7] tuples: image, label, score, x1, y1, x2, y2 in 0..1.
  tfod_raw,              ///< TF Object Detection API before its NMS: boxes [N, A, 4] as
                         ///< ymin, xmin, ymax, xmax in 0..1, scores [N, A, 1+K].
  tfod_nms,              ///< The same after its NMS: boxes, scores, classes.
  yolox,                 ///< [N, A, 5+K]: cx, cy, w, h, objectness, K class scores.
  fastestdet,            ///< [N, 5+K, H, W]: objectness, tanh/sigmoid box, K class scores.
  boxes_labels,          ///< [N?, D, 5] x1, y1, x2, y2, score in input pixels; labels [N?, D].
};

enum class Layout { nchw, nhwc };
enum class ColorOrder { rgb, bgr };
enum class Resize { letterbox, stretch };
enum class ElementType { f32, u8 };
/// How an anchor-free grid codes its four distances, in strides.
enum class BoxCoding { ltrb_exp, ltrb };
enum class ScoreCoding { logit, probability };

/// What the network wants of a u8 picture: each channel becomes (value - mean) / scale.
struct InputSpec {
  std::string name;  ///< The tensor's name; empty = the network's only input.
  Layout layout = Layout::nchw;
  ElementType type = ElementType::f32;
  ColorOrder color = ColorOrder::rgb;
  std::vector<double> mean{0, 0, 0};  ///< In the order of `color`.
  std::vector<double> scale{1, 1, 1};
  Resize resize = Resize::letterbox;
};

struct OutputSpec {
  std::string role;  ///< "grid", "detections", "boxes", "scores", "classes", "labels", ...
  std::string name;  ///< Of a tensor of the network; it is cut there where the graph goes on.
  int stride = 0;    ///< For role "grid": input pixels per cell.
};

struct DecodeSpec {
  BoxCoding boxes = BoxCoding::ltrb_exp;
  ScoreCoding scores = ScoreCoding::logit;
  double exp_clamp = 4;         ///< ltrb_exp: exponents are clamped to [-exp_clamp, exp_clamp].
  std::vector<double> strides;  ///< yolox: its grids, finest first; empty = boxes are in pixels.
};

/// The network at one input size.
struct Variant {
  std::string name;  ///< "320x192-int8"
  std::string file;  ///< Within the package: .xml (its .bin beside it), .onnx or .pb.
  geom::Size input;
  std::string precision;  ///< "int8", "f16", "f32": what the file holds.
  float threshold = 0.5f;
};

struct FileEntry {
  std::string path;    ///< Within the package.
  std::string sha256;  ///< 64 hexadecimal digits, lower case.
};

struct Provenance {
  std::string source;   ///< Where the weights came from, or how they were made.
  std::string license;  ///< SPDX name where there is one.
  std::string created;  ///< ISO 8601 date.
  std::string note;
};

struct Manifest {
  static constexpr int kFormat = 1;
  static constexpr size_t kLabelsMax = 10000;
  static constexpr size_t kVariantsMax = 64;
  static constexpr int kInputSideMax = 8192;

  std::string name;
  std::string version;
  std::string description;
  Family family = Family::anchor_free_grid;
  std::vector<std::string> labels;
  std::string
      labels_file;      ///< Where the labels stand instead, one a line; load_package() reads it.
  int label_first = 0;  ///< The number that means labels[0] in the network's output.
  InputSpec input;
  std::vector<OutputSpec> outputs;
  DecodeSpec decode;
  geom::NmsOptions nms;
  std::vector<Variant> variants;  ///< At least one; the first is the default.
  std::vector<FileEntry> files;
  Provenance provenance;
  std::string path;  ///< Of the manifest itself, for errors. Not written.

  /// The output with this role, or nullptr.
  [[nodiscard]] const OutputSpec* output(std::string_view role) const;
};

/// Reads a manifest; `path` names it in errors ("models/x/manifest.toml:12: input.layout: ...").
///
/// Checks all that can be known without the network: names and ranges, that each family has its
/// outputs, that every path stays inside the package and every network file has a checksum.
/// Errors: malformed, unsupported (a later format).
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text, const std::string& path);

/// The manifest as TOML, which parse_manifest() reads back to an equal one.
[[nodiscard]] std::string write_manifest(const Manifest& manifest);

/// Labels from a text file: one a line, blank lines and lines starting with # left out.
/// Errors: malformed (none, a repeated one), too_large.
[[nodiscard]] Result<std::vector<std::string>> parse_labels(std::string_view text,
                                                            const std::string& path);

[[nodiscard]] const char* to_string(Family family);
[[nodiscard]] const char* to_string(Layout layout);
[[nodiscard]] const char* to_string(ColorOrder order);
[[nodiscard]] const char* to_string(Resize resize);
[[nodiscard]] const char* to_string(ElementType type);
[[nodiscard]] const char* to_string(BoxCoding coding);
[[nodiscard]] const char* to_string(ScoreCoding coding);
[[nodiscard]] Result<Family> family_from(std::string_view name);

}  // namespace pasu::artifact
