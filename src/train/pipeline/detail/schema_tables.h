// The schema's rows. A message's fields stand in one text, "; " between them:
//
//   name type[*] [@oneof] [=preset] [low..[high]]
//
// where * is repeated and type is int32, int64, uint32, float, bool, string, or the name of a
// message or enumeration of these tables.
#pragma once

#include <span>

namespace pasu::pipeline::detail {

struct TableRow {
  const char* name;
  const char* content;  // Of an enumeration: NAME=number, spaces between them.
};

[[nodiscard]] std::span<const TableRow> model_messages();
[[nodiscard]] std::span<const TableRow> run_messages();
[[nodiscard]] std::span<const TableRow> enumerations();

}  // namespace pasu::pipeline::detail
