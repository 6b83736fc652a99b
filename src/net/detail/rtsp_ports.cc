#include "net/detail/rtsp_ports.h"

#include "wire/rtp/packet.h"
#include "wire/rtp/rtcp.h"

namespace pasu::net::detail {

Result<std::unique_ptr<RtspPorts>> RtspPorts::open(IoThread& thread, const Address& local,
                                                   const Address& server) {
  auto pair = TRY(bind_pair(thread, local));
  return std::unique_ptr<RtspPorts>(new RtspPorts(std::move(pair), server.with_port(0)));
}

Result<std::unique_ptr<RtspPorts>> RtspPorts::join(IoThread& thread,
                                                   const rtsp::Transport& transport,
                                                   const Address& local) {
  const Address group = TRY(Address::parse(transport.destination, transport.port->rtp));
  if (!group.is_multicast())
    return fail(Errc::malformed, "{} is no multicast group", transport.destination);
  UdpPair pair;
  pair.rtp = TRY(UdpSocket::bind(thread, group));
  pair.rtcp = TRY(UdpSocket::bind(thread, group.with_port(transport.port->rtcp)));
  const std::string interface = group.is_v4() ? local.host() : "";
  TRY(pair.rtp->join(group, interface));
  TRY(pair.rtcp->join(group, interface));
  std::unique_ptr<RtspPorts> udp(new RtspPorts(std::move(pair), group));
  udp->multicast_ = true;
  return udp;
}

void RtspPorts::receive(const UdpSocket::OnDatagrams& on_datagrams) {
  pair_.rtp->receive(on_datagrams);
  pair_.rtcp->receive(on_datagrams);
}

rtsp::Pair<uint16_t> RtspPorts::ports() const {
  return {pair_.rtp->local().port, pair_.rtcp->local().port};
}

void RtspPorts::set_peer(const rtsp::Transport& transport) {
  // Media may come from another host of the server's (RFC 2326 12.39, source); where it names
  // itself by an address that is not reached from here, the RTSP connection's is right.
  if (const auto source = Address::parse(transport.source, 0)) source_ = *source;
  if (!transport.server_port) return;
  server_.port = transport.server_port->rtp;
  server_rtcp_ = transport.server_port->rtcp;
}

bool RtspPorts::accepts(const Address& from) const {
  // A group's member may send from any of its addresses.
  return multicast_ || from.same_host(server_) || (source_ && from.same_host(*source_));
}

void RtspPorts::punch(uint32_t ssrc) const {
  if (multicast_ || server_.port == 0) return;
  rtp::Packet nothing;
  nothing.ssrc = ssrc;
  std::vector<uint8_t> packet;
  rtp::append_packet(packet, nothing);
  pair_.rtp->send(server_, packet);
}

void RtspPorts::send_rtcp(ByteView packet) const {
  if (!multicast_ && server_rtcp_ != 0) pair_.rtcp->send(server_.with_port(server_rtcp_), packet);
}

void RtspPorts::send_rtp(const Bytes& owner, std::span<const ByteView> packets) {
  if (server_.port == 0) return;
  batch_.add(server_, owner, packets);
  send_rest();
}

void RtspPorts::send_rest() { batch_.send(*pair_.rtp); }

}  // namespace pasu::net::detail
