#include "detect/detail/recognise.h"

#include <algorithm>
#include <filesystem>

namespace pasu::detect::detail {
namespace {

using artifact::Family;
using artifact::Manifest;
using Shape = std::vector<int64_t>;

bool is(int64_t dimension, int64_t value) { return dimension == value || dimension < 0; }

const TensorInfo* find(const NetworkInfo& network, std::string_view name) {
  for (const TensorInfo& output : network.outputs)
    if (output.name == name) return &output;
  return nullptr;
}

std::string outputs_text(const NetworkInfo& network) {
  std::string out;
  for (const TensorInfo& output : network.outputs)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", output.name, shape_text(output.shape));
  return out;
}

/// A network being recognised: each try_ either leaves `out` filled in for its family or says no.
class Recogniser {
 public:
  Recogniser(const NetworkInfo& network, const Hints& hints) : network_(network), hints_(hints) {}

  Result<Manifest> run() {
    TRY(read_input());
    bool known = false;
    for (const auto attempt :
         {&Recogniser::try_tfod, &Recogniser::try_ssd, &Recogniser::try_boxes_labels,
          &Recogniser::try_yolox, &Recogniser::try_fastestdet, &Recogniser::try_grid}) {
      known = (this->*attempt)();
      if (known) break;
    }
    if (!known) return unknown();
    TRY(name_labels());
    apply_hints();
    const geom::Size size = hints_.input.width > 0 ? hints_.input : size_;
    out_.variants = {{fmt::format("{}x{}-{}", size.width, size.height, network_.precision),
                      network_.file, size, network_.precision, threshold_}};
    return out_;
  }

 private:
  bool wanted(Family family) const { return !hints_.family || *hints_.family == family; }

  tl::unexpected<Error> unknown() const {
    if (hints_.family)
      return fail(
          Errc::unsupported,
          "{}: its outputs ({}) are not those of family {}. 'pasu model inspect' shows what "
          "the network has",
          network_.file, outputs_text(network_), artifact::to_string(*hints_.family));
    return fail(
        Errc::unsupported,
        "{}: its outputs ({}) are of no family this program recognises. Import it with 'pasu "
        "model import FILE -o FOLDER --family F --labels FILE' if you know how it spells "
        "boxes",
        network_.file, outputs_text(network_));
  }

  Result<void> read_input() {
    out_.name = std::filesystem::path(network_.file).stem().string();
    out_.path = network_.file;
    if (network_.inputs.size() != 1)
      return fail(Errc::unsupported, "{}: has {} inputs; a detector takes one picture",
                  network_.file, network_.inputs.size());
    const NetworkInput& input = network_.inputs[0];
    const Shape& shape = input.shape;
    const bool nchw = shape.size() == 4 && shape[1] == 3;
    if (!nchw && !(shape.size() == 4 && is(shape[3], 3)))
      return fail(Errc::unsupported, "{}: its input '{}' {} is no picture of three channels",
                  network_.file, input.name, shape_text(shape));
    out_.input.name = input.name;
    out_.input.layout = nchw ? artifact::Layout::nchw : artifact::Layout::nhwc;
    out_.input.type = input.type;
    const size_t rows = nchw ? 2 : 1;
    size_ = {static_cast<int>(shape[rows + 1]), static_cast<int>(shape[rows])};
    free_size_ = size_.width <= 0 || size_.height <= 0;
    if (free_size_) size_ = hints_.input.width > 0 ? hints_.input : geom::Size{640, 640};
    if (size_.width > Manifest::kInputSideMax || size_.height > Manifest::kInputSideMax)
      return fail(Errc::unsupported, "{}: an input of {}x{} is larger than {}", network_.file,
                  size_.width, size_.height, Manifest::kInputSideMax);
    return {};
  }

