#include "train/model/detail/builder.h"

#include "base/assert.h"

namespace pasu::train::detail {

Builder::Builder(std::string model, const Normalisation& input) {
  graph_.model = std::move(model);
  graph_.input = input;
  put({.op = Op::input, .name = "image"}, 3);
}

int Builder::put(Node node, int channels) {
  graph_.nodes.push_back(std::move(node));
  channels_.push_back(channels);
  return static_cast<int>(channels_.size()) - 1;
}

int Builder::conv(const std::string& name, int from, Conv conv, Activation activation) {
  conv.in = channels(from);
  return put(
      {.op = Op::conv, .name = name, .inputs = {from}, .activation = activation, .conv = conv},
      conv.out);
}

int Builder::depthwise(const std::string& name, int from, Conv conv, Activation activation) {
  conv.groups = conv.out = channels(from);
  return this->conv(name, from, conv, activation);
}

int Builder::add(const std::string& name, int a, int b, Activation activation) {
  return put({.op = Op::add, .name = name, .inputs = {a, b}, .activation = activation},
             channels(a));
}

int Builder::upsample(const std::string& name, int from) {
  return put({.op = Op::upsample, .name = name, .inputs = {from}}, channels(from));
}

int Builder::cells(const std::string& name, int from, int depth) {
  return put({.op = Op::cells, .name = name, .inputs = {from}, .depth = depth}, depth);
}

int Builder::concat(const std::string& name, const std::vector<int>& from) {
  return put({.op = Op::concat, .name = name, .inputs = from}, channels(from[0]));
}

void Builder::output(const std::string& name, int node, int stride) {
  graph_.outputs.push_back({name, node, stride});
}

Graph Builder::finish() {
  ASSERT(check_graph(graph_));
  return std::move(graph_);
}

}  // namespace pasu::train::detail
