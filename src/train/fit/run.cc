#include "train/fit/run.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <torch/torch.h>

#include "base/clock.h"
#include "base/guard.h"
#include "base/log.h"
#include "base/part_file.h"
#include "train/fit/evaluate.h"
#include "train/fit/events.h"
#include "train/fit/meter.h"
#include "train/fit/plan.h"
#include "train/fit/report.h"
#include "train/fit/run_log.h"
#include "train/fit/trainer.h"
#include "train/load/loader.h"

namespace pasu::train {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLogEvery = 20;

double unix_seconds() {
  return std::chrono::duration<double>(system_clock().utc().time_since_epoch()).count();
}

void warn_unless(const Result<void>& done, const char* what) {
  if (!done) log::error("{}; training goes on without this {}", done.error().message(), what);
}

struct Evaluation {
  std::string name;
  std::shared_ptr<PictureSet> pictures;
};

class Run {
 public:
  Run(const Settings& settings, const RunOptions& options, const std::atomic<bool>& stop)
      : settings_(settings), options_(options), stop_(stop), trainer_(settings_) {}

  Result<RunResult> go() {
    TRY(prepare());
    Meter meter(settings_.steps, options_.interactive);
    meter.begin(trainer_.steps_done());
    for (int64_t saved = trainer_.steps_done();;) {
      if (evaluation_is_due()) {
        meter.clear();
        const auto measured = evaluate();
        if (!measured && measured.error().code() != Errc::cancelled)
          return tl::unexpected(measured.error());
        meter.pause();
      }
      const int64_t step = trainer_.steps_done();
      if (step >= settings_.steps || stopped()) break;
      if (step != saved && step % settings_.checkpoint_every == 0) {
        warn_unless(save_last(), "checkpoint");
        saved = step;
      }
      TRY(train(meter));
    }
    meter.clear();
    TRY(save_last());
    out_.step = trainer_.steps_done();
    out_.finished = out_.step >= settings_.steps && !evaluation_is_due();
    if (out_.finished) TRY(save_averages("final.ckpt"));
    return out_;
  }

 private:
  [[nodiscard]] bool stopped() const {
    return stop_ || (options_.stop_after > 0 && trainer_.steps_done() >= options_.stop_after);
  }
  // Also where a run was stopped in the middle of one.
  [[nodiscard]] bool evaluation_is_due() const {
    const int64_t step = trainer_.steps_done();
    return step > evaluated_ && (step % settings_.evaluate_every == 0 || step == settings_.steps);
  }
  [[nodiscard]] std::string in_folder(const char* name) const {
    return options_.folder + "/" + name;
  }

  Result<void> train(Meter& meter) {
    const Batch batch = TRY(loader_->next());
    const auto result = trainer_.step(batch);
    if (!result) {
      meter.clear();
      return tl::unexpected(result.error());
    }
    meter.add(*result, loader_->waited_seconds());
    const int64_t step = trainer_.steps_done();
    if (step % kLogEvery == 0 || step == settings_.steps) log_step(meter, step);
    return {};
  }

  Result<void> prepare() {
    std::error_code error;
    fs::create_directories(options_.folder, error);
    if (error) return fail(Errc::io, "{}: cannot be made: {}", options_.folder, error.message());
    const bool there = fs::exists(in_folder("last.ckpt"));
    if (there && !options_.resume)
      return fail(Errc::exists,
                  "{} holds a training run; --resume goes on with it, or name another folder",
                  options_.folder);
    TRY(open_pictures());
    if (there)
      TRY(with_context(resume(), in_folder("last.ckpt")));
    else if (!options_.from.empty())
      TRY(with_context(begin_with({.path = options_.from}), "--from"));
    else if (const auto begun = begin_with(settings_.from); !begun)
      return fail(begun.error().code(),
                  "train_config.fine_tune_checkpoint: {}; without that field training begins with "
                  "random weights",
                  begun.error().message());
    if (options_.resume && !there)
      log::warn("{} holds no checkpoint yet: training begins", options_.folder);
    if (!settings_.text.empty())
      TRY(write_file(in_folder("pipeline.config"), as_bytes(settings_.text)));
    const int64_t step = trainer_.steps_done();
    log_ = std::make_unique<RunLog>(TRY(RunLog::open(in_folder("log.jsonl"), step)));
    events_ =
        std::make_unique<EventFile>(TRY(EventFile::create(options_.folder, unix_seconds(), step)));
    return {};
  }

