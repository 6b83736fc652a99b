#include "train/data/detail/content_hash.h"
#include "train/data/example.h"
#include "train/data/image_header.h"
#include "train/data/record_set.h"

namespace pasu::data {

std::string picture_example(const Picture& picture, const DataSet& set, ByteView encoded) {
  const auto header = parse_image_header(encoded);
  const ImageFormat format = header ? header->format : format_of_name(picture.file);
  std::vector<float> edges[4], areas;
  std::vector<int64_t> labels, crowd, difficult, truncated;
  std::vector<std::string_view> texts;
  for (const Object& object : picture.objects) {
    const Box& b = object.box;
    edges[0].push_back(static_cast<float>(b.x / picture.size.width));
    edges[1].push_back(static_cast<float>(b.y / picture.size.height));
    edges[2].push_back(static_cast<float>((b.x + b.w) / picture.size.width));
    edges[3].push_back(static_cast<float>((b.y + b.h) / picture.size.height));
    areas.push_back(static_cast<float>(object.area));
    labels.push_back(object.category);
    const Category* category = set.category(object.category);
    texts.push_back(category != nullptr ? std::string_view(category->name) : std::string_view());
    crowd.push_back(object.crowd);
    difficult.push_back(object.difficult);
    truncated.push_back(object.truncated);
  }
  ExampleWriter out;
  out.add("image/height", int64_t{picture.size.height});
  out.add("image/width", int64_t{picture.size.width});
  out.add("image/filename", picture.file);
  out.add("image/source_id", std::to_string(picture.id));
  out.add("image/key/sha256", detail::sha256_text(encoded));
  out.add("image/encoded", as_text(encoded));
  out.add("image/format", std::string_view(to_string(format)));
  out.add("image/object/bbox/xmin", edges[0]);
  out.add("image/object/bbox/ymin", edges[1]);
  out.add("image/object/bbox/xmax", edges[2]);
  out.add("image/object/bbox/ymax", edges[3]);
  out.add("image/object/class/text", texts);
  out.add("image/object/class/label", labels);
  out.add("image/object/is_crowd", crowd);
  out.add("image/object/area", areas);
  out.add("image/object/difficult", difficult);
  out.add("image/object/truncated", truncated);
  return out.take();
}

}  // namespace pasu::data
