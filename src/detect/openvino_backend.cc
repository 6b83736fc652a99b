#include <algorithm>
#include <map>
#include <sched.h>

#include "base/assert.h"
#include "base/guard.h"
#include "detect/backend.h"
#include "detect/detail/openvino.h"
#include "detect/network.h"

namespace pasu::detect {
namespace {

using Compiled = std::map<int, ov::CompiledModel>;  // By batch size.

/// One ov::InferRequest a batch size; all look into the same picture buffer.
class OpenvinoRequest final : public Request {
 public:
  OpenvinoRequest(Compiled& compiled, geom::Size size) : size_(size) {
    const auto batch_max = static_cast<size_t>(compiled.rbegin()->first);
    pictures_ = ov::Tensor(ov::element::u8, shape(batch_max));
    std::fill_n(pictures_.data<uint8_t>(), pictures_.get_byte_size(), uint8_t{0});
    for (auto& [batch, model] : compiled) requests_.emplace(batch, model.create_infer_request());
    outputs_.resize(compiled.begin()->second.outputs().size());
  }

  uint8_t* input(int index) override {
    return pictures_.data<uint8_t>() + static_cast<size_t>(index) * picture_bytes();
  }

  Result<void> infer(int first, int count) override {
    auto done = guard([&] {
      ov::InferRequest& request = requests_.at(count);
      request.set_input_tensor(
          ov::Tensor(ov::element::u8, shape(static_cast<size_t>(count)), input(first)));
      request.infer();
      for (size_t i = 0; i < outputs_.size(); ++i) {
        const ov::Tensor tensor = request.get_output_tensor(i);
        const ov::Shape& dims = tensor.get_shape();
        outputs_[i].data = tensor.data<const float>();
        outputs_[i].shape.assign(dims.begin(), dims.end());
      }
    });
    if (!done) return tl::unexpected(detail::trimmed(done.error()).with("inference failed"));
    return {};
  }

  std::span<const Tensor> outputs() const override { return outputs_; }

 private:
  size_t picture_bytes() const {
    return static_cast<size_t>(size_.width) * static_cast<size_t>(size_.height) * 3;
  }
  ov::Shape shape(size_t count) const {
    return {count, static_cast<size_t>(size_.height), static_cast<size_t>(size_.width), 3};
  }

  const geom::Size size_;
  ov::Tensor pictures_;
  std::map<int, ov::InferRequest> requests_;
  std::vector<Tensor> outputs_;
};

class OpenvinoBackend final : public Backend {
 public:
  OpenvinoBackend(BackendInfo info, Compiled compiled)
      : info_(std::move(info)), compiled_(std::move(compiled)) {}

  const BackendInfo& info() const override { return info_; }

  Result<std::unique_ptr<Request>> make_request() override {
    return guard([&]() -> std::unique_ptr<Request> {
      return std::make_unique<OpenvinoRequest>(compiled_, info_.input);
    });
  }

 private:
  const BackendInfo info_;
  Compiled compiled_;
};

/// Builds the model pasu runs out of the one in the file, and compiles it.
class Builder {
 public:
  Builder(const OpenvinoOptions& options, std::shared_ptr<ov::Model> model)
      : options_(options), model_(std::move(model)) {}

  Result<void> cut() {
    ov::OutputVector wanted;
    for (const std::string& name : options_.outputs) wanted.push_back(TRY(find(name)));
    auto cut = std::make_shared<ov::Model>(wanted, model_->get_parameters());
    // Tensor names live on the output that feeds a Result, so the cut model has them still.
    model_ = std::move(cut);
    return {};
  }

  Result<void> check_input() {
    if (model_->inputs().size() != 1)
      return fail(Errc::unsupported,
                  "{}: has {} inputs; a detector takes one picture. Is a part of the preparation "
                  "still in it?",
                  options_.file, model_->inputs().size());
    const auto shape = detail::shape_of(model_->input().get_partial_shape());
    const size_t channels = options_.input.layout == artifact::Layout::nchw ? 1 : 3;
    if (!shape.empty() && (shape.size() != 4 || (shape[channels] != 3 && shape[channels] != -1)))
      return fail(Errc::unsupported,
                  "{}: input '{}' is {}, no 3-channel picture in the layout {} that input.layout "
                  "says",
                  options_.file, detail::tensor_name(model_->input()), shape_text(shape),
                  artifact::to_string(options_.input.layout));
    const auto& name = options_.input.name;
    if (!name.empty() && name != detail::tensor_name(model_->input()))
      return fail(Errc::unsupported, "{}: its input is called '{}', not '{}' as input.name says",
                  options_.file, detail::tensor_name(model_->input()), name);
    return {};
  }

  Result<void> reshape(int batch) {
    const int64_t w = options_.size.width, h = options_.size.height;
    const auto shape = options_.input.layout == artifact::Layout::nchw
                           ? ov::PartialShape{batch, 3, h, w}
                           : ov::PartialShape{batch, h, w, 3};
    if (model_->input().get_partial_shape() == shape) return {};
    const std::string was = shape_text(detail::shape_of(model_->input().get_partial_shape()));
    auto done = guard([&] { model_->reshape(shape); });
    if (!done)
      return fail(Errc::unsupported,
                  "{}: its input is {} and cannot become {}x{} with batch {}: {}", options_.file,
                  was, w, h, batch, detail::trimmed(done.error()).message());
    return {};
  }

