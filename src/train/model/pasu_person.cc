#include "base/assert.h"
#include "train/model/detail/builder.h"
#include "train/model/models.h"

namespace pasu::train {
namespace {

using detail::Builder;

class PersonBuilder {
 public:
  explicit PersonBuilder(const PersonOptions& options)
      : options_(options), builder_("pasu_person", {.mean = {0, 0, 0}, .scale = 1. / 255}) {}

  Graph build() {
    int x = builder_.input();
    x = conv("stem.0", x, options_.stem[0], 3, 2);
    x = conv("stem.1", x, options_.stem[1], 3, 2);
    std::vector<int> levels;
    for (size_t i = 0; i < 3; ++i) levels.push_back(x = stage(i, x));
    for (size_t i = 0; i < 3; ++i)
      levels[i] = conv("lateral." + level_name(i), levels[i], options_.neck, 1, 1);
    for (size_t i = 2; i-- > 0;) {
      levels[i] = builder_.add("sum." + level_name(i), levels[i],
                               builder_.upsample("up." + level_name(i), levels[i + 1]));
      if (options_.smooth)
        levels[i] = conv("smooth." + level_name(i), levels[i], options_.neck, 3, 1);
    }
    for (size_t i = 0; i < 3; ++i) head(i, levels[i]);
    return builder_.finish();
  }

 private:
  static int stride(size_t level) { return 8 << level; }
  static std::string level_name(size_t level) { return fmt::format("s{}", stride(level)); }

  int conv(const std::string& name, int from, int out, int kernel, int step,
           Activation activation = Activation::relu, Padding padding = Padding::half,
           double first_gamma = 1) {
    const Conv conv{.out = out,
                    .kernel = kernel,
                    .stride = step,
                    .padding = padding,
                    .norm = BatchNorm{1e-5, options_.momentum, true, first_gamma}};
    return builder_.conv(name, from, conv, activation);
  }
  int stage(size_t level, int x) {
    const std::string name = level_name(level);
    const int width = options_.widths[level];
    x = conv(name + ".down", x, width, 3, 2, Activation::relu,
             options_.centred && level != 1 ? Padding::same : Padding::half);
    for (int i = 0; i < options_.blocks[level]; ++i) {
      const std::string block = fmt::format("{}.{}", name, i);
      const int a = conv(block + ".a", x, width, 3, 1);
      const int b = conv(block + ".b", a, width, 3, 1, Activation::none, Padding::half,
                         options_.identity_blocks ? 0 : 1);
      x = builder_.add(block, x, b, Activation::relu);
    }
    return x;
  }
  void head(size_t level, int x) {
    const std::string name = level_name(level);
    for (int i = 0; i < options_.head_convs; ++i)
      x = conv(fmt::format("head.{}.{}", name, i), x, options_.head, 3, 1);
    const Conv last{.out = options_.classes + 4, .kernel = 1, .bias = true};
    builder_.output(name, builder_.conv("head." + name + ".out", x, last, Activation::none),
                    stride(level));
  }

  const PersonOptions options_;
  Builder builder_;
};

}  // namespace

Graph pasu_person(const PersonOptions& options) {
  ASSERT(options.stem.size() == 2 && options.widths.size() == 3 && options.blocks.size() == 3);
  return PersonBuilder(options).build();
}

}  // namespace pasu::train
