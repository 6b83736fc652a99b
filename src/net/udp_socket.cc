#include "net/udp_socket.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "net/detail/io_thread_impl.h"
#include "net/detail/socket_address.h"

namespace pasu::net {
namespace {

using boost::asio::ip::udp;
using boost::system::error_code;

constexpr size_t kReceiveTogether = 32;
constexpr int kReceiveRoundsMax = 4;
constexpr int kSocketBufferBytes = 4 << 20;  // Asked for; the kernel gives what it allows.

Error system_error(const std::string& what) {
  return {Errc::io, fmt::format("{}: {}", what,
                                error_code(errno, boost::system::system_category()).message())};
}

int family_of(const Address& address) { return address.is_v4() ? AF_INET : AF_INET6; }

// Where a thread's datagrams land. Shared by its sockets, as each is handed on before the next.
struct Landing {
  std::array<std::array<uint8_t, UdpSocket::kDatagramBytesMax>, kReceiveTogether> bytes;
  std::array<detail::SocketAddress, kReceiveTogether> from;
  std::array<iovec, kReceiveTogether> vectors;
  std::array<mmsghdr, kReceiveTogether> headers;
};
Landing& landing() {
  thread_local auto the = std::make_unique<Landing>();
  return *the;
}

}  // namespace

struct UdpSocket::State : std::enable_shared_from_this<State> {
  State(IoThread& t, const Address& address)
      : thread(t), socket(t.impl().context), local(address), family(family_of(address)) {}

  Result<void> open() {
    error_code error;
    socket.open(family == AF_INET ? udp::v4() : udp::v6(), error);
    if (error) return fail(Errc::io, "UDP: {}", error.message());
    if (family == AF_INET6) socket.set_option(boost::asio::ip::v6_only(false), error);
    if (local.is_multicast()) socket.set_option(udp::socket::reuse_address(true), error);
    socket.set_option(udp::socket::receive_buffer_size(kSocketBufferBytes), error);
    socket.set_option(udp::socket::send_buffer_size(kSocketBufferBytes), error);
    auto raw = detail::to_socket_address(local, family);
    if (::bind(socket.native_handle(), raw.get(), raw.size) != 0) {
      if (errno == EADDRINUSE) return fail(Errc::exists, "UDP port {} is in use", local.port);
      if (errno == EADDRNOTAVAIL) {
        return fail(Errc::invalid_argument, "{} is no address of this computer", local.host());
      }
      return tl::unexpected(system_error("UDP " + local.text()));
    }
    getsockname(socket.native_handle(), raw.get(), &raw.size);
    local = detail::from_socket_address(raw.get());
    socket.non_blocking(true, error);
    return {};
  }

  void wait() {
    socket.async_wait(udp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
      if (error || !self->on_datagrams) return;
      self->take();
      if (self->on_datagrams) self->wait();
    });
  }

  void take() {
    for (int i = 0; i < kReceiveRoundsMax && on_datagrams; ++i) {
      Landing& land = landing();
      for (size_t k = 0; k < kReceiveTogether; ++k) {
        land.from[k] = {};
        land.vectors[k] = {land.bytes[k].data(), kDatagramBytesMax};
        land.headers[k] = {};
        auto& header = land.headers[k].msg_hdr;
        header.msg_name = land.from[k].get();
        header.msg_namelen = land.from[k].size;
        header.msg_iov = &land.vectors[k];
        header.msg_iovlen = 1;
      }
      const int count = ::recvmmsg(socket.native_handle(), land.headers.data(), kReceiveTogether,
                                   MSG_DONTWAIT, nullptr);
      if (count <= 0) return;
      hand_over(land, static_cast<size_t>(count));
      if (static_cast<size_t>(count) < kReceiveTogether) return;
    }
  }

  void hand_over(const Landing& land, size_t count) {
    std::array<Datagram, kReceiveTogether> datagrams;
    size_t whole = 0;
    for (size_t k = 0; k < count; ++k) {
      if (land.headers[k].msg_hdr.msg_flags & MSG_TRUNC) continue;
      datagrams[whole++] = {{land.bytes[k].data(), land.headers[k].msg_len},
                            detail::from_socket_address(land.from[k].get())};
    }
    if (whole > 0) on_datagrams({datagrams.data(), whole}, system_clock().now());
  }

  IoThread& thread;
  udp::socket socket;
  Address local;
  const int family;
  OnDatagrams on_datagrams;  // On the thread.
  bool receives = false;     // The owner's.
  std::atomic<bool> segmentation = true;
};