  std::vector<TensorInfo> outputs() const {
    std::vector<TensorInfo> out;
    for (size_t i = 0; i < options_.outputs.size(); ++i)
      out.push_back({options_.outputs[i], detail::shape_of(model_->output(i).get_partial_shape())});
    return out;
  }

  /// u8 NHWC in, f32 out.
  ov::CompiledModel compile(int streams) const {
    ov::preprocess::PrePostProcessor steps(model_->clone());
    auto& input = steps.input();
    input.tensor().set_element_type(ov::element::u8).set_layout("NHWC");
    input.model().set_layout(options_.input.layout == artifact::Layout::nchw ? "NCHW" : "NHWC");
    const auto plain = [](const std::vector<double>& values, double neutral) {
      return std::all_of(values.begin(), values.end(), [&](double v) { return v == neutral; });
    };
    const auto floats = [](const std::vector<double>& v) {
      return std::vector<float>(v.begin(), v.end());
    };
    const auto& [mean, scale] = std::tie(options_.input.mean, options_.input.scale);
    if (!plain(mean, 0) || !plain(scale, 1))
      input.preprocess().convert_element_type(ov::element::f32);
    if (!plain(mean, 0)) input.preprocess().mean(floats(mean));
    if (!plain(scale, 1)) input.preprocess().scale(floats(scale));
    for (size_t i = 0; i < options_.outputs.size(); ++i)
      steps.output(i).tensor().set_element_type(ov::element::f32);

    ov::AnyMap properties{ov::num_streams(streams), ov::inference_num_threads(streams),
                          ov::hint::enable_cpu_pinning(false)};
    if (options_.exact) properties.insert(ov::hint::inference_precision(ov::element::f32));
    return detail::ov_core().compile_model(steps.build(), "CPU", properties);
  }

 private:
  /// TensorFlow's tensors are called "name:0"; manifests may leave that out.
  Result<ov::Output<ov::Node>> find(const std::string& name) const {
    // Results first: their tensors carry the names the network's author gave them.
    for (const auto& output : model_->outputs())
      if (output.get_names().contains(name) || output.get_names().contains(name + ":0"))
        return output.get_node()->input_value(0);
    for (const auto& op : model_->get_ordered_ops())
      for (const auto& output : op->outputs())
        if (output.get_names().contains(name) || output.get_names().contains(name + ":0"))
          return output;
    std::string known;
    for (const auto& output : model_->outputs())
      known += fmt::format("{}'{}'", known.empty() ? "" : ", ", detail::tensor_name(output));
    return fail(Errc::unsupported, "{}: has no tensor '{}'; its outputs are {}", options_.file,
                name, known);
  }

  const OpenvinoOptions& options_;
  std::shared_ptr<ov::Model> model_;
};

/// 0 where a dimension is free.
int64_t elements(const TensorInfo& output) {
  int64_t count = 1;
  for (const int64_t n : output.shape) count *= std::max<int64_t>(n, 0);
  return count;
}

/// Whether a batch of `batch` gives `batch` times as much of every output. Networks that end in an
/// NMS of their own, or with a 1 written into a Reshape, do not.
bool grows_with_batch(const std::vector<TensorInfo>& one, const std::vector<TensorInfo>& many,
                      int batch) {
  for (size_t i = 0; i < one.size(); ++i)
    if (elements(one[i]) == 0 || elements(many[i]) != batch * elements(one[i])) return false;
  return true;
}

std::string running_precision(const ov::CompiledModel& model, const std::string& file_precision) {
  const auto type = model.get_property(ov::hint::inference_precision).get_type_name();
  return file_precision == "int8" ? "int8+" + type : type;
}

Result<std::shared_ptr<Backend>> build(const OpenvinoOptions& options, const NetworkInfo& network,
                                       std::shared_ptr<ov::Model> model) {
  Builder builder(options, std::move(model));
  TRY(builder.cut());
  TRY(builder.check_input());
  TRY(builder.reshape(1));
  BackendInfo info;
  info.input = options.size;
  info.outputs = builder.outputs();
  info.streams = options.streams > 0 ? options.streams : usable_cores();
  info.device = fmt::format("CPU, {} stream{}", info.streams, info.streams == 1 ? "" : "s");
  Compiled compiled;
  compiled.emplace(1, builder.compile(info.streams));
  for (int batch = 2; batch <= options.batch_max; batch *= 2) {
    if (!builder.reshape(batch) || !grows_with_batch(info.outputs, builder.outputs(), batch)) break;
    compiled.emplace(batch, builder.compile(info.streams));
    info.batches.push_back(batch);
  }
  info.precision = running_precision(compiled.at(1), network.precision);
  return std::make_shared<OpenvinoBackend>(std::move(info), std::move(compiled));
}

}  // namespace

Result<std::shared_ptr<Backend>> open_openvino(const OpenvinoOptions& options) {
  ASSERT(options.size.width > 0 && options.size.height > 0 && !options.outputs.empty());
  auto model = TRY(detail::read_model(options.file));
  auto opened =
      guard([&] { return build(options, detail::describe(options.file, *model), model); });
  if (!opened) return tl::unexpected(detail::trimmed(opened.error()));
  return opened;
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

}  // namespace pasu::detect
