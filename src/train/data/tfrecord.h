// TFRecord files: u64 length, masked CRC-32C of it, the data, masked CRC-32C of that; all little
// endian; as it is or as one gzip or zlib stream; in one file or in shards NAME-00000-of-00010.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "train/data/finding.h"

namespace pasu::data {

enum class Compression { none, gzip, zlib };

struct Record {
  ByteView data;        ///< Until the next call of next().
  uint64_t offset = 0;  ///< Of its length field, in the file or what was inflated of it.
  uint64_t index = 0;   ///< From 0, damaged ones counted.
};

/// One file's records. One thread at a time.
class RecordReader {
 public:
  /// Larger ones are damage: nobody's picture is that big.
  static constexpr uint64_t kRecordBytesMax = 256u << 20;

  /// How the file is compressed is seen from its first bytes. Errors: not_found, io.
  [[nodiscard]] static Result<RecordReader> open(const std::filesystem::path& path,
                                                 const ReadOptions& options = {});
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;
  ~RecordReader();

  /// The next record whose CRCs are right, or nothing at the end.
  ///
  /// Damage is an error with the file, the record and its byte (malformed, truncated), after which
  /// there is nothing more. With `options.findings` it is a finding instead: of a record whose
  /// data is damaged the next one follows; where a length is damaged the next header with a right
  /// CRC is looked for, byte by byte.
  [[nodiscard]] Result<std::optional<Record>> next();

  [[nodiscard]] Compression compression() const;

 private:
  class Impl;
  explicit RecordReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The data of the record whose length field is at `offset` of an uncompressed file, in one read.
/// Errors: not_found, io, malformed (a CRC is wrong: there is no record), truncated, too_large.
[[nodiscard]] Result<std::string> read_record_at(const std::filesystem::path& path,
                                                 uint64_t offset);

/// The files that `name` stands for, in order: a file; all shards of NAME where NAME itself is no
/// file; NAME@10; a pattern with ? and * in its last part.
/// Errors: not_found; malformed (a shard is missing, or there are shards of two counts).
[[nodiscard]] Result<std::vector<std::filesystem::path>> record_files(const std::string& name);

struct RecordWriterOptions {
  Compression compression = Compression::none;
  /// More than 1: files NAME-00000-of-000NN, each a run of the records in order.
  int shards = 1;
  /// How many will be written, which spreads them evenly over the shards.
  uint64_t records = 0;
};

/// The files get their names in commit(); without it none stays.
class RecordWriter {
 public:
  /// Errors: io, no_space, invalid_argument (shards not in 1..99,999).
  [[nodiscard]] static Result<RecordWriter> create(const std::filesystem::path& path,
                                                   const RecordWriterOptions& options = {});
  RecordWriter(RecordWriter&&) noexcept;
  RecordWriter& operator=(RecordWriter&&) = delete;
  ~RecordWriter();

  [[nodiscard]] Result<void> write(ByteView data);
  [[nodiscard]] Result<void> commit();

 private:
  class Impl;
  explicit RecordWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::data
