// TensorFlow's checkpoints, second format: NAME.index beside NAME.data-00000-of-00001 and so on
// (tensorflow/core/protobuf/tensor_bundle.proto).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "train/model/weights.h"

namespace pasu::train {

/// By the numbers of tensorflow/core/framework/types.proto.
enum class TfType {
  f32 = 1,
  f64 = 2,
  i32 = 3,
  u8 = 4,
  text = 7,
  i64 = 9,
  boolean = 10,
  bf16 = 14,
  f16 = 19
};

struct TfVariable {
  std::string name;
  int type = 0;  ///< A TfType, or another number.
  std::vector<int64_t> shape;
  int shard = 0;
  uint64_t offset = 0, bytes = 0;  ///< In the shard.
  uint32_t crc = 0;                ///< Masked CRC-32C of the bytes.
  bool sliced = false;             ///< Kept in pieces, by a partitioned variable.
};

struct TfIndex {
  int shards = 0;
  std::vector<TfVariable> variables;  ///< By name.
};

/// Of the bytes of an index file. Errors: malformed, unsupported (big endian, a later version),
/// too_large.
[[nodiscard]] Result<TfIndex> parse_tf_index(ByteView bytes);

class TfCheckpoint {
 public:
  /// `prefix` is what the files' names begin with: "run/model.ckpt-2000". Reads the index alone.
  /// Errors: as parse_tf_index(), not_found, io; each names the file.
  [[nodiscard]] static Result<TfCheckpoint> open(const std::string& prefix);

  [[nodiscard]] const std::vector<TfVariable>& variables() const { return index_.variables; }
  /// nullptr: none of that name.
  [[nodiscard]] const TfVariable* find(std::string_view name) const;

  /// As it lies there: [h, w, in, out] of convolutions. Numbers of all types become float; 64-bit
  /// ones are rounded.
  /// Errors: not_found, io, truncated, malformed (CRC), unsupported (texts, sliced), each with the
  /// name.
  [[nodiscard]] Result<Array> read(const TfVariable& variable) const;

 private:
  TfCheckpoint(std::string prefix, TfIndex index)
      : prefix_(std::move(prefix)), index_(std::move(index)) {}
  std::string prefix_;
  TfIndex index_;
};

}  // namespace pasu::train