  Result<void> begin_with(const StartFrom& from) {
    if (from.path.empty()) return {};
    const StartWeights start = TRY(read_start(from, trainer_.network().graph()));
    return log_start(from, start, trainer_.start_from(start.weights));
  }

  Result<void> open_pictures() {
    const auto pictures = TRY(PictureSet::open(settings_.pictures));
    if (static_cast<int>(pictures->classes().size()) != settings_.classes())
      return fail(
          Errc::invalid_argument, "the pictures have {} classes ({}), and num_classes is {}",
          pictures->classes().size(), fmt::join(pictures->classes(), ", "), settings_.classes());
    for (const EvalSet& set : settings_.evaluations) {
      PictureSetOptions wanted = set.pictures;
      wanted.classes = pictures->classes();
      auto opened = TRY(with_context(PictureSet::open(wanted), "eval " + set.name));
      evaluations_.push_back({set.name, std::move(opened)});
    }
    loader_ = TRY(Loader::create({.pictures = pictures,
                                  .plan = plan_rule(settings_),
                                  .seed = settings_.seed,
                                  .threads = settings_.load_threads}));
    log::info("{} pictures, {:.0f} samples an epoch; {} sets to measure on", pictures->size(),
              loader_->epoch_samples(), evaluations_.size());
    labels_ = fmt::format("{}", fmt::join(pictures->classes(), "\n"));
    fingerprint_ = fingerprint_of(settings_) + fingerprint_of(*pictures, "set");
    for (const Evaluation& one : evaluations_)
      fingerprint_ += fingerprint_of(*one.pictures, "evaluation set");
    return {};
  }

  Result<void> resume() {
    const Checkpoint checkpoint = TRY(load_checkpoint(in_folder("last.ckpt")));
    const auto fact = [&](const char* name) -> std::string {
      const auto found = checkpoint.facts.find(name);
      return found == checkpoint.facts.end() ? "" : found->second;
    };
    if (fact(kGraphFact) != write_graph(trainer_.network().graph()))
      return fail(Errc::invalid_argument,
                  "is of another network than the configuration's; train that one in another "
                  "folder, with --from to begin with these weights");
    TRY(trainer_.restore(checkpoint));
    const auto count = [&](const char* name) {
      return std::strtoull(fact(name).c_str(), nullptr, 10);
    };
    loader_->restore({.batch = count("loader.batch"),
                      .epoch = count("loader.epoch"),
                      .position = count("loader.position")});
    out_.best_score =
        fact("best.score").empty() ? -1 : std::strtod(fact("best.score").c_str(), nullptr);
    out_.best_step = static_cast<int64_t>(count("best.step"));
    evaluated_ = static_cast<int64_t>(count("evaluated"));
    if (fact("data").find('\n') == std::string::npos)  // A hash of all, until November 2026.
      log::warn("{}: an earlier version's; whether the data is as it was cannot be told",
                in_folder("last.ckpt"));
    else if (const auto changed = changes(fact("data"), fingerprint_); !changed.empty())
      log::warn("{}: not as it was trained so far: {}; it goes on with what there is now",
                in_folder("last.ckpt"), fmt::join(changed, "; "));
    log::info("{}: resumed at step {}", options_.folder, trainer_.steps_done());
    return {};
  }

  Result<void> save_last() {
    Checkpoint checkpoint;
    trainer_.save(checkpoint);
    checkpoint.facts["labels"] = labels_;
    const LoaderState state = loader_->state();
    checkpoint.facts["loader.batch"] = std::to_string(state.batch);
    checkpoint.facts["loader.epoch"] = std::to_string(state.epoch);
    checkpoint.facts["loader.position"] = std::to_string(state.position);
    checkpoint.facts["best.score"] = fmt::format("{}", out_.best_score);
    checkpoint.facts["best.step"] = std::to_string(out_.best_step);
    checkpoint.facts["evaluated"] = std::to_string(evaluated_);
    checkpoint.facts["data"] = fingerprint_;
    checkpoint.facts["config"] = settings_.text;
    return save_checkpoint(checkpoint, in_folder("last.ckpt"));
  }

