#include "net/detail/login_requests.h"

#include <algorithm>

#include "wire/rtmp/url.h"

namespace pasu::net::detail {
namespace {

/// Without the application's query: what encoders log in with is there.
std::string key(const Address& peer, const std::string& app) {
  constexpr size_t kPathMax = 64;
  return peer.host() + "/" + rtmp::stream_path(app, {}).substr(0, kPathMax);
}

}  // namespace

bool LoginRequests::ask(const Address& peer, const std::string& app, MonoTime now) {
  std::lock_guard lock(mutex_);
  const auto [at, is_new] = asked_.try_emplace(key(peer, app), now);
  if (!is_new) return now - at->second < kSoon;
  if (asked_.size() > kPeersMax)
    asked_.erase(std::min_element(asked_.begin(), asked_.end(), [](const auto& a, const auto& b) {
      return a.second < b.second;
    }));
  return true;
}

void LoginRequests::forget(const Address& peer, const std::string& app) {
  std::lock_guard lock(mutex_);
  asked_.erase(key(peer, app));
}

}  // namespace pasu::net::detail
