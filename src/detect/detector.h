// Detector: a frame in, boxes in its own pixels out. The one door to every model and to HOG.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "geom/detection.h"
#include "media/frame.h"

namespace pasu::detect {

struct DetectorInfo {
  std::string name;                 ///< "person"
  std::vector<std::string> labels;  ///< Detection::label indexes this.
  float threshold = 0.5f;           ///< The model's own default.
  geom::Size input;                 ///< What the network sees.
  std::string precision;            ///< "int8", "f32", ...
  std::string device;               ///< "CPU, 2 streams"
};

struct DetectorOptions {
  /// A model package's folder, "person" or another name under the models folder, a bare
  /// .xml/.onnx/.pb with known outputs, or "hog".
  std::string model = "person";
  geom::Size input;     ///< Where the package has several sizes: the wanted one; 0 = its default.
  int streams = 0;      ///< Inference threads, one request each; 0 = one a core.
  int batch_max = 1;    ///< Requests of several callers may share a batch up to this size.
  float score_min = 0;  ///< Lower scores are not returned; 0 = info().threshold.
  bool exact = false;   ///< f32 pinned, for comparing numbers.
  std::vector<std::string> labels;  ///< Only these labels; empty = all.
};

/// Thread-safe. Destroying it waits for what is under way.
class Detector {
 public:
  using Done = std::function<void(Result<std::vector<geom::Detection>>)>;

  /// Errors: not_found (with the models there are), malformed (manifest), unsupported.
  [[nodiscard]] static Result<std::shared_ptr<Detector>> open(const DetectorOptions& options);
  virtual ~Detector() = default;

  [[nodiscard]] virtual const DetectorInfo& info() const = 0;

  /// Detects in `frame`, then calls `done` exactly once, from an inference thread or from this one.
  /// Blocks only while all requests are busy (so the number under way is bounded by the streams and
  /// batch). `done` must neither submit nor detect, nor let go of the detector: it would wait for
  /// the request that it holds up itself. Detections are NMS-filtered, in falling order of score,
  /// in the frame's pixels, clipped.
  virtual void submit(media::Frame frame, Done done) = 0;

  /// submit(), waited for.
  [[nodiscard]] Result<std::vector<geom::Detection>> detect(const media::Frame& frame);
};

}  // namespace pasu::detect
