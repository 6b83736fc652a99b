// LevelDB tables (github.com/google/leveldb, doc/table_format.md): the index files of TensorFlow's
// checkpoints.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::train {

struct TableEntry {
  std::string key, value;
};

/// All entries of an uncompressed table, in the order of their keys; each block's CRC is checked.
/// Errors: malformed (no table, a CRC that differs, keys out of order), unsupported (a compressed
/// block, which no checkpoint has), too_large (over 1 million entries).
[[nodiscard]] Result<std::vector<TableEntry>> read_table(ByteView bytes);

}  // namespace pasu::train
