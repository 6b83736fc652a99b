// The RTSP server's pair of UDP ports, shared by all its sessions.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "net/io_threads.h"
#include "net/udp_batch.h"
#include "net/udp_socket.h"
#include "wire/rtsp/transport.h"

namespace pasu::net::detail {

/// One pair rather than one a session, so that many readers' datagrams leave in one system call.
/// Who sent a datagram is told by its address. Thread-safe.
class RtspUdp : public std::enable_shared_from_this<RtspUdp> {
 public:
  /// What one who begins with a stream's running GOP gets in one round: at once it would overflow
  /// the socket buffers of common players (212 kB).
  static constexpr size_t kBytesARound = 64u << 10;
  static constexpr size_t kItemsARound = 64;

  /// On the session's thread; the bytes are valid during the call.
  using OnDatagram = std::function<void(bool rtcp, ByteView bytes, MonoTime now)>;

  [[nodiscard]] static Result<std::shared_ptr<RtspUdp>> open(IoThreads& threads,
                                                             const std::string& address,
                                                             uint16_t port);
  /// For sending to multicast groups from an IPv4 address of this computer (0.0.0.0: by the default
  /// route). Receives nothing.
  [[nodiscard]] static Result<std::shared_ptr<RtspUdp>> open_for_groups(IoThreads& threads,
                                                                        const std::string& address,
                                                                        int ttl);
  [[nodiscard]] rtsp::Pair<uint16_t> ports() const;

  /// Queues on the current io thread, `thread`; it leaves when the thread's present work is done.
  void send(IoThread& thread, bool rtcp, const Address& to, const Bytes& owner,
            std::span<const ByteView> packets);
  /// Datagrams that the kernel did not take.
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

  /// What comes from `from` goes to `on_datagram` on `thread`, until forget(). One that is already
  /// on its way may still come after that.
  void expect(const Address& from, IoThread& thread, OnDatagram on_datagram);
  void forget(const Address& from);

 private:
  struct Sender {  // Of one thread.
    UdpBatch rtp, rtcp;
    bool scheduled = false;
  };
  struct Source {
    IoThread* thread;
    OnDatagram on_datagram;
  };

  RtspUdp(IoThreads& threads, UdpPair pair);
  void flush(IoThread& thread, Sender& sender);
  void received(bool rtcp, std::span<const Datagram> datagrams, MonoTime now);
  std::shared_ptr<const Source> source(const Address& from) const;

  std::map<const IoThread*, Sender> senders_;  // Fixed; each is its thread's alone.
  std::atomic<uint64_t> dropped_ = 0;
  mutable std::mutex mutex_;
  std::map<Address, std::shared_ptr<const Source>> sources_;
  UdpPair pair_;  // Last, so that nothing is received into what is gone.
};

}  // namespace pasu::net::detail
