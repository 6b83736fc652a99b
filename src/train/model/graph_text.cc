// A graph as text, a line a node:
//
//   model pasu_person
//   input image mean=0,0,0 scale=0.00392156862745098
//   conv stem.0 from=image in=3 out=16 kernel=3 stride=2 padding=half norm=1e-05,0.03
//   activation=relu add s8.0 from=s8.0.b,s8.down activation=relu output s8 node=head.s8.out
//   stride=8
#include <charconv>
#include <map>

#include "train/model/graph.h"

namespace pasu::train {
namespace {

struct OpName {
  Op op;
  std::string_view name;
};
constexpr OpName kOps[] = {{Op::input, "input"}, {Op::conv, "conv"},
                           {Op::add, "add"},     {Op::upsample, "upsample"},
                           {Op::cells, "cells"}, {Op::concat, "concat"}};

std::string_view name_of(Op op) {
  for (const OpName& known : kOps)
    if (known.op == op) return known.name;
  return "";
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  while (true) {
    const size_t end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

/// One line: a kind, a name and KEY=VALUE words.
class Line {
 public:
  static Result<Line> parse(std::string_view text) {
    Line line;
    const auto words = split(text, ' ');
    if (words.size() < 2 || words[1].empty())
      return fail(Errc::malformed, "'{}' has no name", words[0]);
    line.kind = words[0];
    line.name = words[1];
    for (size_t i = 2; i < words.size(); ++i) {
      const size_t at = words[i].find('=');
      if (at == words[i].npos ||
          !line.values_.emplace(words[i].substr(0, at), words[i].substr(at + 1)).second)
        return fail(Errc::malformed, "'{}' is no KEY=VALUE, or there twice", words[i]);
    }
    return line;
  }

  std::string_view kind, name;

  /// What take() was not asked for is an error: a later pasu may mean something by it.
  Result<void> finish() const {
    if (values_.empty()) return {};
    return fail(Errc::malformed, "'{}' is not known of '{}'", values_.begin()->first, kind);
  }
  std::optional<std::string_view> take(std::string_view key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return std::nullopt;
    const std::string_view value = found->second;
    values_.erase(found);
    return value;
  }
  template <class T>
  Result<std::vector<T>> numbers(std::string_view key, std::vector<T> preset) {
    const auto text = take(key);
    if (!text) return preset;
    std::vector<T> out;
    for (const std::string_view word : split(*text, ',')) {
      T value{};
      const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
      if (error != std::errc() || end != word.data() + word.size())
        return fail(Errc::malformed, "{}: '{}' is no number", key, word);
      out.push_back(value);
    }
    if (!preset.empty() && out.size() != preset.size())
      return fail(Errc::malformed, "{}: {} numbers, expected {}", key, out.size(), preset.size());
    return out;
  }
  Result<int> number(std::string_view key, int preset) {
    const auto out = TRY(numbers<int>(key, {preset}));
    return out[0];
  }
  /// Index of the value among `names`; 0 where the key is not there.
  Result<size_t> choice(std::string_view key, const std::vector<std::string_view>& names) {
    const auto text = take(key);
    if (!text) return size_t{0};
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i] == *text) return i;
    return fail(Errc::malformed, "{}: '{}' is not known", key, *text);
  }

 private:
  std::map<std::string_view, std::string_view> values_;
};

const std::vector<std::string_view> kActivations{"none", "relu", "relu6"};
const std::vector<std::string_view> kPaddings{"half", "same"};

std::string conv_text(const Conv& conv) {
  std::string out = fmt::format(" in={} out={} kernel={}", conv.in, conv.out, conv.kernel);
  if (conv.stride != 1) out += fmt::format(" stride={}", conv.stride);
  if (conv.groups != 1) out += fmt::format(" groups={}", conv.groups);
  out += fmt::format(" padding={}", kPaddings[static_cast<size_t>(conv.padding)]);
  if (conv.bias) out += " bias=1";
  if (conv.norm) {
    out += fmt::format(" norm={},{}", conv.norm->epsilon, conv.norm->momentum);
    if (!conv.norm->scale) out += " gamma=0";
    if (conv.norm->first_gamma != 1) out += fmt::format(" first_gamma={}", conv.norm->first_gamma);
  }
  if (conv.stddev != 0) out += fmt::format(" stddev={}", conv.stddev);
  return out;
}

Result<Conv> parse_conv(Line& line) {
  Conv conv;
  conv.in = TRY(line.number("in", 0));
  conv.out = TRY(line.number("out", 0));
  conv.kernel = TRY(line.number("kernel", 0));
  conv.stride = TRY(line.number("stride", 1));
  conv.groups = TRY(line.number("groups", 1));
  conv.padding = static_cast<Padding>(TRY(line.choice("padding", kPaddings)));
  conv.bias = TRY(line.number("bias", 0))
  != 0;
  const auto stddev = TRY(line.numbers<double>("stddev", {0}));
  conv.stddev = stddev[0];
  const auto norm = TRY(line.numbers<double>("norm", {0, 0}));
  const int gamma = TRY(line.number("gamma", 1));
  const auto first_gamma = TRY(line.numbers<double>("first_gamma", {1}));
  if (norm[0] != 0) conv.norm = BatchNorm{norm[0], norm[1], gamma != 0, first_gamma[0]};
  return conv;
}

class Parser {
 public:
  Result<void> take(std::string_view text) {
    Line line = TRY(Line::parse(text));
    if (line.kind == "model") {
      graph.model = line.name;
      return line.finish();
    }
    if (line.kind == "output") return take_output(line);
    for (const OpName& known : kOps)
      if (known.name == line.kind) return take_node(known.op, line);
    return fail(Errc::malformed, "'{}' is no kind of node", line.kind);
  }