Result<std::unique_ptr<UdpSocket>> UdpSocket::bind(IoThread& thread, const Address& local) {
  auto state = std::make_shared<State>(thread, local);
  TRY(state->open());
  return std::unique_ptr<UdpSocket>(new UdpSocket(std::move(state)));
}

UdpSocket::UdpSocket(std::shared_ptr<State> state) : state_(std::move(state)) {}

UdpSocket::~UdpSocket() {
  const auto close = [this] {
    state_->on_datagrams = nullptr;
    error_code ignored;
    state_->socket.close(ignored);
  };
  // One that never received has nothing on its thread, which need not be waited for.
  if (state_->receives) {
    state_->thread.run(close);
  } else {
    close();
  }
}

void UdpSocket::receive(OnDatagrams on_datagrams) {
  state_->receives = true;
  state_->thread.run([&] {
    state_->on_datagrams = std::move(on_datagrams);
    state_->wait();
  });
}

Result<void> UdpSocket::join(const Address& group, const std::string& interface) {
  const int socket = state_->socket.native_handle();
  int result = 0;
  if (group.is_v4()) {
    ip_mreqn request{};
    std::copy_n(group.ip.data() + 12, 4, reinterpret_cast<uint8_t*>(&request.imr_multiaddr));
    if (!interface.empty()) {
      const Address local = TRY(Address::parse(interface, 0));
      std::copy_n(local.ip.data() + 12, 4, reinterpret_cast<uint8_t*>(&request.imr_address));
    }
    result = ::setsockopt(socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request);
  } else {
    ipv6_mreq request{};
    std::copy(group.ip.begin(), group.ip.end(), request.ipv6mr_multiaddr.s6_addr);
    request.ipv6mr_interface = group.scope;
    result = ::setsockopt(socket, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request);
  }
  if (result == 0) return {};
  return tl::unexpected(system_error("joining " + group.host()));
}

Result<void> UdpSocket::set_multicast(int ttl, const std::string& interface) {
  const int socket = state_->socket.native_handle();
  if (state_->family == AF_INET6) {
    if (::setsockopt(socket, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl, sizeof ttl) == 0) return {};
    return tl::unexpected(system_error("multicast hops"));
  }
  if (::setsockopt(socket, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0) {
    return tl::unexpected(system_error("multicast ttl"));
  }
  if (interface.empty()) return {};
  const Address local = TRY(Address::parse(interface, 0));
  ip_mreqn request{};
  std::copy_n(local.ip.data() + 12, 4, reinterpret_cast<uint8_t*>(&request.imr_address));
  if (::setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) == 0) return {};
  return tl::unexpected(system_error("multicast interface " + interface));
}

bool UdpSocket::send(const Address& to, ByteView bytes) const {
  const auto raw = detail::to_socket_address(to, state_->family);
  return ::sendto(state_->socket.native_handle(), bytes.data(), bytes.size(),
                  MSG_DONTWAIT | MSG_NOSIGNAL, raw.get(),
                  raw.size) == static_cast<ssize_t>(bytes.size());
}

int UdpSocket::descriptor() const { return state_->socket.native_handle(); }
int UdpSocket::family() const { return state_->family; }
std::atomic<bool>& UdpSocket::segmentation() const { return state_->segmentation; }
const Address& UdpSocket::local() const { return state_->local; }
IoThread& UdpSocket::thread() const { return state_->thread; }

Result<UdpPair> bind_pair(IoThread& thread, const Address& local, const PortRange& range) {
  const uint32_t first = (range.first + 1u) & ~1u;
  const uint32_t pairs = range.last > first ? (range.last - first + 1) / 2 : 0;
  std::random_device random;
  const uint32_t offset = pairs == 0 ? 0 : random() % pairs;
  for (uint32_t i = 0; i < pairs; ++i) {
    const auto even = static_cast<uint16_t>(first + 2 * ((offset + i) % pairs));
    auto rtp = UdpSocket::bind(thread, local.with_port(even));
    if (!rtp && rtp.error().code() != Errc::exists) return tl::unexpected(rtp.error());
    if (!rtp) continue;
    auto rtcp = UdpSocket::bind(thread, local.with_port(static_cast<uint16_t>(even + 1)));
    if (rtcp) return UdpPair{std::move(*rtp), std::move(*rtcp)};
  }
  return fail(Errc::unavailable, "no free pair of UDP ports between {} and {}", range.first,
              range.last);
}

}  // namespace pasu::net
