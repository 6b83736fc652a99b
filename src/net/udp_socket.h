// UDP: pairs of ports for RTP and RTCP, many datagrams a system call both ways.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "net/io_threads.h"

namespace pasu::net {

struct Datagram {
  ByteView bytes;  ///< Valid during the call.
  Address from;
};

/// A bound UDP socket. Receives on its thread; its descriptor may be sent through from any.
class UdpSocket {
 public:
  static constexpr size_t kDatagramBytesMax = 2048;  ///< What is longer is cut and dropped.
  using OnDatagrams = std::function<void(std::span<const Datagram>, MonoTime now)>;

  /// Port 0: any free one. Errors: exists (taken), invalid_argument, io.
  [[nodiscard]] static Result<std::unique_ptr<UdpSocket>> bind(IoThread& thread,
                                                               const Address& local);
  /// Stops receiving; `on_datagrams` is not called any more. On any thread.
  ~UdpSocket();

  /// From here on, datagrams are handed over in groups, on the socket's thread.
  void receive(OnDatagrams on_datagrams);
  /// Takes part in a multicast group (ASM). `interface`: a local address, or empty for the default.
  [[nodiscard]] Result<void> join(const Address& group, const std::string& interface = {});
  /// For sending to groups.
  [[nodiscard]] Result<void> set_multicast(int ttl, const std::string& interface = {});

  /// One datagram, at once; false where the kernel took it not.
  bool send(const Address& to, ByteView bytes) const;

  [[nodiscard]] const Address& local() const;
  [[nodiscard]] IoThread& thread() const;

  /// For net/ alone: the descriptor, and whether the kernel segments for us (learnt by trying).
  [[nodiscard]] int descriptor() const;
  [[nodiscard]] int family() const;
  [[nodiscard]] std::atomic<bool>& segmentation() const;

 private:
  struct State;
  explicit UdpSocket(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

/// The even port is for RTP, the odd one above it for RTCP (RFC 3550 11).
struct UdpPair {
  std::unique_ptr<UdpSocket> rtp, rtcp;
};
struct PortRange {
  uint16_t first = 10000, last = 65535;
};
/// A free pair in the range, sought from a random place. Errors: unavailable (none is free), and
/// those of bind().
[[nodiscard]] Result<UdpPair> bind_pair(IoThread& thread, const Address& local,
                                        const PortRange& range = {});

}  // namespace pasu::net