  Graph graph;

 private:
  Result<int> index_of(std::string_view name) const {
    const auto found = indices_.find(name);
    if (found == indices_.end()) return fail(Errc::malformed, "there is no node '{}' above", name);
    return found->second;
  }
  Result<void> take_output(Line& line) {
    Output output{std::string(line.name), 0, 0};
    output.node = TRY(index_of(line.take("node").value_or("")));
    output.stride = TRY(line.number("stride", 0));
    graph.outputs.push_back(std::move(output));
    return line.finish();
  }
  Result<void> take_node(Op op, Line& line) {
    Node node;
    node.op = op;
    node.name = line.name;
    if (const auto from = line.take("from"))
      for (const std::string_view name : split(*from, ','))
        node.inputs.push_back(TRY(index_of(name)));
    if (op == Op::input) {
      const auto mean = TRY(line.numbers<double>("mean", {0, 0, 0}));
      std::copy(mean.begin(), mean.end(), graph.input.mean.begin());
      const auto scale = TRY(line.numbers<double>("scale", {graph.input.scale}));
      graph.input.scale = scale[0];
    }
    if (op == Op::conv) node.conv = TRY(parse_conv(line));
    if (op == Op::conv || op == Op::add)
      node.activation = static_cast<Activation>(TRY(line.choice("activation", kActivations)));
    if (op == Op::cells) node.depth = TRY(line.number("depth", 0));
    indices_.emplace(node.name, static_cast<int>(graph.nodes.size()));
    graph.nodes.push_back(std::move(node));
    return line.finish();
  }

  std::map<std::string, int, std::less<>> indices_;
};

}  // namespace

std::string write_graph(const Graph& graph) {
  std::string out = fmt::format("model {}\n", graph.model);
  for (const Node& node : graph.nodes) {
    out += fmt::format("{} {}", name_of(node.op), node.name);
    for (size_t i = 0; i < node.inputs.size(); ++i)
      out += fmt::format("{}{}", i == 0 ? " from=" : ",",
                         graph.nodes[static_cast<size_t>(node.inputs[i])].name);
    if (node.op == Op::input) {
      const auto& mean = graph.input.mean;
      out += fmt::format(" mean={},{},{} scale={}", mean[0], mean[1], mean[2], graph.input.scale);
    }
    if (node.op == Op::conv) out += conv_text(node.conv);
    if (node.op == Op::cells) out += fmt::format(" depth={}", node.depth);
    if (node.activation != Activation::none)
      out += fmt::format(" activation={}", kActivations[static_cast<size_t>(node.activation)]);
    out += '\n';
  }
  for (const Output& output : graph.outputs) {
    out += fmt::format("output {} node={}", output.name,
                       graph.nodes[static_cast<size_t>(output.node)].name);
    if (output.stride > 0) out += fmt::format(" stride={}", output.stride);
    out += '\n';
  }
  return out;
}

Result<Graph> parse_graph(std::string_view text) {
  Parser parser;
  size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    if (parser.graph.nodes.size() > Graph::kNodesMax)
      return fail(Errc::malformed, "line {}: over {} nodes", number, Graph::kNodesMax);
    TRY(with_context(parser.take(line), fmt::format("line {}", number)));
  }
  TRY(check_graph(parser.graph));
  return std::move(parser.graph);
}

}  // namespace pasu::train
