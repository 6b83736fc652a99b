// Which fields a pipeline.config may have: the messages of the TF Object Detection API, by name,
// type and limits.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pasu::pipeline {

enum class Type { int32, int64, uint32, real, boolean, text, enumerator, message };

struct MessageType;

struct EnumType {
  std::string_view name;
  std::vector<std::string> names;
  std::vector<int32_t> numbers;  ///< Beside `names`.
};

struct Field {
  std::string_view name;
  Type type = Type::text;
  bool repeated = false;
  std::string_view oneof{};   ///< Only one field of a message's oneof may be set; or empty.
  std::string_view preset{};  ///< What it is where it is not set; empty: nothing, 0, false.
  double low = -std::numeric_limits<double>::infinity();  ///< Of numbers, both ends included.
  double high = std::numeric_limits<double>::infinity();
  const MessageType* message = nullptr;
  const EnumType* enumeration = nullptr;
};

struct MessageType {
  std::string_view name;
  std::vector<Field> fields;
  [[nodiscard]] const Field* find(std::string_view field) const;
};

class Schema {
 public:
  /// The one there is; thread-safe.
  [[nodiscard]] static const Schema& get();

  /// TrainEvalPipelineConfig.
  [[nodiscard]] const MessageType& root() const { return *root_; }
  [[nodiscard]] const std::map<std::string_view, MessageType>& messages() const {
    return messages_;
  }
  /// Where a field of this name is, "train_config.batch_size"; the shortest such path.
  [[nodiscard]] std::optional<std::string> place_of(std::string_view field) const;

 private:
  Schema();
  std::map<std::string_view, MessageType> messages_;
  std::map<std::string_view, EnumType> enums_;
  const MessageType* root_ = nullptr;
};

}  // namespace pasu::pipeline
