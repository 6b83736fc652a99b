#include "net/udp_batch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include "net/detail/socket_address.h"

namespace pasu::net {
namespace {

constexpr size_t kTogether = 64;            // Messages of one sendmmsg.
constexpr size_t kSegmentsMax = 64;         // UDP_MAX_SEGMENTS of older kernels.
constexpr size_t kMessageBytesMax = 65000;  // All segments; an IP packet's length is 16 bits.

struct alignas(cmsghdr) Control {
  std::array<char, CMSG_SPACE(sizeof(uint16_t))> bytes;
};

void set_segment_size(msghdr& header, Control& control, size_t size) {
  header.msg_control = control.bytes.data();
  header.msg_controllen = control.bytes.size();
  cmsghdr* message = CMSG_FIRSTHDR(&header);
  message->cmsg_level = SOL_UDP;
  message->cmsg_type = UDP_SEGMENT;
  message->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  const auto value = static_cast<uint16_t>(size);
  std::memcpy(CMSG_DATA(message), &value, sizeof value);
}

}  // namespace

void UdpBatch::add(const Address& to, const Bytes& owner, std::span<const ByteView> packets) {
  size_t bytes = 0;
  for (const auto& packet : packets) bytes += packet.size();
  if (bytes_ + bytes > kBytesMax) {
    dropped_ += packets.size();
    return;
  }
  bytes_ += bytes;
  size_t run_bytes = 0;
  bool open = false;  // The run may go on.
  for (const auto& packet : packets) {
    const size_t segment = open ? parts_[messages_.back().first].iov_len : 0;
    const bool fits = open && packet.size() <= segment && messages_.back().count < kSegmentsMax &&
                      run_bytes + packet.size() <= kMessageBytesMax;
    if (!fits) {
      messages_.push_back({to, owner, parts_.size(), 0});
      run_bytes = 0;
    }
    ++messages_.back().count;
    run_bytes += packet.size();
    parts_.push_back({const_cast<uint8_t*>(packet.data()), packet.size()});
    open = !fits || packet.size() == segment;  // After a shorter one it is over.
  }
}

bool UdpBatch::send(const UdpSocket& socket) {
  while (!empty()) {
    if (!socket.segmentation()) {
      for (size_t i = next_; i < messages_.size(); ++i) split(i);
    }
    if (send_some(socket) == Sent::blocked) return false;
  }
  reset();
  return true;
}

UdpBatch::Sent UdpBatch::send_some(const UdpSocket& socket) {
  std::array<mmsghdr, kTogether> headers{};
  std::array<detail::SocketAddress, kTogether> addresses;
  std::array<Control, kTogether> controls{};
  const size_t count = std::min(kTogether, messages_.size() - next_);
  for (size_t i = 0; i < count; ++i) {
    const Message& message = messages_[next_ + i];
    addresses[i] = detail::to_socket_address(message.to, socket.family());
    msghdr& header = headers[i].msg_hdr;
    header.msg_name = addresses[i].get();
    header.msg_namelen = addresses[i].size;
    header.msg_iov = &parts_[message.first];
    header.msg_iovlen = message.count;
    if (message.count > 1) {
      set_segment_size(header, controls[i], parts_[message.first].iov_len);
    }
  }
  ++calls_;
  const int sent = ::sendmmsg(socket.descriptor(), headers.data(), static_cast<unsigned>(count),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) {
    next_ += static_cast<size_t>(sent);
    return empty() ? Sent::all : Sent::some;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return Sent::blocked;
  if (errno != EINTR) resolve_failure(socket, errno);
  return Sent::some;
}

// About the message at next_: single datagrams may do where segments did not.
void UdpBatch::resolve_failure(const UdpSocket& socket, int error) {
  if (messages_[next_].count > 1) {
    if (error == EIO || error == EOPNOTSUPP) socket.segmentation() = false;
    split(next_);
    return;
  }
  ++dropped_;
  ++next_;
}

void UdpBatch::split(size_t at) {
  const Message whole = messages_[at];
  if (whole.count == 1) return;
  std::vector<Message> singles;
  for (size_t i = 0; i < whole.count; ++i) {
    singles.push_back({whole.to, whole.owner, whole.first + i, 1});
  }
  messages_[at] = singles[0];
  messages_.insert(messages_.begin() + static_cast<ptrdiff_t>(at) + 1, singles.begin() + 1,
                   singles.end());
}

void UdpBatch::reset() {
  messages_.clear();
  parts_.clear();
  next_ = bytes_ = 0;
}

}  // namespace pasu::net
