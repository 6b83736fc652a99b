// A pipeline.config of the TF Object Detection API, read: a tree of fields, each with its place.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "train/pipeline/schema.h"

namespace pasu::pipeline {

struct Place {
  int line = 1, column = 1;  ///< From 1.
};

struct Block;

/// A field that is set; of a repeated one each value by itself.
struct Value {
  const Field* field = nullptr;
  Place place;                   ///< Of the field's name.
  double number = 0;             ///< Numbers, booleans (0, 1), enumerators' numbers.
  std::string text;              ///< Strings; enumerators' names.
  std::unique_ptr<Block> block;  ///< Messages.
};

/// A message.
struct Block {
  const MessageType* type = nullptr;
  Place place;
  std::vector<Value> values;  ///< In the order of the file.

  /// Null where it is not set; the last of a repeated one.
  [[nodiscard]] const Value* find(std::string_view field) const;
  /// As find(), of a message; null where it is not set.
  [[nodiscard]] const Block* block(std::string_view field) const;
  /// A number, boolean or enumerator; the schema's preset where it is not set. The field must be
  /// one of `type`'s.
  [[nodiscard]] double number(std::string_view field) const;
  /// A string, or an enumerator's name; the preset where it is not set.
  [[nodiscard]] std::string text(std::string_view field) const;
  /// The one that is set of a oneof; null: none is.
  [[nodiscard]] const Value* chosen(std::string_view oneof) const;
};

struct Config {
  std::string path;  ///< For messages.
  Block root;

  /// "model.ssd.num_classes"; null where it is not set.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] const Block* block(std::string_view name) const;
};

/// protobuf's text format, held to the schema. What parses has only known fields of their types,
/// within their limits, each once unless repeated, and one of a oneof.
///
/// Errors (malformed) as "path:line:column: what", with the nearest name where one is misspelt.
[[nodiscard]] Result<Config> parse_config(std::string_view text, const std::string& path);

/// Errors: as parse_config(), not_found, io, too_large (over 1 MiB).
[[nodiscard]] Result<Config> read_config(const std::string& path);

}  // namespace pasu::pipeline
