#include "net/detail/rtsp_udp.h"

#include "base/assert.h"

namespace pasu::net::detail {
namespace {

constexpr std::chrono::milliseconds kRetry{2};  // After the kernel's buffer was full.

}  // namespace

Result<std::shared_ptr<RtspUdp>> RtspUdp::open(IoThreads& threads, const std::string& address,
                                               uint16_t port) {
  const Address local = TRY(Address::parse(address, 0));
  if (port % 2 != 0) {
    return fail(Errc::invalid_argument, "the UDP port of RTP must be even, {} is not", port);
  }
  const PortRange range =
      port == 0 ? PortRange{} : PortRange{port, static_cast<uint16_t>(port + 1)};
  UdpPair pair = TRY(bind_pair(threads[0], local, range));
  std::shared_ptr<RtspUdp> udp(new RtspUdp(threads, std::move(pair)));
  udp->pair_.rtp->receive(
      [raw = udp.get()](auto datagrams, MonoTime now) { raw->received(false, datagrams, now); });
  udp->pair_.rtcp->receive(
      [raw = udp.get()](auto datagrams, MonoTime now) { raw->received(true, datagrams, now); });
  return udp;
}

Result<std::shared_ptr<RtspUdp>> RtspUdp::open_for_groups(IoThreads& threads,
                                                          const std::string& address, int ttl) {
  const Address local = TRY(Address::parse(address, 0));
  UdpPair pair = TRY(bind_pair(threads[0], local));
  const std::string interface = local.ip == Address::parse("0.0.0.0", 0)->ip ? "" : address;
  TRY(pair.rtp->set_multicast(ttl, interface));
  TRY(pair.rtcp->set_multicast(ttl, interface));
  return std::shared_ptr<RtspUdp>(new RtspUdp(threads, std::move(pair)));
}

RtspUdp::RtspUdp(IoThreads& threads, UdpPair pair) : pair_(std::move(pair)) {
  for (size_t i = 0; i < threads.size(); ++i) senders_[&threads[i]];
}

rtsp::Pair<uint16_t> RtspUdp::ports() const {
  return {pair_.rtp->local().port, pair_.rtcp->local().port};
}

void RtspUdp::send(IoThread& thread, bool rtcp, const Address& to, const Bytes& owner,
                   std::span<const ByteView> packets) {
  ASSERT(thread.is_current());
  Sender& sender = senders_.at(&thread);
  (rtcp ? sender.rtcp : sender.rtp).add(to, owner, packets);
  if (sender.scheduled) return;
  sender.scheduled = true;
  thread.post([self = shared_from_this(), &thread, &sender] { self->flush(thread, sender); });
}

void RtspUdp::flush(IoThread& thread, Sender& sender) {
  const uint64_t before = sender.rtp.dropped() + sender.rtcp.dropped();
  const bool rtp = sender.rtp.send(*pair_.rtp), rtcp = sender.rtcp.send(*pair_.rtcp);
  dropped_ += sender.rtp.dropped() + sender.rtcp.dropped() - before;
  sender.scheduled = !rtp || !rtcp;
  if (sender.scheduled) {
    thread.post_after(
        kRetry, [self = shared_from_this(), &thread, &sender] { self->flush(thread, sender); });
  }
}

void RtspUdp::received(bool rtcp, std::span<const Datagram> datagrams, MonoTime now) {
  for (const auto& datagram : datagrams) {
    const auto to = source(datagram.from);
    if (!to) continue;
    if (to->thread->is_current()) {
      to->on_datagram(rtcp, datagram.bytes, now);
      continue;
    }
    to->thread->post([to, rtcp, now, bytes = Bytes::copy(datagram.bytes)] {
      to->on_datagram(rtcp, bytes, now);
    });
  }
}

std::shared_ptr<const RtspUdp::Source> RtspUdp::source(const Address& from) const {
  std::lock_guard lock(mutex_);
  const auto at = sources_.find(from);
  return at == sources_.end() ? nullptr : at->second;
}

void RtspUdp::expect(const Address& from, IoThread& thread, OnDatagram on_datagram) {
  auto made = std::make_shared<const Source>(Source{&thread, std::move(on_datagram)});
  std::lock_guard lock(mutex_);
  sources_[from] = std::move(made);
}

void RtspUdp::forget(const Address& from) {
  std::lock_guard lock(mutex_);
  sources_.erase(from);
}

}  // namespace pasu::net::detail
