// One RTSP session that reads a stream.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "hub/stream.h"
#include "net/connection.h"
#include "net/detail/rtsp_context.h"
#include "net/fan_out.h"
#include "wire/rtsp/server_session.h"

namespace pasu::net::detail {

/// Lives on the connection's thread.
class RtspReader final : public Follower {
 public:
  /// The stream must have tracks.
  RtspReader(Connection& connection, RtspContext& context, std::shared_ptr<hub::Stream> stream);
  ~RtspReader() override;

  [[nodiscard]] const hub::Stream& stream() const { return *stream_; }
  /// Errors: not_found (no such track), unsupported (the transport).
  [[nodiscard]] Result<rtsp::SetupAnswer> set_up(const rtsp::server::Setup& setup);
  /// Where the tracks will begin. send() them after the answer.
  [[nodiscard]] std::vector<rtsp::PlayStart> prepare();
  void play();
  void pause();
  /// Writes what there is, as far as the other side reads.
  void send();

  /// When on_time() is wanted: the stream has no publisher, and this reader waits for one.
  [[nodiscard]] std::optional<MonoTime> deadline() const { return give_up_at_; }
  [[nodiscard]] Result<void> on_time(MonoTime now);

  void on_news() override;

 private:
  struct Media {
    rtsp::Delivery delivery = rtsp::Delivery::tcp;
    std::array<uint8_t, 2> channels{};  // tcp: of RTP and RTCP.
    std::array<Address, 2> to{};        // udp
  };

  Result<void> set_up_multicast(size_t track, rtsp::SetupAnswer& answer);
  void count(std::atomic<int>& readers);

  void listen();
  bool take();
  void send_taken();
  void send_tcp(const Media& media, const hub::RtpItem& item);
  void send_udp(const Media& media, const hub::RtpItem& item);
  void follow_state();
  void end(Error why);

  Connection& connection_;
  RtspContext& context_;
  const std::shared_ptr<hub::Stream> stream_;
  const std::vector<hub::RtpTrack> described_;
  uint64_t generation_ = 0, state_version_ = 0;
  std::unique_ptr<hub::Reader<hub::RtpItem>> reader_;
  std::vector<std::optional<Media>> media_;
  bool udp_ = false, following_ = false, ended_ = false;
  std::unique_ptr<RtspMulticast::Listener> listener_;  // multicast
  std::atomic<int>* counted_at_ = nullptr;
  bool more_scheduled_ = false;
  std::vector<hub::RtpItem> taken_;
  std::optional<MonoTime> give_up_at_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace pasu::net::detail
