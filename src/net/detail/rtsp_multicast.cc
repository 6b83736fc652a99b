#include "net/detail/rtsp_multicast.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "net/fan_out.h"

namespace pasu::net::detail {
namespace {

// Where the connection came by IPv6: the way of the default route.
constexpr const char* kAnyNetwork = "0.0.0.0";
static_assert(RtspMulticastOptions::kPortsAGroup == 2 * hub::Stream::kTracksMax);

// `first` and what follows it, by number.
Address group_at(const Address& first, size_t index) {
  Address out = first;
  size_t carry = index;
  for (size_t i = out.ip.size(); i-- > 12 && carry > 0;) {
    carry += out.ip[i];
    out.ip[i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
  out.port = static_cast<uint16_t>(first.port + index * RtspMulticastOptions::kPortsAGroup);
  return out;
}

}  // namespace

// Sends a stream to its group while somebody listens. Lives on its thread, but where it says so.
class RtspMulticast::Sender final : public Follower, public std::enable_shared_from_this<Sender> {
 public:
  Sender(IoThread& thread, std::shared_ptr<hub::Stream> stream, std::shared_ptr<RtspUdp> udp,
         const Address& group)
      : thread_(thread), stream_(std::move(stream)), udp_(std::move(udp)), group_(group) {}

  // From any thread.
  [[nodiscard]] const hub::Stream& stream() const { return *stream_; }
  [[nodiscard]] const Address& group() const { return group_; }
  [[nodiscard]] bool sending() const { return sending_; }
  void change(std::vector<size_t> media, int by) {
    thread_.post([self = shared_from_this(), media = std::move(media), by] {
      for (const size_t each : media) self->listeners_[each] += by;
      self->start_or_stop();
    });
  }

  void on_news() override { send(); }

 private:
  void start_or_stop() {
    const bool wanted = std::ranges::any_of(listeners_, [](int count) { return count > 0; });
    if (wanted == sending_) return;
    sending_ = wanted;
    if (wanted) {
      reader_ = stream_->tap_rtp();
      thread_.fan_out().follow(stream_, *this);
      send();
    } else {
      thread_.fan_out().unfollow(*stream_, *this);
      reader_.reset();
    }
  }

  void send() {
    if (!sending_ || !reader_->has_news()) return;
    reader_->take({.items = RtspUdp::kItemsARound, .bytes = RtspUdp::kBytesARound}, taken_);
    for (const auto& item : taken_) send(*item);
    taken_.clear();
    if (!reader_->has_news() || std::exchange(more_scheduled_, true)) return;
    thread_.post_after(FanOut::kRoundEvery, [self = shared_from_this()] {
      self->more_scheduled_ = false;
      self->send();
    });
  }
  void send(const hub::RtpUnit& unit) {
    if (unit.media >= listeners_.size() || listeners_[unit.media] == 0) return;
    std::vector<ByteView> packets(unit.batch.size());
    for (size_t i = 0; i < packets.size(); ++i) packets[i] = unit.batch.packet(i);
    const auto port = static_cast<uint16_t>(group_.port + 2 * unit.media + (unit.rtcp ? 1 : 0));
    udp_->send(thread_, unit.rtcp, group_.with_port(port), unit.batch.data, packets);
  }

  IoThread& thread_;
  const std::shared_ptr<hub::Stream> stream_;
  const std::shared_ptr<RtspUdp> udp_;
  const Address group_;  // Its port is the first track's.
  std::atomic<bool> sending_ = false;
  std::array<int, hub::Stream::kTracksMax> listeners_{};  // Of each track.
  std::unique_ptr<hub::Reader<hub::RtpItem>> reader_;
  std::vector<hub::RtpItem> taken_;
  bool more_scheduled_ = false;
};

Result<std::shared_ptr<RtspMulticast>> RtspMulticast::create(IoThreads& threads,
                                                             const RtspMulticastOptions& options) {
  TRY(check(options));
  const Address first = TRY(Address::parse(options.first_group, options.first_port));
  return std::shared_ptr<RtspMulticast>(new RtspMulticast(threads, options, first));
}

Result<std::unique_ptr<RtspMulticast::Listener>> RtspMulticast::join(
    const std::shared_ptr<hub::Stream>& stream, const Address& local) {
  std::lock_guard lock(mutex_);
  const std::string network = local.is_v4() ? local.host() : kAnyNetwork;
  auto socket = TRY(socket_at(network));
  const size_t place = TRY(place_of(stream->name()));
  auto& known = places_[place].senders[network];
  auto sender = known.lock();
  if (!sender || &sender->stream() != stream.get()) {
    sender = std::make_shared<Sender>(threads_.next(), stream, std::move(socket),
                                      group_at(first_, place));
    known = sender;
  }
  return std::make_unique<Listener>(std::move(sender));
}

Result<size_t> RtspMulticast::place_of(const std::string& stream) {
  const auto known = std::ranges::find(places_, stream, &Place::stream);
  if (known != places_.end()) return static_cast<size_t>(known - places_.begin());
  if (places_.size() < RtspMulticastOptions::kGroups) {
    places_.push_back({stream, {}});
    return places_.size() - 1;
  }
  const auto unused = std::ranges::find_if(places_, [](const Place& place) {
    return std::ranges::all_of(place.senders, [](const auto& s) { return s.second.expired(); });
  });
  if (unused == places_.end()) {
    return fail(Errc::unavailable, "all {} multicast groups are in use",
                RtspMulticastOptions::kGroups);
  }
  *unused = {stream, {}};
  return static_cast<size_t>(unused - places_.begin());
}

Result<std::shared_ptr<RtspUdp>> RtspMulticast::socket_at(const std::string& network) {
  auto& socket = sockets_[network];
  if (socket) return socket;
  auto opened = sockets_.size() <= kNetworksMax
                    ? RtspUdp::open_for_groups(threads_, network, options_.ttl)
                    : fail(Errc::unavailable, "multicast on over {} networks", kNetworksMax);
  if (!opened) {
    sockets_.erase(network);
    return opened;
  }
  return socket = std::move(*opened);
}

int RtspMulticast::sending() const {
  std::lock_guard lock(mutex_);
  int count = 0;
  for (const auto& place : places_) {
    for (const auto& [network, weak] : place.senders) {
      const auto sender = weak.lock();
      if (sender && sender->sending()) ++count;
    }
  }
  return count;
}

uint64_t RtspMulticast::dropped() const {
  std::lock_guard lock(mutex_);
  uint64_t count = 0;
  for (const auto& [network, socket] : sockets_) count += socket->dropped();
  return count;
}

std::string RtspMulticast::Listener::group() const { return sender_->group().host(); }

rtsp::Pair<uint16_t> RtspMulticast::Listener::ports(size_t media) const {
  const auto first = static_cast<uint16_t>(sender_->group().port + 2 * media);
  return {first, static_cast<uint16_t>(first + 1)};
}

bool RtspMulticast::Listener::running() const { return sender_->sending(); }

void RtspMulticast::Listener::play(std::vector<size_t> media) {
  pause();
  playing_ = std::move(media);
  sender_->change(playing_, 1);
}

void RtspMulticast::Listener::pause() {
  if (!playing_.empty()) sender_->change(std::exchange(playing_, {}), -1);
}

}  // namespace pasu::net::detail
