// One track's datagrams: a pair of ports here and one at the server, or a multicast group.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "net/address.h"
#include "net/io_threads.h"
#include "net/udp_batch.h"
#include "net/udp_socket.h"
#include "wire/rtsp/transport.h"

namespace pasu::net::detail {

class RtspPorts {
 public:
  /// A free pair on `local`'s host. `server` is the other end of the RTSP connection. Errors: as
  /// bind_pair().
  [[nodiscard]] static Result<std::unique_ptr<RtspPorts>> open(IoThread& thread,
                                                               const Address& local,
                                                               const Address& server);
  /// The group and ports the server named, joined where `local` is. Errors: malformed (no group),
  /// io.
  [[nodiscard]] static Result<std::unique_ptr<RtspPorts>> join(IoThread& thread,
                                                               const rtsp::Transport& transport,
                                                               const Address& local);

  /// Datagrams of both ports go to `on_datagrams` from here on.
  void receive(const UdpSocket::OnDatagrams& on_datagrams);
  /// For SETUP.
  [[nodiscard]] rtsp::Pair<uint16_t> ports() const;
  /// What the server answered: where its ports are.
  void set_peer(const rtsp::Transport& transport);

  /// Whether a datagram comes from the server; others are dropped.
  [[nodiscard]] bool accepts(const Address& from) const;
  /// Opens the way in through a NAT or firewall: a word from each port to the server's.
  void punch(uint32_t ssrc) const;
  void send_rtcp(ByteView packet) const;
  /// Sends at once what the kernel takes, and the rest soon.
  void send_rtp(const Bytes& owner, std::span<const ByteView> packets);
  [[nodiscard]] bool blocked() const { return !batch_.empty(); }
  /// Again, after it was blocked.
  void send_rest();

 private:
  RtspPorts(UdpPair pair, const Address& server) : pair_(std::move(pair)), server_(server) {}

  UdpPair pair_;
  Address server_;  // Its port of RTP; 0: not known, or not sent to.
  std::optional<Address> source_;
  uint16_t server_rtcp_ = 0;
  bool multicast_ = false;
  UdpBatch batch_;
};

}  // namespace pasu::net::detail
