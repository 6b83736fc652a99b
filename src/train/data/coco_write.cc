#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_set>
#include <utility>

#include "base/json_text.h"
#include "base/part_file.h"
#include "train/data/coco.h"

namespace pasu::data {
namespace {

/// Ids as they are where each stands for one thing, fresh ones after the highest for 0 and repeats.
class Ids {
 public:
  void add(int64_t id) {
    if (id != 0) highest_ = std::max(highest_, id);
  }
  Result<int64_t> next(int64_t id) {
    if (id != 0 && taken_.insert(id).second) return id;
    if (highest_ == std::numeric_limits<int64_t>::max())
      return fail(Errc::invalid_argument, "no id is left after {}", highest_);
    return ++highest_;
  }

 private:
  int64_t highest_ = 0;
  std::unordered_set<int64_t> taken_;
};

class Writer {
 public:
  explicit Writer(PartFile& file) : file_(file) {}

  template <class... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  Result<void> flush(size_t above = 0) {
    if (text_.size() <= above) return {};
    TRY(file_.write(as_bytes(text_)));
    text_.clear();
    return {};
  }

 private:
  PartFile& file_;
  std::string text_;
};

void put_object(Writer& out, const Object& object, int64_t id, int64_t picture) {
  const Box& b = object.box;
  out.put(R"({{"id":{},"image_id":{},"category_id":{},"bbox":[{},{},{},{}],"area":{},"iscrowd":{})",
          id, picture, object.category, b.x, b.y, b.w, b.h, object.area, object.crowd ? 1 : 0);
  if (object.difficult) out.put(R"(,"difficult":1)");
  if (object.truncated) out.put(R"(,"truncated":1)");
  if (object.occluded != 0) out.put(R"(,"occluded":{})", object.occluded);
  if (object.score != 1) out.put(R"(,"score":{})", object.score);
  out.put("}}");
}

}  // namespace

Result<void> write_coco(const DataSet& set, const std::filesystem::path& path) {
  constexpr size_t kChunk = 1 << 20;
  Ids picture_ids, object_ids;
  for (const Picture& picture : set.pictures) {
    picture_ids.add(picture.id);
    for (const Object& object : picture.objects) object_ids.add(object.id);
  }
  PartFile file = TRY(PartFile::create(path.string()));
  Writer out(file);
  out.put("{{\"images\":[");
  std::vector<int64_t> ids;
  for (const Picture& picture : set.pictures) {
    const int64_t id = TRY(with_context(picture_ids.next(picture.id), path.string()));
    out.put(R"({}{{"id":{},"file_name":{})", ids.empty() ? "\n" : ",\n", id,
            json_text(picture.file));
    if (picture.size != geom::Size{})
      out.put(R"(,"width":{},"height":{})", picture.size.width, picture.size.height);
    if (!picture.source.empty()) out.put(R"(,"source":{})", json_text(picture.source));
    out.put("}}");
    ids.push_back(id);
    TRY(out.flush(kChunk));
  }
  out.put("],\n\"annotations\":[");
  bool first = true;
  for (size_t i = 0; i < set.pictures.size(); ++i) {
    for (const Object& object : set.pictures[i].objects) {
      const Box& b = object.box;
      if (!std::isfinite(b.x + b.y + b.w + b.h + object.area))
        return fail(Errc::invalid_argument, "{}: picture '{}': box {}, {}, {}, {} is not finite",
                    path.string(), set.pictures[i].file, b.x, b.y, b.w, b.h);
      const int64_t id = TRY(with_context(object_ids.next(object.id), path.string()));
      out.put("{}", std::exchange(first, false) ? "\n" : ",\n");
      put_object(out, object, id, ids[i]);
      TRY(out.flush(kChunk));
    }
  }
  out.put("],\n\"categories\":[");
  for (size_t i = 0; i < set.categories.size(); ++i)
    out.put(R"({}{{"id":{},"name":{}}})", i == 0 ? "\n" : ",\n", set.categories[i].id,
            json_text(set.categories[i].name));
  out.put("]}}\n");
  TRY(out.flush());
  return file.commit();
}

}  // namespace pasu::data
