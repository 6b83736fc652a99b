// Puts nodes one after another; the models are written with it.
#pragma once

#include <string>

#include "train/model/graph.h"

namespace pasu::train::detail {

/// Each call adds a node and gives its index. A graph that breaks the rules is our own mistake:
/// finish() asserts.
class Builder {
 public:
  Builder(std::string model, const Normalisation& input);

  [[nodiscard]] int input() const { return 0; }
  /// `conv.in` is filled in.
  int conv(const std::string& name, int from, Conv conv, Activation activation);
  /// groups and out are filled in.
  int depthwise(const std::string& name, int from, Conv conv, Activation activation);
  int add(const std::string& name, int a, int b, Activation activation = Activation::none);
  int upsample(const std::string& name, int from);
  int cells(const std::string& name, int from, int depth);
  int concat(const std::string& name, const std::vector<int>& from);
  void output(const std::string& name, int node, int stride = 0);

  [[nodiscard]] int channels(int node) const { return channels_[static_cast<size_t>(node)]; }
  [[nodiscard]] Graph finish();

 private:
  int put(Node node, int channels);

  Graph graph_;
  std::vector<int> channels_;
};

}  // namespace pasu::train::detail
