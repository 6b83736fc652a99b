// Which encoders to ask for a login when they connect.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "net/address.h"

namespace pasu::net::detail {

/// An encoder that shows no login when it connects to RTMP may have one for when it is asked
/// (authmod=adobe), or have it in its stream's name, which it tells only once it is let in; and who
/// has none to give ends when asked. So each is asked, and let in where it was asked before and
/// comes again with nothing. Thread-safe.
class LoginRequests {
 public:
  /// Remembered; the one that was asked longest ago is forgotten for another.
  static constexpr size_t kPeersMax = 1000;
  /// Who comes this soon may be another encoder on the same host.
  static constexpr auto kSoon = std::chrono::seconds(1);

  /// Whether to ask `peer`, who shows nothing and wants the application `app`.
  [[nodiscard]] bool ask(const Address& peer, const std::string& app, MonoTime now);
  /// It has answered, or was let in and had nothing to show then either: it is asked again.
  void forget(const Address& peer, const std::string& app);

 private:
  std::mutex mutex_;
  std::map<std::string, MonoTime> asked_;
};

}  // namespace pasu::net::detail
