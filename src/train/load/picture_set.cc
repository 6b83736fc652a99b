#include "train/load/picture_set.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fnmatch.h>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "base/log.h"
#include "pixel/letterbox.h"
#include "train/data/label_map.h"
#include "train/data/picture_decode.h"
#include "train/load/detail/own_frame.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;
using data::Split;

std::string name_of_set(const SetOptions& set) {
  if (!set.name.empty()) return set.name;
  std::string path = set.path;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::error_code error;
  if (fs::is_directory(path, error)) return fs::absolute(path).filename().string();
  const std::string stem = fs::path(path).stem().string();
  return stem == "instances" ? fs::absolute(path).parent_path().filename().string() : stem;
}

Result<std::vector<Split>> splits_of(const SetOptions& set) {
  std::optional<data::LabelMap> labels;
  if (!set.label_map.empty()) labels = TRY(data::read_label_map(set.label_map, nullptr));
  data::OpenOptions options;
  options.images = set.images;
  options.labels = labels ? &*labels : nullptr;
  auto splits = TRY(data::open_source(set.path, options));
  if (set.split.empty()) return splits;
  std::string names;
  for (const Split& split : splits)
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", split.name);
  std::erase_if(splits, [&](const Split& split) { return split.name != set.split; });
  if (splits.empty())
    return fail(Errc::invalid_argument, "{}: has no split '{}'; there are {}", set.path, set.split,
                names);
  return splits;
}

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

struct PictureSet::Impl {
  struct Place {
    size_t set = 0, split = 0, picture = 0;
    std::string name;
    data::Picture picture_data;
  };
  struct Cached {
    std::mutex mutex;  // Of this picture's decoding: two threads never do the same.
    std::shared_ptr<const Decoded> decoded;
    std::optional<Error> error;
  };

  PictureSetOptions options;
  std::vector<std::string> classes;
  std::vector<Split> splits;
  std::vector<std::unique_ptr<std::mutex>> split_mutexes;  // Null where any thread may load().
  std::vector<Place> places;
  std::unique_ptr<Cached[]> cache;
  std::atomic<uint64_t> decoded{0}, from_cache{0}, cache_bytes{0}, failed{0}, boxes_empty{0};
  std::mutex failures_mutex;
  std::vector<std::string> failures;

  Result<void> read();
  Result<void> number_classes(const Split& split, const std::string& set, size_t splits_before);
  void take(Split& split, size_t set, size_t split_index, std::vector<bool>& used);
  [[nodiscard]] bool held_out(const std::string& key, std::vector<bool>& used) const;
  Result<std::shared_ptr<const Decoded>> decode_now(const Place& place);
};

/// Class lists: the given one, or the first set's, which the others must share.
Result<void> PictureSet::Impl::number_classes(const Split& split, const std::string& set,
                                              size_t splits_before) {
  if (!options.classes.empty()) return {};
  std::vector<std::string> names;
  for (const data::Category& category : split.set.categories) names.push_back(category.name);
  if (splits_before == 0) classes = names;
  if (names == classes) return {};
  return fail(Errc::invalid_argument,
              "{}: its classes are {}; those of the sets before it {}; name the classes to train",
              set, joined(names), joined(classes));
}

bool PictureSet::Impl::held_out(const std::string& key, std::vector<bool>& used) const {
  bool out = false;
  for (size_t i = 0; i < options.hold_out.size(); ++i) {
    if (::fnmatch(options.hold_out[i].c_str(), key.c_str(), 0) != 0) continue;
    used[i] = true;
    out = true;
  }
  return out;
}