  Result<void> save_averages(const char* name) const {
    Checkpoint checkpoint = trainer_.averages();
    checkpoint.facts["labels"] = labels_;
    checkpoint.facts["config"] = settings_.text;
    return save_checkpoint(checkpoint, in_folder(name));
  }

  void log_step(Meter& meter, int64_t step) {
    const LogLine line = meter.line(step);
    warn_unless(log_->write(line), "line of the log");
    warn_unless(events_->write(scalars_event(unix_seconds(), step, line.numbers)), "event");
  }

  Result<void> evaluate() {
    const int64_t step = trainer_.steps_done();
    double sum = 0;
    size_t scores = 0;
    std::vector<ReportSet> report;
    for (const Evaluation& one : evaluations_)
      for (const geom::Size size : measured_sizes(settings_)) {
        auto measured = TRY(trainer_.in_use([&](Network& network) {
          return measure(network, trainer_.head(), *one.pictures, detect_options(settings_, size),
                         stop_);
        }));
        const Score score = score_of(one.name, size, measured);
        log_score(score, measured, step);
        if (size == settings_.sizes.front().size)
          report.push_back({one.name, size, one.pictures, std::move(measured)});
        if (score.ap50 < 0) continue;
        sum += score.ap50;
        ++scores;
      }
    evaluated_ = step;
    if (scores == 0) return {};
    const double mean = sum / static_cast<double>(scores);
    log::info("step {}: mean AP50 {:.3f}{}", step, mean,
              mean > out_.best_score ? ", the best so far" : "");
    warn_unless(events_->write(scalars_event(unix_seconds(), step, {{"ap50/mean", mean}})),
                "event");
    warn_unless(log_->write({"mean", step, {{"ap50", mean}}, {}}), "line of the log");
    warn_unless(write_report(report, step), "report");
    if (mean <= out_.best_score) return {};
    const auto saved = save_averages("best.ckpt");
    warn_unless(saved, "best checkpoint");
    if (!saved) return {};
    out_.best_score = mean;
    out_.best_step = step;
    return {};
  }

  Result<void> write_report(const std::vector<ReportSet>& sets, int64_t step) {
    const auto log = TRY(read_log(in_folder("log.jsonl")));
    const std::string html = report_html({.title = fs::path(options_.folder).filename().string(),
                                          .step = step,
                                          .steps = settings_.steps},
                                         log, sets);
    return write_file(in_folder("report.html"), as_bytes(html));
  }

  void log_score(const Score& score, const Measured& measured, int64_t step) {
    const std::string at = fmt::format("{}x{}", score.size.width, score.size.height);
    log::info(
        "step {}: {} {}: AP50 {:.3f} AP {:.3f}, recall {:.3f} at precision .9 ({} pictures, "
        "{} boxes, {:.1f} s)",
        step, score.set, at, score.ap50, score.ap, score.points.recall, score.pictures,
        score.truths, measured.seconds);
    warn_unless(log_->write({"measured",
                             step,
                             {{"ap50", score.ap50},
                              {"ap", score.ap},
                              {"recall_at_p90", score.points.recall},
                              {"precision_at_r90", score.points.precision}},
                             {{"set", score.set}, {"size", at}}}),
                "line of the log");
    const std::string tail = "/" + score.set + "_" + at;
    warn_unless(events_->write(scalars_event(unix_seconds(), step,
                                             {{"ap50" + tail, score.ap50},
                                              {"ap" + tail, score.ap},
                                              {"recall_at_p90" + tail, score.points.recall}})),
                "event");
  }

  const Settings settings_;
  const RunOptions options_;
  const std::atomic<bool>& stop_;
  Trainer trainer_;
  std::unique_ptr<Loader> loader_;
  std::vector<Evaluation> evaluations_;
  std::string fingerprint_, labels_;
  std::unique_ptr<RunLog> log_;
  std::unique_ptr<EventFile> events_;
  RunResult out_;
  int64_t evaluated_ = 0;  // The last step that was.
};

}  // namespace

Result<RunResult> run(const Settings& settings, const RunOptions& options,
                      const std::atomic<bool>& stop) {
  at::set_num_threads(settings.threads);
  return Run(settings, options, stop).go();
}

}  // namespace pasu::train
