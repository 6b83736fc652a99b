// The RTSP server's multicast: one sender a stream, however many listen (RFC 2326 12.39).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/stream.h"
#include "net/address.h"
#include "net/detail/rtsp_udp.h"
#include "net/io_threads.h"
#include "net/rtsp_server.h"
#include "wire/rtsp/transport.h"

namespace pasu::net::detail {

/// Gives each stream a group of its own and each track a pair of ports there, and keeps them for
/// the next time. A group is sent to where the RTSP connections of its listeners come from, so one
/// that is listened to on two networks is sent twice. Thread-safe.
class RtspMulticast {
 public:
  /// Addresses of this computer that groups are sent from.
  static constexpr size_t kNetworksMax = 16;

  class Listener;

  /// Errors: those of check().
  [[nodiscard]] static Result<std::shared_ptr<RtspMulticast>> create(
      IoThreads& threads, const RtspMulticastOptions& options);

  /// A part in `stream`'s group, for a session whose connection came to `local`. Errors:
  /// unavailable (all groups or networks are in use), io.
  [[nodiscard]] Result<std::unique_ptr<Listener>> join(const std::shared_ptr<hub::Stream>& stream,
                                                       const Address& local);

  [[nodiscard]] uint8_t ttl() const { return options_.ttl; }
  /// Groups being sent to now.
  [[nodiscard]] int sending() const;
  /// Datagrams that the kernel did not take.
  [[nodiscard]] uint64_t dropped() const;

 private:
  class Sender;
  struct Place {
    std::string stream;
    std::map<std::string, std::weak_ptr<Sender>> senders;  // By the network's address here.
  };

  RtspMulticast(IoThreads& threads, const RtspMulticastOptions& options, const Address& first)
      : threads_(threads), options_(options), first_(first) {}
  Result<size_t> place_of(const std::string& stream);
  Result<std::shared_ptr<RtspUdp>> socket_at(const std::string& network);

  IoThreads& threads_;
  const RtspMulticastOptions options_;
  const Address first_;
  mutable std::mutex mutex_;
  std::vector<Place> places_;
  std::map<std::string, std::shared_ptr<RtspUdp>> sockets_;
};

/// One session's part. For one thread at a time.
class RtspMulticast::Listener {
 public:
  explicit Listener(std::shared_ptr<Sender> sender) : sender_(std::move(sender)) {}
  ~Listener() { pause(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// The group's address.
  [[nodiscard]] std::string group() const;
  [[nodiscard]] rtsp::Pair<uint16_t> ports(size_t media) const;
  /// Somebody plays it already: it does not begin anew.
  [[nodiscard]] bool running() const;

  /// From here on these are sent, by their places in hub::rtp_tracks().
  void play(std::vector<size_t> media);
  void pause();

 private:
  const std::shared_ptr<Sender> sender_;
  std::vector<size_t> playing_;
};

}  // namespace pasu::net::detail
