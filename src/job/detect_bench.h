// pasu's measurements of its own detectors, and of `pasu detect` against the same in Python.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "geom/box.h"
#include "media/frame.h"

namespace pasu::job {

/// One detector in one configuration. Letterbox, inference, decoding of outputs and NMS are all in
/// it; reading and decoding the pictures is not.
struct ModelCost {
  std::string model;
  geom::Size input;
  std::string precision;
  int streams = 1;  ///< Inference threads.
  int batch = 1;
  double images_per_cpu_second = 0;
  double images_per_second = 0;
  double latency_p50_ms = 0, latency_p95_ms = 0;  ///< From submit() to the answer.
};

struct ModelBenchOptions {
  std::string model = "person";
  geom::Size input;  ///< 0: the model's default.
  int streams = 1;
  int batch = 1;
  double seconds = 2;  ///< Measured, after a warm-up of a quarter of it.
};

/// `frames` are shown in turn, streams * batch under way at a time.
[[nodiscard]] Result<ModelCost> bench_model(const ModelBenchOptions& options,
                                            const std::vector<media::Frame>& frames,
                                            const std::atomic<bool>& stop);

/// The first `count` frames of a clip.
[[nodiscard]] Result<std::vector<media::Frame>> read_frames(const std::string& clip, size_t count);

/// A whole run over the clips: start, model, decoding, inference, lines.
struct RunCost {
  double cpu_seconds = 0, wall_seconds = 0;  ///< Medians of the rounds.
  uint64_t frames = 0;
  uint64_t boxes = 0;
  [[nodiscard]] double frames_per_cpu_second() const {
    return cpu_seconds > 0 ? static_cast<double>(frames) / cpu_seconds : 0;
  }
};

struct EndToEnd {
  std::string clip, model;
  int repeats = 0;  ///< How often the clip is gone through in one run.
  int rounds = 0;   ///< Runs of each.
  RunCost pasu, python;
  /// Frames per CPU-second of pasu's over Python's.
  [[nodiscard]] double ratio() const {
    const double theirs = python.frames_per_cpu_second();
    return theirs > 0 ? pasu.frames_per_cpu_second() / theirs : 0;
  }
};

struct EndToEndOptions {
  std::string clip;
  std::string model = "person";
  int repeats = 5;  ///< So that the start weighs little.
  int rounds = 3;
};

/// Runs `pasu detect` and bench/detect_python.py by turns. Errors: not_found where there is no
/// Python with OpenVINO and OpenCV, saying how to get one.
[[nodiscard]] Result<EndToEnd> bench_end_to_end(const EndToEndOptions& options,
                                                const std::atomic<bool>& stop);

}  // namespace pasu::job
