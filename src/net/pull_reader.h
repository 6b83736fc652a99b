// pull() for a thread that reads and waits.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "hub/stream.h"
#include "media/access_unit.h"
#include "net/client.h"
#include "net/io_threads.h"

namespace pasu::net {

/// One stream, opened and read by one thread while it comes in on an IoThread.
class PullReader {
 public:
  /// Held for a reader that is slow; over either, units are dropped up to the next key frame.
  static constexpr size_t kBytesMax = 32u << 20;
  static constexpr size_t kUnitsMax = 4096;

  /// Waits until the stream has told what it is made of. `stop`, set from another thread, makes
  /// this and read() return cancelled within 50 ms. Errors: as PullEvents::on_end.
  [[nodiscard]] static Result<std::unique_ptr<PullReader>> open(IoThread& thread,
                                                                const std::string& url,
                                                                const PullOptions& options,
                                                                const std::atomic<bool>& stop);
  ~PullReader();

  /// As of the unit read last.
  [[nodiscard]] const hub::Tracks& tracks() const { return *tracks_; }
  /// Grows when tracks() changes.
  [[nodiscard]] uint64_t changes() const { return changes_; }

  /// Waits for the next unit; nothing where the server ended the stream. A key unit comes at once,
  /// others may lie for `patience`, so that one waking serves all that came meanwhile. Errors: as
  /// PullEvents::on_end.
  [[nodiscard]] Result<std::optional<media::AccessUnit>> read(
      std::chrono::milliseconds patience = {});

  [[nodiscard]] PullStats stats() const { return session_->stats(); }
  /// Units dropped because the reader was slow.
  [[nodiscard]] uint64_t overflowed() const;

 private:
  struct Shared;
  explicit PullReader(const std::atomic<bool>& stop);
  Result<void> wait_for_tracks();

  const std::shared_ptr<Shared> shared_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<PullSession> session_;
  std::shared_ptr<const hub::Tracks> tracks_;
  uint64_t changes_ = 0;
};

}  // namespace pasu::net