void PictureSet::Impl::take(Split& split, size_t set, size_t split_index, std::vector<bool>& used) {
  const std::string set_name = name_of_set(options.sets[set]);
  std::map<int64_t, int64_t> labels;
  for (const data::Category& category : split.set.categories) {
    const auto found = std::ranges::find(classes, category.name);
    if (found != classes.end()) labels[category.id] = found - classes.begin();
  }
  for (size_t i = 0; i < split.set.pictures.size(); ++i) {
    data::Picture& picture = split.set.pictures[i];
    const std::string& source = picture.source.empty() ? picture.file : picture.source;
    const bool held = held_out(fmt::format("{}/{}", set_name, source), used);
    if (options.part != PictureSetOptions::Part::all &&
        held != (options.part == PictureSetOptions::Part::held_out))
      continue;
    std::erase_if(picture.objects,
                  [&](const data::Object& object) { return !labels.contains(object.category); });
    boxes_empty += std::erase_if(picture.objects, [](const data::Object& object) {
      return !(object.box.w > 0 && object.box.h > 0);
    });
    for (data::Object& object : picture.objects) object.category = labels.at(object.category);
    Place place{.set = set, .split = split_index, .picture = i, .name = {}, .picture_data = {}};
    place.name = set_name + "/" + picture.file;
    place.picture_data = std::move(picture);
    places.push_back(std::move(place));
  }
  split.set.pictures.clear();
}

Result<void> PictureSet::Impl::read() {
  classes = options.classes;
  std::vector<bool> used(options.hold_out.size());
  std::vector<std::string> seen;
  size_t pictures = 0;
  for (size_t s = 0; s < options.sets.size(); ++s) {
    if (!(options.sets[s].weight >= 0))
      return fail(Errc::invalid_argument, "{}: a weight of {}", options.sets[s].path,
                  options.sets[s].weight);
    auto read = TRY(splits_of(options.sets[s]));
    for (Split& split : read) {
      TRY(number_classes(split, options.sets[s].path, splits.size()));
      for (const data::Category& category : split.set.categories) seen.push_back(category.name);
      pictures += split.set.pictures.size();
      take(split, s, splits.size(), used);
      split_mutexes.push_back(split.pictures->is_folder() ? nullptr
                                                          : std::make_unique<std::mutex>());
      splits.push_back(std::move(split));
    }
  }
  for (const std::string& name : classes)
    if (std::ranges::find(seen, name) == seen.end())
      return fail(Errc::invalid_argument, "no data set has the class '{}'; they have {}", name,
                  joined(seen));
  for (size_t i = 0; i < used.size(); ++i)
    if (!used[i])
      return fail(Errc::invalid_argument, "hold out '{}': no picture is of that source",
                  options.hold_out[i]);
  if (places.empty() && pictures == 0) {
    std::string paths;
    for (const SetOptions& set : options.sets) paths += (paths.empty() ? "" : ", ") + set.path;
    return fail(Errc::invalid_argument, "no picture in {}", paths.empty() ? "no data set" : paths);
  }
  if (places.empty())
    return fail(Errc::invalid_argument, "{} of all {} pictures are held out: none is left",
                options.part == PictureSetOptions::Part::held_out ? 0 : pictures, pictures);
  cache = std::make_unique<Cached[]>(places.size());
  return {};
}

Result<std::shared_ptr<const PictureSet::Decoded>> PictureSet::Impl::decode_now(
    const Place& place) {
  const auto load = [&]() -> Result<std::string> {
    std::unique_lock<std::mutex> lock;
    if (const auto& mutex = split_mutexes[place.split]) lock = std::unique_lock<std::mutex>(*mutex);
    return splits[place.split].pictures->load(place.picture);
  };
  const std::string bytes = TRY(with_context(load(), place.name));
  const media::Frame frame = TRY(with_context(data::decode_frame(as_bytes(bytes)), place.name));
  ++decoded;
  return std::make_shared<const Decoded>(
      detail::own_frame(frame, place.picture_data.size, options.side_max));
}

PictureSet::PictureSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PictureSet::~PictureSet() = default;

Result<std::shared_ptr<PictureSet>> PictureSet::open(const PictureSetOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  TRY(impl->read());
  return std::shared_ptr<PictureSet>(new PictureSet(std::move(impl)));
}