  bool try_tfod() {
    // An export has both ends of its post-processing; before it we do the NMS, far faster.
    const TensorInfo* scores = find(network_, "raw_detection_scores");
    const TensorInfo* boxes = find(network_, "raw_detection_boxes");
    if (wanted(Family::tfod_raw) && scores && boxes && scores->shape.size() == 3 &&
        scores->shape[2] > 1) {
      take(Family::tfod_raw, {{"boxes", boxes->name}, {"scores", scores->name}});
      classes_ = static_cast<int>(scores->shape[2]) - 1;
    } else if (wanted(Family::tfod_nms) && find(network_, "detection_boxes") &&
               find(network_, "detection_scores") && find(network_, "detection_classes")) {
      take(Family::tfod_nms, {{"boxes", "detection_boxes"},
                              {"scores", "detection_scores"},
                              {"classes", "detection_classes"}});
    } else {
      return false;
    }
    out_.label_first = 1;  // 0 is the background.
    out_.input.resize = artifact::Resize::stretch;
    out_.nms.iou = 0.6f;  // Of the API's sample configurations.
    // The graph scales what it is given to its own size itself; 300 is the SSDs'.
    if (free_size_ && hints_.input.width == 0) size_ = {300, 300};
    return true;
  }

  bool try_ssd() {
    const Shape& shape = network_.outputs[0].shape;
    if (!wanted(Family::ssd_detection_output) || network_.outputs.size() != 1 ||
        shape.size() != 4 || !is(shape[0], 1) || !is(shape[1], 1) || shape[3] != 7)
      return false;
    take(Family::ssd_detection_output, {{"detections", network_.outputs[0].name}});
    out_.label_first = network_.ssd_background == 0 ? 1 : 0;
    const bool background =
        network_.ssd_background >= 0 && network_.ssd_background < std::max(network_.ssd_classes, 1);
    classes_ = std::max(network_.ssd_classes - (background ? 1 : 0), 0);
    // Open Model Zoo's are trained on pictures as OpenCV reads them, squeezed to fit.
    out_.input.color = artifact::ColorOrder::bgr;
    out_.input.resize = artifact::Resize::stretch;
    return true;
  }

  bool try_boxes_labels() {
    if (!wanted(Family::boxes_labels) || network_.outputs.size() > 2) return false;
    const TensorInfo* boxes = nullptr;
    const TensorInfo* labels = nullptr;
    for (const TensorInfo& output : network_.outputs) {
      const bool is_boxes =
          (output.shape.size() == 2 || output.shape.size() == 3) && output.shape.back() == 5;
      (is_boxes ? boxes : labels) = &output;
    }
    if (boxes == nullptr || (network_.outputs.size() == 2 && labels == nullptr)) return false;
    if (labels != nullptr && labels->shape.size() + 1 != boxes->shape.size()) return false;
    take(Family::boxes_labels, {{"boxes", boxes->name}});
    if (labels != nullptr) out_.outputs.push_back({"labels", labels->name, 0});
    out_.input.color = artifact::ColorOrder::bgr;
    if (boxes->name ==
        "dets") {  // MMDeploy's word; MMDetection feeds ImageNet's mean and deviation.
      out_.input.mean = {103.53, 116.28, 123.675};
      out_.input.scale = {57.375, 57.12, 58.395};
    }
    return true;
  }

  bool try_yolox() {
    const Shape& shape = network_.outputs[0].shape;
    if (!wanted(Family::yolox) || network_.outputs.size() != 1 || shape.size() != 3 || shape[2] < 6)
      return false;
    int64_t cells = 0;
    for (const int stride : {8, 16, 32})
      cells += int64_t{size_.width / stride} * (size_.height / stride);
    if (!is(shape[1], cells)) return false;
    take(Family::yolox, {{"predictions", network_.outputs[0].name}});
    out_.decode.strides = {8, 16, 32};
    out_.input.color = artifact::ColorOrder::bgr;
    classes_ = static_cast<int>(shape[2]) - 5;
    return true;
  }

