// Backend: one compiled network, u8 pictures in, float tensors out. The small interface under every
// Detector but HOG; batching across callers is a wrapper (detail/batcher.h) that works with any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "artifact/manifest.h"
#include "base/result.h"
#include "geom/box.h"

namespace pasu::detect {

/// An output as the network declares it. A dimension of -1 is known only after inference.
struct TensorInfo {
  std::string name;
  std::vector<int64_t> shape;
};

/// An output of one inference. Borrowed: see Request::outputs().
struct Tensor {
  const float* data = nullptr;
  std::vector<int64_t> shape;  ///< All dimensions known now.
};

struct BackendInfo {
  geom::Size input;
  std::vector<int> batches{1};      ///< Batch sizes it is compiled for, ascending, the first 1.
  std::vector<TensorInfo> outputs;  ///< In the order asked for, at batch 1.
  std::string precision;            ///< "int8+bf16", "f32", ...: what it runs in.
  std::string device;               ///< "CPU, 2 streams"
  int streams = 1;                  ///< So many requests run at the same time without queueing.
};

/// Room for one batch of pictures, and the results of its last inference. One thread at a time.
class Request {
 public:
  virtual ~Request() = default;

  /// Where picture `index` goes: info().input.height rows of width * 3 bytes, contiguous, in the
  /// colour order asked for. `index` is below the largest batch.
  [[nodiscard]] virtual uint8_t* input(int index) = 0;

  /// Infers pictures [first, first + count) on this thread; `count` is one of info().batches.
  /// Errors: internal.
  [[nodiscard]] virtual Result<void> infer(int first, int count) = 0;

  /// The outputs of the last infer(), first dimension `count` where the network has a batch
  /// dimension. Valid until the next infer() of this request.
  [[nodiscard]] virtual std::span<const Tensor> outputs() const = 0;
};

/// Thread-safe. Outlives its requests.
class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual const BackendInfo& info() const = 0;
  /// Requests are made once and used for ever: none is made on the way of a frame.
  [[nodiscard]] virtual Result<std::unique_ptr<Request>> make_request() = 0;
};

struct OpenvinoOptions {
  std::string file;                  ///< .xml (its .bin beside it), .onnx or .pb
  artifact::InputSpec input;         ///< Normalisation and layout, folded into the network.
  geom::Size size;                   ///< The network is reshaped to it where it differs.
  std::vector<std::string> outputs;  ///< Tensors to give, in this order; the graph is cut there.
  int batch_max = 1;                 ///< 1 where the network cannot be batched, whatever is asked.
  int streams = 0;                   ///< 0 = one a core.
  bool exact = false;                ///< f32 pinned.
};

/// Compiles a network for the CPU: one stream a core, threads not pinned, no compiled-model cache.
/// info().batches holds the powers of two up to batch_max, or 1 alone where the network's outputs
/// would not grow with the batch.
///
/// Errors: not_found (file, or the .bin of an .xml), malformed (not a network), unsupported (an
/// output it does not have, a size it cannot be reshaped to, an input that is not one 3-channel
/// picture).
[[nodiscard]] Result<std::shared_ptr<Backend>> open_openvino(const OpenvinoOptions& options);

/// OpenCV's HOG descriptor and linear SVM for people (Dalal and Triggs 2005), as a network would
/// be: one output "boxes" [1, D, 5], x1, y1, x2, y2 in input pixels and a score. No batches.
[[nodiscard]] std::shared_ptr<Backend> open_hog(geom::Size input, int streams);

/// What a package of it would say.
[[nodiscard]] artifact::Manifest hog_manifest();

/// How many cores this process may run on.
[[nodiscard]] int usable_cores();

}  // namespace pasu::detect
