// The live streams by their path: who may be read, and who publishes what.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "hub/stream.h"

namespace pasu::hub {

/// Paths are names without slashes at the ends: "gate", "gate/boxes". A path has one stream and a
/// stream one publisher. Rights are not checked here. Thread-safe; outlives its publications.
class Registry {
 public:
  static constexpr size_t kStreamsMax = 10000;

  explicit Registry(const Clock& clock = system_clock()) : clock_(clock) {}
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Declares a stream that stays when its publisher leaves: readers wait for the next one.
  /// Errors: exists, too_large (over kStreamsMax).
  [[nodiscard]] Result<std::shared_ptr<Stream>> add(const std::string& path,
                                                    StreamHooks hooks = {});
  /// Ends the stream, declared or not; its readers are told `reason`.
  void remove(const std::string& path, const std::string& reason);

  /// Becomes the publisher of `path`. A path that nobody declared has its stream only as long as
  /// the publication. Errors: exists (somebody publishes there), too_large.
  [[nodiscard]] Result<std::unique_ptr<Publication>> publish(const std::string& path);

  /// Null where there is none.
  [[nodiscard]] std::shared_ptr<Stream> find(const std::string& path) const;
  /// In the order of their paths.
  [[nodiscard]] std::vector<std::shared_ptr<Stream>> streams() const;

 private:
  struct Entry {
    std::shared_ptr<Stream> stream;
    bool declared = false;
  };
  Result<std::shared_ptr<Stream>> insert(const std::string& path, StreamHooks hooks, bool declared);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace pasu::hub
