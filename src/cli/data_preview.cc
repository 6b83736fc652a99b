// pasu data preview: what training is fed, as a sheet of pictures.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "base/part_file.h"
#include "cli/command.h"
#include "cli/data_parts.h"
#include "cli/on_call.h"
#include "cli/output.h"
#include "train/load/loader.h"
#include "train/load/preview.h"

namespace pasu::cli {
namespace {

struct PreviewWords {
  std::vector<std::string> inputs, hold_out;
  std::string output = "preview.jpg", size = "320x192", images, label_map;
  int count = 24;
  uint64_t seed = 1;
  bool plain = false, held_out = false, fill = false, ssd = false;
};

Result<int> run_preview(const PreviewWords& words) {
  const geom::Size size = TRY(size_of_words(words.size));
  train::PictureSetOptions options;
  for (const std::string& input : words.inputs) {
    train::SetOptions set;
    set.path = input;
    set.images = words.images;
    set.label_map = words.label_map;
    options.sets.push_back(set);
  }
  options.hold_out = words.hold_out;
  if (!words.hold_out.empty())
    options.part = words.held_out ? train::PictureSetOptions::Part::held_out
                                  : train::PictureSetOptions::Part::kept;
  const auto pictures = TRY(train::PictureSet::open(options));
  train::Augmentation augmentation;
  if (words.ssd) {
    augmentation = train::Augmentation::none();
    augmentation.ssd_crop = 1;
    augmentation.flip = 0.5f;
  }
  const train::BatchPlan plan{.size = size,
                              .count = words.count,
                              .augmentation = words.plain ? nullptr : &augmentation,
                              .fill = words.fill || words.ssd};
  auto loader = TRY(train::Loader::create(
      {.pictures = pictures, .plan = [&](uint64_t) { return plan; }, .seed = words.seed}));
  const train::Batch batch = TRY(loader->next());
  const Bytes sheet = TRY(train::preview(train::samples_of(batch)));
  TRY(write_file(words.output, sheet));
  std::vector<float> heights;
  size_t ignored = 0;
  for (const auto& sample : batch.samples)
    for (const train::Truth& truth : sample.truths) {
      if (truth.ignore)
        ++ignored;
      else
        heights.push_back(truth.height());
    }
  std::ranges::sort(heights);
  print(fmt::format("{}: {} samples of {} pictures, {} boxes, {} more to be ignored\n",
                    words.output, batch.count(), pictures->size(), heights.size(), ignored));
  const auto part = [&](size_t percent) { return heights[heights.size() * percent / 100]; };
  if (!heights.empty())
    print(
        fmt::format("heights: 5 % below {:.0f}, a quarter below {:.0f}, median {:.0f}, a quarter "
                    "above {:.0f}, 5 % above {:.0f} pixels\n",
                    part(5), part(25), part(50), part(75), part(95)));
  return kDone;
}

}  // namespace

Result<geom::Size> size_of_words(const std::string& words) {
  geom::Size out;
  char end = 0;
  constexpr int kSideMax = 8192;
  if (std::sscanf(words.c_str(), "%dx%d%c", &out.width, &out.height, &end) != 2 || out.width < 8 ||
      out.height < 8 || out.width > kSideMax || out.height > kSideMax)
    return fail(Errc::invalid_argument, "'{}' is no size: give it as 320x192", words);
  return out;
}

void add_data_preview(CLI::App& data, int& exit_code) {
  auto* command = data.add_subcommand("preview", "A sheet of what training makes of a data set.");
  auto words = std::make_shared<PreviewWords>();
  command->add_option("DATA", words->inputs, "Folders or files of annotations")->required();
  command->add_option("-o,--output", words->output, "The sheet, a JPEG")->type_name("FILE");
  command->add_option("--size", words->size, "Of the network's input")->type_name("WxH");
  command->add_option("--count", words->count, "Samples")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--seed", words->seed, "Another one draws other samples")->type_name("N");
  command->add_flag("--plain", words->plain, "Letterboxed alone, as the server does it");
  command->add_flag("--fill", words->fill, "Stretched to the input rather than letterboxed");
  command->add_flag("--ssd", words->ssd,
                    "SSD's random crops, as the TF OD API's configurations ask");
  command
      ->add_option("--hold-out", words->hold_out, "Leave out pictures \"set/source\" by a pattern")
      ->type_name("PATTERN");
  command->add_flag("--held-out", words->held_out, "Show what --hold-out leaves out");
  command->add_option("--images", words->images, "The folder of pictures, where it is not found")
      ->type_name("DIR");
  command->add_option("--label-map", words->label_map, "A label map (pbtxt)")->type_name("FILE");
  command->footer(
      "Green boxes are people's annotations, yellow ones a teacher's; grey ones are ignored in\n"
      "training: crowds, what is mostly cut away or too small.\n\n"
      "Examples:\n"
      "  pasu data preview dataset -o sheet.jpg --size 320x192 --count 24\n"
      "  pasu data preview street office --hold-out 'street/*camera_7*' --held-out --plain");
  on_call(command, words, run_preview, exit_code);
}

}  // namespace pasu::cli
