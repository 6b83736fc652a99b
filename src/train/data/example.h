// tf.Example: named lists of bytes, floats or integers (tensorflow/core/example/feature.proto).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::data {

struct Feature {
  enum class Kind { none, bytes, floats, ints };
  Kind kind = Kind::none;
  std::vector<ByteView> bytes;  ///< In the message that was parsed.
  std::vector<float> floats;
  std::vector<int64_t> ints;

  [[nodiscard]] size_t size() const {
    return kind == Kind::bytes ? bytes.size() : kind == Kind::floats ? floats.size() : ints.size();
  }
};

/// What a message says, in its order; a name that comes again replaces the one before.
struct Example {
  std::vector<std::pair<std::string_view, Feature>> features;

  /// Null where there is none.
  [[nodiscard]] const Feature* find(std::string_view name) const;
};

/// Borrows `message`. Packed and unpacked lists are both read; unknown fields are passed over.
/// Errors name the byte: malformed, truncated, too_large (over a million values in a list, a
/// thousand names).
[[nodiscard]] Result<Example> parse_example(ByteView message);

/// Builds a message feature by feature; a name is to be added once.
class ExampleWriter {
 public:
  void add(std::string_view name, std::string_view bytes) { add(name, std::vector{bytes}); }
  void add(std::string_view name, int64_t value) { add(name, std::vector{value}); }
  void add(std::string_view name, const std::vector<std::string_view>& values);
  void add(std::string_view name, const std::vector<float>& values);
  void add(std::string_view name, const std::vector<int64_t>& values);

  /// The message.
  [[nodiscard]] std::string take();

 private:
  void add_list(std::string_view name, uint32_t number, std::string_view list);
  std::string features_;
};

}  // namespace pasu::data
