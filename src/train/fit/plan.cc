#include "train/fit/plan.h"

#include <bit>
#include <map>
#include <sstream>
#include <type_traits>
#include <utility>

namespace pasu::train {
namespace {

/// SplitMix64 (Steele et al. 2014).
uint64_t mixed(uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

class Hash {
 public:
  template <class T>
    requires std::is_arithmetic_v<T>
  void add(T value) {
    uint64_t bits = 0;
    if constexpr (std::is_floating_point_v<T>)
      bits = std::bit_cast<uint64_t>(static_cast<double>(value));
    else
      bits = static_cast<uint64_t>(value);
    hash_ = mixed(hash_ ^ bits);
  }
  void add(const std::string& text) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(text.size());
  }
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  uint64_t hash_ = 0;
};

/// The hash after the last blank of each line, by what stands before it.
std::map<std::string, std::string> lines_of(const std::string& fingerprint) {
  std::map<std::string, std::string> out;
  std::istringstream lines(fingerprint);
  for (std::string line; std::getline(lines, line);)
    if (const size_t blank = line.rfind(' '); blank != line.npos)
      out[line.substr(0, blank)] = line.substr(blank + 1);
  return out;
}

}  // namespace

PlanRule plan_rule(const Settings& settings) {
  return [&settings](uint64_t number) {
    const bool late = settings.is_late(static_cast<int64_t>(number));
    const auto share = [&](const InputSize& one) { return late ? one.late_share : one.share; };
    double all = 0;
    for (const InputSize& one : settings.sizes) all += share(one);
    constexpr double kOne = 1.0 / 9007199254740992.0;  // 2^-53
    const double drawn =
        static_cast<double>(mixed(mixed(settings.seed) ^ number) >> 11) * kOne * all;
    const InputSize* chosen = &settings.sizes.front();
    double sum = 0;
    for (const InputSize& one : settings.sizes) {
      if (share(one) <= 0) continue;
      chosen = &one;
      sum += share(one);
      if (drawn < sum) break;
    }
    return BatchPlan{.size = chosen->size,
                     .count = chosen->batch,
                     .augmentation = late ? &settings.late_augmentation : &settings.augmentation,
                     .fill = settings.ssd && settings.ssd->fill};
  };
}

std::string fingerprint_of(const Settings& settings) {
  Hash seed, sizes;
  seed.add(settings.seed);
  for (const InputSize& one : settings.sizes)
    for (const int value : {one.size.width, one.size.height, one.batch}) sizes.add(value);
  return fmt::format("the seed {}\nthe input sizes {}\n", seed.text(), sizes.text());
}

std::string fingerprint_of(const PictureSet& pictures, const std::string& kind) {
  // By name: sets of one name are one.
  std::map<std::string, std::pair<Hash, Hash>> sets;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const std::string& name = pictures.name(i);
    auto& [own, boxes] = sets[name.substr(0, name.find('/'))];
    const data::Picture& picture = pictures.picture(i);
    own.add(name);
    own.add(pictures.set_of(i).weight);
    boxes.add(picture.objects.size());  // A box that goes to another picture is a change.
    for (const data::Object& object : picture.objects) {
      for (const double value :
           {object.box.x, object.box.y, object.box.w, object.box.h, object.area, object.score})
        boxes.add(value);
      boxes.add(object.category);
      boxes.add(object.crowd);
      boxes.add(object.difficult);
    }
  }
  std::string out;
  for (const auto& [name, hashes] : sets)
    out += fmt::format("the pictures of {0} '{1}' {2}\nthe boxes of {0} '{1}' {3}\n", kind, name,
                       hashes.first.text(), hashes.second.text());
  return out;
}

std::vector<std::string> changes(const std::string& before, const std::string& now) {
  const auto was = lines_of(before), is = lines_of(now);
  std::vector<std::string> out;
  for (const auto& [what, hash] : is)
    if (const auto found = was.find(what); found == was.end() || found->second != hash)
      out.push_back(what);
  for (const auto& [what, hash] : was)
    if (!is.contains(what)) out.push_back(what + ", which are gone");
  return out;
}

}  // namespace pasu::train
