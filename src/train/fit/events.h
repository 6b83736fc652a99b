// Event files as TensorBoard reads them: Event messages of TensorFlow's event.proto in a TFRecord
// file, with one Summary of scalars each.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace pasu::train {

using Scalars = std::vector<std::pair<std::string, double>>;  ///< Tag ("loss/total") and value.

/// The wire bytes of an Event. `wall_seconds` counts from 1970.
[[nodiscard]] std::string scalars_event(double wall_seconds, int64_t step, const Scalars& scalars);
/// That a run goes on at `step`: TensorBoard forgets what an earlier file of the folder has of
/// later steps.
[[nodiscard]] std::string start_event(double wall_seconds, int64_t step);

/// A file DIR/events.out.tfevents.SECONDS.HOST that grows. One thread.
class EventFile {
 public:
  /// Errors: io, no_space.
  [[nodiscard]] static Result<EventFile> create(const std::string& folder, double wall_seconds,
                                                int64_t step);
  /// Each event is there for readers at once. Errors: io, no_space; the file may then end in half
  /// an event, which TensorBoard passes over, and nothing more is written.
  [[nodiscard]] Result<void> write(const std::string& event);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  EventFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace pasu::train
