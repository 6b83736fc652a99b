// One RTSP session that publishes a stream.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "hub/registry.h"
#include "net/connection.h"
#include "net/detail/rtsp_context.h"
#include "net/rtp_ingest.h"
#include "wire/rtsp/server_session.h"

namespace pasu::net::detail {

/// Lives on the connection's thread.
class RtspPublisher {
 public:
  /// How often the publisher is told what arrives (RFC 3550 6.2).
  static constexpr std::chrono::seconds kReportEvery{5};

  /// Takes the path. Errors: exists, unsupported (nothing in the description is understood).
  [[nodiscard]] static Result<std::unique_ptr<RtspPublisher>> create(
      Connection& connection, RtspContext& context, const rtsp::server::Announce& announce);
  ~RtspPublisher();

  /// Media that are not understood are set up all the same, and what they carry is dropped.
  [[nodiscard]] Result<rtsp::SetupAnswer> set_up(const rtsp::server::Setup& setup);
  void record(MonoTime now);
  void pause() { recording_ = false; }
  /// A packet that came interleaved, or by UDP.
  void push(size_t media, ByteView packet, MonoTime now);
  /// Called when something came by UDP, which the session's machine has not seen.
  std::function<void(MonoTime)> on_datagram;

  [[nodiscard]] std::optional<MonoTime> deadline() const;
  /// Errors: the stream was ended by its owner.
  [[nodiscard]] Result<void> on_time(MonoTime now);

 private:
  struct Media {
    std::optional<rtp::PayloadFormat> format;  // Nothing: not understood.
    std::optional<size_t> track;               // Of the ingest, once it is set up.
    rtsp::Delivery delivery = rtsp::Delivery::tcp;
    uint8_t rtcp_channel = 0;
    std::array<Address, 2> from{};
  };

  RtspPublisher(Connection& connection, RtspContext& context);
  void expect(size_t media);
  void report(MonoTime now);

  Connection& connection_;
  RtspContext& context_;
  std::unique_ptr<hub::Publication> publication_;
  std::vector<Media> media_;
  RtpIngest ingest_;
  bool recording_ = false;
  std::optional<MonoTime> report_at_;
  const uint32_t ssrc_;
  const std::shared_ptr<const bool> life_ = std::make_shared<const bool>(true);
};

}  // namespace pasu::net::detail
