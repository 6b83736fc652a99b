// What a pipeline.config asks for, held against what is there: before training, and without it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "train/pipeline/config.h"

namespace pasu::pipeline {

enum class Level {
  error,    ///< Training would fail, or learn the wrong thing.
  warning,  ///< Training would go on, probably not as it was meant.
  note,     ///< Worth knowing.
};

/// "error", "warning", "note"
[[nodiscard]] const char* to_string(Level level);

struct Remark {
  Level level = Level::error;
  std::string field;  ///< "train_config.batch_size"; of what is missing where it would be.
  Place place;        ///< In the configuration.
  std::string what;   ///< A sentence with the remedy.

  /// "pipeline.config:12:3: error: train_config.batch_size: ..."
  [[nodiscard]] std::string text(const std::string& path) const;
};

/// The records of one reader.
struct InputSummary {
  std::string field;  ///< "train_input_reader"
  std::vector<std::string> files;
  size_t records = 0, boxes = 0, without_boxes = 0;
  std::map<int64_t, size_t> boxes_by_class;
};

struct Report {
  std::vector<Remark> remarks;  ///< By level, then by place.
  std::vector<InputSummary> inputs;
  std::vector<std::string> classes;      ///< Of the training label map, in order of id.
  std::optional<uint64_t> memory_bytes;  ///< About what training takes; nothing: not known.

  [[nodiscard]] size_t count(Level level) const;
};

struct CheckOptions {
  bool read_records = true;  ///< Every record, not only whether the files are there.
  bool checkpoint = true;    ///< fine_tune_checkpoint: not where other weights are begun with.
  /// What the machine has to give; 0: not known.
  uint64_t memory_available = 0;
};

/// Never fails: what cannot be read is an error in the report. Paths are as they stand, or relative
/// to the configuration's folder. `stop` ends the reading of records early.
[[nodiscard]] Report check(const Config& config, const CheckOptions& options,
                           const std::atomic<bool>& stop);

/// MemAvailable of /proc/meminfo; 0 where there is none.
[[nodiscard]] uint64_t memory_available();

}  // namespace pasu::pipeline
