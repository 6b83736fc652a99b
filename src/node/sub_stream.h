// The stream of a camera that is analysed in place of the one that is shown.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "node/analyser.h"
#include "node/reason.h"
#include "node/source.h"
#include "node/timeline.h"

namespace pasu::node {

/// Cameras send a large stream to be recorded and shown and a small one to be analysed. This reads
/// the small one into an analyser, and connects again when it is lost. Its times are the camera's,
/// as far as arrival tells. Owns a thread. Thread-safe.
class SubStream {
 public:
  struct Options {
    std::string camera;  ///< For the log.
    std::string url;
    MonoTime start{};  ///< Of the camera's timeline.
  };
  /// Both outlive this; nobody else pushes to `analyser`.
  SubStream(Options options, SourceFactory open_source, Analyser& analyser, Meter& meter);
  ~SubStream() { stop(); }
  SubStream(const SubStream&) = delete;
  SubStream& operator=(const SubStream&) = delete;

  /// Makes stop() short; does not wait.
  void ask_to_stop();
  /// Waits; nothing is pushed any more. Idempotent.
  void stop();
  /// Why nothing is analysed now, if nothing is.
  [[nodiscard]] std::optional<Why> trouble() const;

 private:
  void supervise();
  [[nodiscard]] Error run_session();
  void set_trouble(std::optional<Why> why);

  const Options options_;
  const SourceFactory open_source_;
  Analyser& analyser_;
  Meter& meter_;
  Timeline timeline_;  // Its thread.
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::condition_variable stopped_;
  std::optional<Why> trouble_;
  std::thread thread_;
};

}  // namespace pasu::node
