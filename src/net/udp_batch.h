// Datagrams out, many a system call.
#pragma once

#include <cstdint>
#include <span>
#include <sys/uio.h>
#include <vector>

#include "base/bytes.h"
#include "net/udp_socket.h"

namespace pasu::net {

/// Datagrams collected for one socket, sent by sendmmsg; runs of equal size to one address leave as
/// one message that the kernel or the network card segments (UDP GSO), where it can. For one
/// thread.
class UdpBatch {
 public:
  static constexpr size_t kBytesMax = 32u << 20;  ///< Waiting; beyond, datagrams are dropped.

  /// `packets` point into `owner`, which is kept until they have left.
  void add(const Address& to, const Bytes& owner, std::span<const ByteView> packets);
  /// Sends; false where the kernel does not take all now: call again later.
  bool send(const UdpSocket& socket);

  [[nodiscard]] bool empty() const { return next_ == messages_.size(); }
  [[nodiscard]] uint64_t dropped() const { return dropped_; }  ///< Datagrams.
  [[nodiscard]] uint64_t calls() const { return calls_; }      ///< System calls.

 private:
  // One address's run of datagrams: all of one size, the last may be shorter.
  struct Message {
    Address to;
    Bytes owner;
    size_t first = 0, count = 0;  // In parts_.
  };
  enum class Sent { all, some, blocked };

  Sent send_some(const UdpSocket& socket);
  void resolve_failure(const UdpSocket& socket, int error);
  void split(size_t at);
  void reset();

  std::vector<Message> messages_;
  std::vector<iovec> parts_;
  size_t next_ = 0;  // The first message that has not left.
  size_t bytes_ = 0;
  uint64_t dropped_ = 0, calls_ = 0;
};

}  // namespace pasu::net
