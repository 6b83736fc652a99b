#include <algorithm>
#include <array>

#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/objdetect.hpp>

#include "base/guard.h"
#include "detect/backend.h"
#include "geom/letterbox.h"

namespace pasu::detect {
namespace {

/// The window is 64x128 with 16 pixels of surroundings on each side of the person in its training
/// pictures (Dalal and Triggs 2005, 4); the box is the person.
geom::Box person_in(const cv::Rect& window) {
  const auto w = static_cast<float>(window.width), h = static_cast<float>(window.height);
  return {static_cast<float>(window.x) + w / 8, static_cast<float>(window.y) + h / 8, w * 3 / 4,
          h * 3 / 4};
}

/// The SVM's distance from its plane, 0 and up, into 0..1: 1 becomes 1/2. Rises with it; no
/// probability.
float score_of(double distance) { return static_cast<float>(distance / (1 + distance)); }

class HogRequest final : public Request {
 public:
  explicit HogRequest(geom::Size size)
      : picture_(cv::Mat::zeros(size.height, size.width, CV_8UC3)) {
    hog_.setSVMDetector(cv::HOGDescriptor::getDefaultPeopleDetector());
  }

  uint8_t* input(int) override { return picture_.data; }

  Result<void> infer(int, int) override {
    return guard([&] {
      const cv::Range rows = picture_rows();
      std::vector<cv::Rect> windows;
      std::vector<double> distances;
      // Every scale by 5 %, cells of 8; a final threshold of 0 leaves the NMS to us.
      hog_.detectMultiScale(picture_.rowRange(rows), windows, distances, 0, {8, 8}, {0, 0}, 1.05,
                            0);
      boxes_.clear();
      for (size_t i = 0; i < windows.size() && i < distances.size(); ++i) {
        const geom::Box box = person_in(windows[i]);
        const auto top = static_cast<float>(rows.start);
        boxes_.insert(boxes_.end(), {box.x, box.y + top, box.right(), box.bottom() + top,
                                     score_of(std::max(distances[i], 0.0))});
      }
      output_ = {boxes_.data(), {1, static_cast<int64_t>(boxes_.size() / 5), 5}};
    });
  }

  std::span<const Tensor> outputs() const override { return {&output_, 1}; }

 private:
  /// Without the letterbox's border above and below, where nobody is and time would be lost.
  cv::Range picture_rows() const {
    const auto is_border = [&](int y) {
      const uchar* row = picture_.ptr(y);
      return std::all_of(row, row + picture_.cols * 3,
                         [](uchar v) { return v == geom::Letterbox::kFill; });
    };
    cv::Range rows(0, picture_.rows);
    while (rows.start < rows.end && is_border(rows.start)) ++rows.start;
    while (rows.end > rows.start && is_border(rows.end - 1)) --rows.end;
    // OpenCV refuses less than a window.
    return rows.size() < hog_.winSize.height ? cv::Range(0, picture_.rows) : rows;
  }

  cv::Mat picture_;
  cv::HOGDescriptor hog_;
  std::vector<float> boxes_;
  Tensor output_{nullptr, {1, 0, 5}};
};

class HogBackend final : public Backend {
 public:
  HogBackend(geom::Size input, int streams) {
    info_.input = input;
    info_.outputs = {{"boxes", {1, -1, 5}}};
    info_.precision = "f32";
    info_.streams = streams > 0 ? streams : usable_cores();
    info_.device = fmt::format("CPU, {} stream{}", info_.streams, info_.streams == 1 ? "" : "s");
  }

  const BackendInfo& info() const override { return info_; }

  Result<std::unique_ptr<Request>> make_request() override {
    return guard(
        [&]() -> std::unique_ptr<Request> { return std::make_unique<HogRequest>(info_.input); });
  }

 private:
  BackendInfo info_;
};

}  // namespace

artifact::Manifest hog_manifest() {
  artifact::Manifest out;
  out.name = out.path = "hog";
  out.description = "Histograms of oriented gradients and a linear SVM: OpenCV's people detector";
  out.family = artifact::Family::boxes_labels;
  out.labels = {"person"};
  out.input.type = artifact::ElementType::u8;
  out.input.layout = artifact::Layout::nhwc;
  out.outputs = {{"boxes", "boxes", 0}};
  out.nms.iou = 0.35f;
  out.variants = {{"640x480", "", {640, 480}, "f32", 0.3f}};
  out.provenance.source = "OpenCV, HOGDescriptor::getDefaultPeopleDetector()";
  out.provenance.license = "Apache-2.0";
  out.provenance.note =
      "Threshold 0.30: half the boxes are right (IoU 0.3). Precision and recall .50 and .58 on "
      "Penn-Fudan's 170 pictures, .48 and .16 on 331 of robot and indoor cameras; "
      "docs/ref/bench.md";
  return out;
}

std::shared_ptr<Backend> open_hog(geom::Size input, int streams) {
  cv::setNumThreads(1);  // The process's: a stream a core is the parallelism there is.
  return std::make_shared<HogBackend>(input, streams);
}

}  // namespace pasu::detect
