#include "train/fit/start.h"

#include <set>

#include "base/log.h"
#include "train/pipeline/checkpoint_path.h"
#include "train/tf/weights.h"

namespace pasu::train {
namespace {

constexpr const char* kExtractorScope = "FeatureExtractor/";
constexpr size_t kNamesShown = 10;

bool is_extractors(const std::string& name) { return name.starts_with(kExtractorScope); }

/// Weights the network has places for, apart from what a checkpoint of a run holds beside them.
Result<void> read_own(const std::string& path, const Graph& graph, StartWeights& out) {
  Checkpoint checkpoint = TRY(load_checkpoint(path));
  std::set<std::string> places;
  for (const Parameter& parameter : parameters(graph)) places.insert(parameter.name);
  for (auto& [name, array] : checkpoint.arrays) {
    if (places.contains(name))
      out.weights[name] = std::move(array);
    else if (!name.starts_with("train/") && !name.starts_with("optimizer/") &&
             name != kAnchorsArray)
      out.unused.push_back(name);
  }
  return {};
}

void log_names(const char* kind, const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size() && i < kNamesShown; ++i)
    log::info("  {:<10} {}", kind, names[i]);
  if (names.size() > kNamesShown)
    log::info("  {:<10} and {} more", kind, names.size() - kNamesShown);
}

}  // namespace

Result<StartWeights> read_start(const StartFrom& from, const Graph& graph) {
  const auto where = TRY(pipeline::find_checkpoint(from.path));
  StartWeights out;
  if (where.kind == pipeline::CheckpointPath::Kind::pasu) {
    TRY(read_own(where.path, graph, out));
  } else {
    const auto checkpoint = TRY(TfCheckpoint::open(where.path));
    out.weights = TRY(with_context(read_tf_weights(checkpoint, graph), where.path));
    out.unused = unused_tf_variables(checkpoint, graph);
  }
  bool has_extractor = false;
  for (const Parameter& parameter : parameters(graph))
    has_extractor |= is_extractors(parameter.name);
  if (from.part == StartFrom::Part::extractor && has_extractor)
    std::erase_if(out.weights, [&](const auto& one) {
      if (!is_extractors(one.first)) out.left.push_back(one.first);
      return !is_extractors(one.first);
    });
  return out;
}

Result<void> log_start(const StartFrom& from, const StartWeights& start, const LoadReport& report) {
  if (report.loaded.empty())
    return fail(Errc::invalid_argument,
                "{}: none of its weights is this network's ({} of another shape{}{}): it is of "
                "another model",
                from.path, report.misfits.size(), report.misfits.empty() ? "" : ", as ",
                report.misfits.empty() ? "" : report.misfits.front());
  // What was left is not missing.
  const std::set<std::string> left(start.left.begin(), start.left.end());
  std::vector<std::string> missing;
  for (const std::string& name : report.missing)
    if (!left.contains(name)) missing.push_back(name);
  log::info("{}: {} arrays loaded, {} missing, {} of another shape, {} left, {} not used",
            from.path, report.loaded.size(), missing.size(), report.misfits.size(),
            start.left.size(), start.unused.size());
  if (!start.left.empty())
    log::info(
        "  left: all but the feature extractor's; load_all_detection_checkpoint_vars: true "
        "takes them too");
  log_names("missing", missing);
  log_names("misfit", report.misfits);
  log_names("not used", start.unused);
  return {};
}

}  // namespace pasu::train
