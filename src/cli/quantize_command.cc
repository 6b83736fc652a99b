// pasu quantize: a trained checkpoint as a model package that runs in INT8.
#include <memory>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/trained_source.h"
#include "job/quantize.h"

namespace pasu::cli {
namespace {

constexpr const char* kFooter = R"(Examples:
  pasu quantize runs/street -o models/street --pictures site/ --held-out val.json --images val/
  pasu quantize runs/street -o models/street --pictures a/ --pictures b/ --rule percentile

A few hundred pictures from where the model will be used set the ranges of its maps. Each --held-out
set, with the --images at its place, is detected in float and in INT8. Where INT8 loses more AP50
than --drop-max on any of them, the convolutions that cost most are left float; where that does not
help, no package is written. Without --held-out nothing is proved.)";

struct Words {
  TrainedWords trained;
  job::QuantizeJob job;
  std::vector<std::string> annotations, images;
  std::string rule = "mse";
};

void print_numbers(const std::vector<job::HeldOutNumbers>& all) {
  if (all.empty()) return;
  print(fmt::format("{:<40} {:>9} {:>7} {:>7} {:>7}\n", "held out, AP50", "size", "float", "INT8",
                    "lost"));
  for (const auto& one : all)
    print(fmt::format("{:<40} {:>9} {:>7.3f} {:>7.3f} {:>7.3f}\n", one.annotations,
                      fmt::format("{}x{}", one.size.width, one.size.height), one.in_float,
                      one.in_int8, one.in_float - one.in_int8));
}

Result<job::QuantizeOutcome> run(Words& words) {
  using Rule = train::QuantizeOptions::Rule;
  for (const Rule rule : {Rule::min_max, Rule::percentile, Rule::mse})
    if (words.rule == to_string(rule)) words.job.how.rule = rule;
  if (words.annotations.size() != words.images.size())
    return fail(Errc::invalid_argument, "{} --held-out and {} --images; each set needs its own",
                words.annotations.size(), words.images.size());
  for (size_t i = 0; i < words.annotations.size(); ++i)
    words.job.held_out.push_back({words.annotations[i], words.images[i]});
  const auto trained = TRY(read_trained(words.trained, words.job.package));
  job::Progress progress(Terminal::of_stderr().interactive);
  return with_context(
      job::quantize_package(trained.graph, trained.weights, words.job, progress, stop_requested()),
      trained.path);
}

int quantize(Words& words) {
  const auto outcome = run(words);
  if (!outcome) {
    report(outcome.error());
    return outcome.error().code() == Errc::cancelled ? kInterrupted : kFailed;
  }
  print_numbers(outcome->held_out);
  if (!outcome->kept_float.empty())
    print(fmt::format("left float: {}\n", fmt::join(outcome->kept_float, ", ")));
  if (!outcome->package)
    return report(Error(
        Errc::invalid_argument,
        fmt::format("INT8 loses more than {} of AP50, so {} was not written. Calibrate by more or "
                    "other pictures, try another --rule, or raise --keep-float-max",
                    words.job.drop_max, words.job.package.folder.string())));
  std::string variants;
  for (const auto& variant : outcome->package->manifest.variants)
    variants += (variants.empty() ? "" : ", ") + variant.name;
  print(fmt::format("{}: model {}, {}. It runs.\n", outcome->package->folder.string(),
                    outcome->package->manifest.name, variants));
  return kDone;
}

}  // namespace

void add_quantize(CLI::App& app, int& exit_code) {
  auto words = std::make_shared<Words>();
  CLI::App* command =
      app.add_subcommand("quantize", "Make an INT8 model package of a trained checkpoint");
  add_trained_options(*command, words->trained, words->job.package);
  command->add_option("--pictures", words->job.pictures, "Folders of pictures to calibrate by")
      ->required()
      ->type_name("DIR");
  command->add_option("--count", words->job.count, "How many of them, evenly spread")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  command->add_option("--rule", words->rule, "Where ranges end: mse, percentile, min_max")
      ->capture_default_str()
      ->check(CLI::IsMember({"mse", "percentile", "min_max"}));
  command->add_option("--percentile", words->job.how.percentile, "Of --rule percentile")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 1.0));
  command
      ->add_option("--keep-float", words->job.how.keep_float,
                   "Convolutions that stay float, by name, such as head.s8.out")
      ->delimiter(',');
  command
      ->add_option("--held-out", words->annotations,
                   "Annotations of pictures that neither training nor calibration saw")
      ->type_name("PATH");
  command->add_option("--images", words->images, "The pictures of each --held-out")
      ->type_name("DIR");
  command->add_option("--drop-max", words->job.drop_max, "AP50 that INT8 may lose on any set")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
  command
      ->add_option("--keep-float-max", words->job.keep_float_max,
                   "Convolutions that may be left float where INT8 loses too much")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000));
  command->footer(kFooter);
  command->callback([words, &exit_code] { exit_code = finish_output(quantize(*words)); });
}

}  // namespace pasu::cli
