// What a checkpoint says to export.
#include <algorithm>
#include <charconv>

#include "train/export/export.h"

namespace pasu::train {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const size_t end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

template <class T>
Result<T> number(std::string_view text, const char* fact) {
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(Errc::malformed, "its fact '{}' holds '{}', which is no number", fact, text);
  return out;
}

constexpr size_t kCandidatesMax = 100'000;  // As many as a manifest may say: all.

class Reader {
 public:
  explicit Reader(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  Result<Exportable> read(ExportOptions& options) const {
    Exportable out;
    const std::string* graph = fact(kGraphFact);
    if (graph == nullptr)
      return fail(Errc::malformed,
                  "says nothing of its network (no fact '{}'), so it cannot be exported",
                  kGraphFact);
    out.graph = TRY(with_context(parse_graph(*graph), "its network"));
    out.weights = parameters_of(out.graph);
    if (const std::string* labels = fact(kLabelsFact)) {
      options.labels.clear();
      for (const std::string_view label : split(*labels, '\n')) options.labels.emplace_back(label);
    }
    if (const std::string* resize = fact(kResizeFact)) options.resize = TRY(resize_of(*resize));
    if (const std::string* sizes = fact(kSizesFact)) options.sizes = TRY(sizes_of(*sizes));
    TRY(read_anchors(options));
    TRY(read_suppression(options));
    return out;
  }

 private:
  const std::string* fact(const char* name) const {
    const auto found = checkpoint_.facts.find(name);
    return found == checkpoint_.facts.end() ? nullptr : &found->second;
  }

  /// The network's parameters alone; a checkpoint holds the optimiser's state beside them.
  Weights parameters_of(const Graph& graph) const {
    Weights out;
    for (const Parameter& parameter : parameters(graph))
      if (const auto found = checkpoint_.arrays.find(parameter.name);
          found != checkpoint_.arrays.end())
        out.emplace(parameter.name, found->second);
    return out;
  }

  static Result<artifact::Resize> resize_of(std::string_view text) {
    if (text == "letterbox") return artifact::Resize::letterbox;
    if (text == "stretch") return artifact::Resize::stretch;
    return fail(Errc::malformed, "its fact '{}' is '{}', neither letterbox nor stretch",
                kResizeFact, text);
  }
  static Result<std::vector<geom::Size>> sizes_of(std::string_view text) {
    std::vector<geom::Size> out;
    for (const std::string_view word : split(text, ',')) {
      const size_t at = std::min(word.find('x'), word.size());
      geom::Size size;
      size.width = TRY(number<int>(word.substr(0, at), kSizesFact));
      size.height = TRY(number<int>(word.substr(std::min(at + 1, word.size())), kSizesFact));
      out.push_back(size);
    }
    return out;
  }
  Result<void> read_anchors(ExportOptions& options) const {
    const auto found = checkpoint_.arrays.find(kAnchorsArray);
    if (found == checkpoint_.arrays.end()) return {};
    AnchorBoxes out;
    out.anchors = found->second;
    if (const std::string* coder = fact(kBoxCoderFact)) {
      const auto words = split(*coder, ',');
      if (words.size() != out.scales.size())
        return fail(Errc::malformed, "its fact '{}' holds no four numbers", kBoxCoderFact);
      for (size_t i = 0; i < words.size(); ++i)
        out.scales[i] = TRY(number<double>(words[i], kBoxCoderFact));
    }
    if (const std::string* scores = fact(kScoresFact)) out.softmax = *scores == "softmax";
    options.anchors = std::move(out);
    return {};
  }

  Result<void> read_suppression(ExportOptions& options) const {
    const std::string* text = fact(kSuppressionFact);
    if (text == nullptr) return {};
    const auto words = split(*text, ',');
    if (words.size() != 4)
      return fail(Errc::malformed, "its fact '{}' holds no four numbers", kSuppressionFact);
    const auto score = TRY(number<float>(words[0], kSuppressionFact));
    options.nms.iou = TRY(number<float>(words[1], kSuppressionFact));
    options.nms.kept_per_label_max = TRY(number<size_t>(words[2], kSuppressionFact));
    options.nms.kept_max = TRY(number<size_t>(words[3], kSuppressionFact));
    // As many of each class as may stay are looked at whatever the other classes have.
    options.nms.candidates_max = kCandidatesMax;
    if (options.thresholds.empty()) options.thresholds = {std::max(score, kThreshold)};
    return {};
  }

  const Checkpoint& checkpoint_;
};

}  // namespace

Result<Exportable> read_exportable(const Checkpoint& checkpoint, ExportOptions& options) {
  return Reader(checkpoint).read(options);
}

}  // namespace pasu::train
