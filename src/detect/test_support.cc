#include "detect/test_support.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <unistd.h>
#include <vector>

#include <openvino/opsets/opset8.hpp>

#include "base/assert.h"
#include "detect/detail/openvino.h"

namespace pasu::detect::test {
namespace fs = std::filesystem;
namespace op = ov::opset8;

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "pasu_detect_XXXXXX").string();
  ASSERT(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code error;
  fs::remove_all(path_, error);
}

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_network(const fs::path& xml, const TinyNetwork& options) {
  const auto stride = static_cast<size_t>(options.stride);
  const ov::PartialShape shape =
      options.free_size ? ov::PartialShape{-1, 3, -1, -1}
                        : ov::PartialShape{options.batch, 3, options.height, options.width};
  const auto image = std::make_shared<op::Parameter>(ov::element::f32, shape);
  image->set_friendly_name("image");
  image->output(0).set_names({"image"});
  const auto mean =
      std::make_shared<op::AvgPool>(image, ov::Strides{stride, stride}, ov::Shape{0, 0},
                                    ov::Shape{0, 0}, ov::Shape{stride, stride}, true);
  const auto weights = op::Constant::create(ov::element::f32, {5, 3, 1, 1},
                                            {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1});
  std::shared_ptr<ov::Node> last =
      std::make_shared<op::Convolution>(mean, weights, ov::Strides{1, 1}, ov::CoordinateDiff{0, 0},
                                        ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
  if (options.fixed_batch)
    last = std::make_shared<op::Reshape>(
        last,
        op::Constant::create(
            ov::element::i64, {4},
            {1, 5, options.height / options.stride, options.width / options.stride}),
        false);
  last->output(0).set_names({"s16"});
  ov::ParameterVector inputs{image};
  if (options.two_inputs)
    inputs.push_back(std::make_shared<op::Parameter>(ov::element::f32, ov::PartialShape{1, 3}));
  ov::serialize(std::make_shared<ov::Model>(ov::OutputVector{last}, inputs), xml.string());
}

std::string tiny_manifest(const std::string& more) {
  return R"(format = 1
name = "tiny"
family = "anchor_free_grid"
labels = ["person"]
[[output]]
role = "grid"
name = "s16"
stride = 16
[[variant]]
file = "tiny.xml"
width = 64
height = 32
precision = "f32"
threshold = 0.5
)" + more;
}

media::Frame plain_frame(int width, int height, uint8_t r, uint8_t g, uint8_t b) {
  auto pixels = std::make_shared<std::vector<uint8_t>>();
  for (int i = 0; i < width * height; ++i) pixels->insert(pixels->end(), {r, g, b});
  media::Frame frame;
  frame.width = width;
  frame.height = height;
  frame.format = media::PixelFormat::rgb24;
  frame.planes[0] = {pixels->data(), width * 3};
  frame.owner = pixels;
  return frame;
}

std::optional<media::Frame> street_picture() {
  const fs::path clip = fs::path(PASU_SOURCE_DIR) / "demo/vtest.avi";
  if (!fs::exists(clip)) return std::nullopt;
  const std::string command = "ffmpeg -nostdin -v error -ss 30 -i '" + clip.string() +
                              "' -frames:v 1 -f rawvideo -pix_fmt rgb24 - 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  auto pixels = std::make_shared<std::vector<uint8_t>>(size_t{768} * 576 * 3);
  const size_t got = std::fread(pixels->data(), 1, pixels->size(), pipe);
  if (pclose(pipe) != 0 || got != pixels->size()) return std::nullopt;
  media::Frame frame;
  frame.width = 768;
  frame.height = 576;
  frame.format = media::PixelFormat::rgb24;
  frame.planes[0] = {pixels->data(), 768 * 3};
  frame.owner = pixels;
  return frame;
}

std::optional<fs::path> shared_data() {
  const char* set = std::getenv("PASU_SHARED");
  const fs::path folder = set != nullptr ? fs::path(set) : fs::path(PASU_SOURCE_DIR) / "../shared";
  if (!fs::exists(folder / "data/weights")) return std::nullopt;
  return folder / "data";
}

}  // namespace pasu::detect::test
