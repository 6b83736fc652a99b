#include "detect/detail/recognise.h"

namespace pasu::detect::detail {

std::vector<std::string> coco_labels() {
  // Lin et al. 2014, the 80 of 91 categories that have boxes.
  return {"person",        "bicycle",      "car",
          "motorcycle",    "airplane",     "bus",
          "train",         "truck",        "boat",
          "traffic light", "fire hydrant", "stop sign",
          "parking meter", "bench",        "bird",
          "cat",           "dog",          "horse",
          "sheep",         "cow",          "elephant",
          "bear",          "zebra",        "giraffe",
          "backpack",      "umbrella",     "handbag",
          "tie",           "suitcase",     "frisbee",
          "skis",          "snowboard",    "sports ball",
          "kite",          "baseball bat", "baseball glove",
          "skateboard",    "surfboard",    "tennis racket",
          "bottle",        "wine glass",   "cup",
          "fork",          "knife",        "spoon",
          "bowl",          "banana",       "apple",
          "sandwich",      "orange",       "broccoli",
          "carrot",        "hot dog",      "pizza",
          "donut",         "cake",         "chair",
          "couch",         "potted plant", "bed",
          "dining table",  "toilet",       "tv",
          "laptop",        "mouse",        "remote",
          "keyboard",      "cell phone",   "microwave",
          "oven",          "toaster",      "sink",
          "refrigerator",  "book",         "clock",
          "vase",          "scissors",     "teddy bear",
          "hair drier",    "toothbrush"};
}

}  // namespace pasu::detect::detail