const std::vector<std::string>& PictureSet::classes() const { return impl_->classes; }
size_t PictureSet::size() const { return impl_->places.size(); }
const SetOptions& PictureSet::set_of(size_t picture) const {
  return impl_->options.sets[impl_->places[picture].set];
}
const std::string& PictureSet::name(size_t picture) const { return impl_->places[picture].name; }
const data::Picture& PictureSet::picture(size_t picture) const {
  return impl_->places[picture].picture_data;
}

Result<std::shared_ptr<const PictureSet::Decoded>> PictureSet::decode(size_t picture) {
  Impl::Cached& cached = impl_->cache[picture];
  const std::lock_guard lock(cached.mutex);
  if (cached.error) return tl::unexpected<Error>(*cached.error);
  if (cached.decoded) {
    ++impl_->from_cache;
    return cached.decoded;
  }
  auto decoded = impl_->decode_now(impl_->places[picture]);
  if (!decoded) {
    cached.error = decoded.error();
    ++impl_->failed;
    const std::lock_guard failures_lock(impl_->failures_mutex);
    if (impl_->failures.size() < kFailuresMax) {
      log::warn("{}: left out of training", decoded.error().message());
      impl_->failures.push_back(decoded.error().message());
    }
    return decoded;
  }
  const uint64_t bytes = detail::bytes_of((*decoded)->frame);
  if (impl_->cache_bytes.fetch_add(bytes) + bytes <= impl_->options.cache_bytes_max)
    cached.decoded = *decoded;
  else
    impl_->cache_bytes -= bytes;
  return decoded;
}

Result<PlainSample> PictureSet::plain(size_t picture, geom::Size size, bool fill) {
  const auto decoded = TRY(decode(picture));
  const media::Frame& frame = decoded->frame;
  const geom::Size from{frame.width, frame.height};
  const auto box = fill ? geom::Letterbox::stretch(from, size) : geom::Letterbox::fit(from, size);
  PlainSample out;
  out.scale_x = box.scale_x * decoded->scale_x;
  out.scale_y = box.scale_y * decoded->scale_y;
  out.offset_x = static_cast<float>(box.offset_x);
  out.offset_y = static_cast<float>(box.offset_y);
  Sample& sample = out.sample;
  sample.size = size;
  sample.name = name(picture);
  sample.picture = picture;
  sample.rgb.resize(static_cast<size_t>(size.width) * static_cast<size_t>(size.height) * 3);
  pixel::letterbox_u8(frame, box, pixel::ChannelOrder::rgb, sample.rgb.data());
  const auto right = static_cast<float>(box.offset_x + box.scaled.width);
  const auto bottom = static_cast<float>(box.offset_y + box.scaled.height);
  for (const data::Object& object : this->picture(picture).objects) {
    const auto x = [&](double at) {
      return std::clamp(static_cast<float>(at) * out.scale_x + out.offset_x, out.offset_x, right);
    };
    const auto y = [&](double at) {
      return std::clamp(static_cast<float>(at) * out.scale_y + out.offset_y, out.offset_y, bottom);
    };
    const Truth truth{.x1 = x(object.box.x),
                      .y1 = y(object.box.y),
                      .x2 = x(object.box.x + object.box.w),
                      .y2 = y(object.box.y + object.box.h),
                      .label = static_cast<int>(object.category),
                      .score = static_cast<float>(object.score),
                      .ignore = object.crowd};
    if (truth.width() > 0 && truth.height() > 0) sample.truths.push_back(truth);
  }
  return out;
}

PictureSet::Counts PictureSet::counts() const {
  return {.decoded = impl_->decoded,
          .from_cache = impl_->from_cache,
          .cache_bytes = impl_->cache_bytes,
          .failed = impl_->failed,
          .boxes_empty = impl_->boxes_empty};
}

std::vector<std::string> PictureSet::failures() const {
  const std::lock_guard lock(impl_->failures_mutex);
  return impl_->failures;
}

}  // namespace pasu::train
