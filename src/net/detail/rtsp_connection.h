// One connection of the RTSP server: drives the machine, and plays the part it is asked for.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "net/connection.h"
#include "net/detail/rtsp_context.h"
#include "net/detail/rtsp_publisher.h"
#include "net/detail/rtsp_reader.h"
#include "net/fan_out.h"
#include "wire/rtsp/http_tunnel.h"
#include "wire/rtsp/server_session.h"

namespace pasu::net::detail {

class RtspConnection final : public Session, private Follower {
 public:
  /// How long who asks for a stream waits for its publisher.
  static constexpr std::chrono::seconds kStreamWait{10};
  /// What the POST half of a tunnel may say before its GET half is there.
  static constexpr size_t kEarlyBytesMax = 64u << 10;

  explicit RtspConnection(std::shared_ptr<RtspContext> context) : context_(std::move(context)) {}
  ~RtspConnection() override;

  Result<void> on_start(Connection& connection, MonoTime now) override;
  Result<void> on_bytes(ByteView bytes, MonoTime now) override;
  [[nodiscard]] std::optional<MonoTime> deadline() const override;
  Result<void> on_time(MonoTime now) override;
  Result<void> on_drained(MonoTime now) override;
  void on_end(const Error* why) override;

 private:
  enum class Kind { unknown, plain, tunnel_head, tunnel_get, tunnel_post };

  // Bytes of the machine, in plain RTSP.
  Result<void> feed(ByteView bytes, MonoTime now);
  void flush_machine();

  void handle(const rtsp::server::Event& event, MonoTime now);
  void describe(const rtsp::server::Describe& event, MonoTime now);
  void set_up(const rtsp::server::Setup& event);
  void play();
  void leave_session();
  void refuse(const Error& error);
  void refuse(int status, std::string_view reason = {});

  // Waiting for a stream's publisher, with a DESCRIBE unanswered.
  void on_news() override;
  bool answer_description();
  void stop_waiting();

  // The HTTP tunnel.
  Result<void> receive_head(ByteView bytes, MonoTime now);
  Result<void> receive_post(ByteView bytes, MonoTime now);
  void join_post(const std::shared_ptr<Connection>& post);
  Result<void> pair(const rtsp::TunnelRequest& request, MonoTime now);

  const std::shared_ptr<RtspContext> context_;
  Connection* connection_ = nullptr;
  std::optional<rtsp::ServerSession> machine_;

  struct Waiting {
    std::shared_ptr<hub::Stream> stream;
    std::unique_ptr<hub::Reader<hub::Unit>> reader;  // Makes a source on demand start.
    bool answered = false;
    MonoTime until{};
  };
  std::optional<Waiting> waiting_;
  std::unique_ptr<RtspReader> reader_;
  std::unique_ptr<RtspPublisher> publisher_;

  Kind kind_ = Kind::unknown;
  std::vector<uint8_t> first_;  // Until the kind is known; of a POST, until its GET is there.
  rtsp::TunnelHead head_;
  rtsp::Base64Stream base64_;
  std::weak_ptr<Connection> other_half_;
};

}  // namespace pasu::net::detail