  bool try_fastestdet() {
    const Shape& shape = network_.outputs[0].shape;
    if (!wanted(Family::fastestdet) || network_.outputs.size() != 1 || shape.size() != 4 ||
        shape[1] < 6 || !is(shape[2], size_.height / 16) || !is(shape[3], size_.width / 16))
      return false;
    take(Family::fastestdet, {{"predictions", network_.outputs[0].name}});
    out_.input.color = artifact::ColorOrder::bgr;
    out_.input.scale = {255, 255, 255};
    out_.input.resize = artifact::Resize::stretch;
    classes_ = static_cast<int>(shape[1]) - 5;
    return true;
  }

  bool try_grid() {
    if (!wanted(Family::anchor_free_grid)) return false;
    std::vector<artifact::OutputSpec> grids;
    for (const TensorInfo& output : network_.outputs) {
      const Shape& shape = output.shape;
      if (shape.size() != 4 || shape[1] < 5 || shape[1] != network_.outputs[0].shape[1])
        return false;
      const int stride = stride_of(shape, grids.size());
      if (stride == 0) return false;
      grids.push_back({"grid", output.name, stride});
    }
    classes_ = static_cast<int>(network_.outputs[0].shape[1]) - 4;
    take(Family::anchor_free_grid, std::move(grids));
    return true;
  }

  /// Of a grid whose size is free too, 8, 16, 32... in the order they stand. 0: no whole stride.
  int stride_of(const Shape& shape, size_t index) const {
    if (shape[2] < 0 || shape[3] < 0) return free_size_ && index < 5 ? 8 << index : 0;
    if (shape[2] == 0 || shape[3] == 0 || size_.height % shape[2] != 0) return 0;
    const auto stride = static_cast<int>(size_.height / shape[2]);
    return stride * shape[3] == size_.width ? stride : 0;
  }

  void take(Family family, std::vector<artifact::OutputSpec> outputs) {
    out_.family = family;
    out_.outputs = std::move(outputs);
    threshold_ = family == Family::anchor_free_grid ? 0.3f : 0.5f;
  }

  Result<void> name_labels() {
    if (!hints_.labels.empty()) {
      out_.labels = hints_.labels;
      if (classes_ > 0 && static_cast<int>(out_.labels.size()) != classes_)
        return fail(Errc::invalid_argument, "{}: has {} labels, but {} {} given", network_.file,
                    classes_, out_.labels.size(),
                    out_.labels.size() == 1 ? "name was" : "names were");
    } else if (classes_ == 80) {
      out_.labels = coco_labels();
    } else if (out_.name.find("person-vehicle-bike-detection") != out_.name.npos && classes_ == 3) {
      out_.labels = {"vehicle", "person", "bike"};  // Open Model Zoo's order.
    } else if (classes_ == 1 || out_.family == Family::boxes_labels) {
      out_.labels = {"person"};  // What this program is for; COCO's first too.
    } else {
      return fail(
          Errc::unsupported,
          "{}: family {} with {}, but no names for them. Import it with 'pasu model import "
          "FILE -o FOLDER --labels FILE', one name a line in the order of their numbers",
          network_.file, artifact::to_string(out_.family),
          classes_ > 0 ? fmt::format("{} labels", classes_) : "an unknown number of labels");
    }
    return {};
  }

  void apply_hints() {
    artifact::InputSpec& input = out_.input;
    if (hints_.color) input.color = *hints_.color;
    if (hints_.resize) input.resize = *hints_.resize;
    if (!hints_.mean.empty()) input.mean = hints_.mean;
    if (!hints_.scale.empty()) input.scale = hints_.scale;
  }

  const NetworkInfo& network_;
  const Hints& hints_;
  Manifest out_;
  geom::Size size_;  // The network's own; where that is free, the one it is read at.
  bool free_size_ = false;
  int classes_ = 0;  // 0: unknown.
  float threshold_ = 0.5f;
};

}  // namespace

Result<Manifest> recognise(const NetworkInfo& network, const Hints& hints) {
  if (network.outputs.empty())
    return fail(Errc::unsupported, "{}: a network without outputs", network.file);
  return Recogniser(network, hints).run();
}

}  // namespace pasu::detect::detail
