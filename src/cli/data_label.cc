// pasu data label: teachers' boxes and scores for a data set.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/data_parts.h"
#include "cli/data_progress.h"
#include "cli/on_call.h"
#include "cli/output.h"
#include "job/label.h"

namespace pasu::cli {
namespace {

struct LabelWords {
  job::LabelOptions options;
  std::vector<std::string> teachers;
};

/// MODEL, MODEL=WEIGHT or MODEL=WEIGHT:MID:SLOPE.
Result<job::Teacher> teacher_of(const std::string& words) {
  job::Teacher out{.model = words};
  const size_t at = words.rfind('=');
  if (at == words.npos) return out;
  out.model = words.substr(0, at);
  char rest = 0;
  job::Calibration& c = out.calibration;
  const int read =
      std::sscanf(words.c_str() + at + 1, "%f:%f:%f%c", &out.weight, &c.mid, &c.slope, &rest);
  const bool good = out.weight > 0 && out.weight <= 1000 && c.mid > 0 && c.mid < 1 && c.slope > 0 &&
                    c.slope <= 100;
  const auto colons = std::ranges::count(words.substr(at), ':');
  if ((read != 1 && read != 3) || !good || colons != read - 1)
    return fail(Errc::invalid_argument, "--teacher {}: '{}' is no WEIGHT nor WEIGHT:MID:SLOPE",
                words, words.substr(at + 1));
  return out;
}

Result<int> run_label(LabelWords& words) {
  job::LabelOptions& options = words.options;
  for (const std::string& teacher : words.teachers)
    options.teachers.push_back(TRY(teacher_of(teacher)));
  options.stop = &stop_requested();
  DataProgress progress("labelling");
  options.progress = [&](uint64_t done, uint64_t all) { progress.update(done, all); };
  const auto report = job::label(options);
  progress.clear();
  if (!report) return tl::unexpected<Error>(report.error());
  for (const std::string& failure : report->failures)
    std::fprintf(stderr, "left out: %s\n", failure.c_str());
  for (size_t t = 0; t < report->measured.size(); ++t)
    if (const auto& c = report->measured[t])
      print(fmt::format("{}: right half of the time at score {:.3f}: ={}:{:.3f}:{:.2f}\n",
                        options.teachers[t].model, c->mid, options.teachers[t].weight, c->mid,
                        c->slope));
  print(
      fmt::format("{}: {} pictures ({} noted before), {} hand-drawn boxes ({} that the teachers "
                  "hardly see), {} people added, {} boxes to be ignored\n",
                  options.output, report->pictures - report->failures.size(), report->noted_before,
                  report->drawn, report->drawn_unseen, report->added, report->ignored));
  return kDone;
}

}  // namespace

void add_data_label(CLI::App& data, int& exit_code) {
  auto* command = data.add_subcommand("label", "Have models label people, for another to learn.");
  auto words = std::make_shared<LabelWords>();
  job::LabelOptions& options = words->options;
  command
      ->add_option("DATA", options.input,
                   "A data set, whose boxes are kept, or a folder of pictures")
      ->required();
  command->add_option("--teacher", words->teachers, "A model, and its say; repeat for several")
      ->type_name("MODEL[=WEIGHT[:MID:SLOPE]]")
      ->allow_extra_args(false)
      ->required();
  command->add_option("-o,--output", options.output, "A folder, to which the same run goes on")
      ->type_name("OUT")
      ->required();
  command->add_flag("--calibrate", options.calibrate,
                    "Find out what each teacher's scores mean from the hand-drawn boxes");
  command->add_option("--trust", options.rules.trust, "The least score of hand-drawn boxes; 1: all")
      ->check(CLI::Range(0.0, 1.0));
  command
      ->add_option("--person", options.rules.person_score,
                   "The score from which on those whom only teachers see are people")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--votes", options.rules.votes_min, "How many teachers must see them")
      ->check(CLI::Range(1, 32))
      ->type_name("N");
  command
      ->add_option("--doubt", options.rules.doubt_score,
                   "The score from which on they are ignored rather than background")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--threads", options.threads, "0: one a core")
      ->check(CLI::Range(0, 256))
      ->type_name("N");
  command->footer(
      "OUT holds instances.json, a link to the pictures, and teachers.jsonl with what each "
      "teacher\n"
      "saw: a run that was stopped goes on by it, and one with other --trust, --person or --doubt\n"
      "looks at no picture again.\n\n"
      "Models differ in what a score means. MID and SLOPE say it: the score at which a teacher is\n"
      "right half of the time. Each run measures them where there are hand-drawn boxes and prints\n"
      "them, for sets that have none.\n\n"
      "Example:\n"
      "  pasu data label street --teacher big.xml --teacher yolox.onnx=0.7 -o street_labelled");
  on_call(command, words, run_label, exit_code);
}

}  // namespace pasu::cli
