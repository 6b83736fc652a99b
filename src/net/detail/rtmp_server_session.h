// One connection to the RTMP server: a publisher or a reader.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/metrics.h"
#include "hub/registry.h"
#include "net/connection.h"
#include "net/detail/login_requests.h"
#include "net/fan_out.h"
#include "net/rtmp_server.h"
#include "wire/rtmp/adobe_auth.h"
#include "wire/rtmp/server_session.h"

namespace pasu::net::detail {

/// What a server's connections have in common.
struct RtmpServerShared {
  RtmpServerShared(hub::Registry& streams, RtmpAccess rights,
                   const rtmp::ServerSession::Timeouts& limits);

  hub::Registry& registry;
  const RtmpAccess access;
  const rtmp::ServerSession::Timeouts timeouts;
  const rtmp::AdobeAuth adobe;
  LoginRequests login_requests;

  std::atomic<int> publishers = 0, readers = 0;
  std::atomic<uint64_t> denied = 0, refused = 0, failed = 0;
  const metrics::Counter denied_total, refused_total, failed_total, media_dropped_total, lost_total;

  std::mutex mutex;
  bool stopping = false;
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> connections;
};

class RtmpServerSession final : public Session, public Follower {
 public:
  RtmpServerSession(std::shared_ptr<RtmpServerShared> shared, MonoTime now);
  ~RtmpServerSession() override;

  Result<void> on_start(Connection& connection, MonoTime now) override;
  Result<void> on_bytes(ByteView bytes, MonoTime now) override;
  [[nodiscard]] std::optional<MonoTime> deadline() const override { return machine_.deadline(); }
  Result<void> on_time(MonoTime now) override;
  Result<void> on_drained(MonoTime now) override;
  void on_end(const Error* why) override;

  void on_news() override;

 private:
  Result<void> handle_events(MonoTime now);
  Result<void> handle(rtmp::ServerSession::Connect connect, MonoTime now);
  Result<void> handle(rtmp::ServerSession::Publish publish, MonoTime now);
  Result<void> handle(rtmp::ServerSession::Play play, MonoTime now);
  Result<void> handle(rtmp::ServerSession::Pause pause, MonoTime now);
  Result<void> handle(rtmp::StreamsChanged changed, MonoTime now);
  Result<void> handle(media::AccessUnit unit, MonoTime now);
  Result<void> handle(rtmp::Data data, MonoTime now);
  Result<void> handle(rtmp::ServerSession::Stopped stopped, MonoTime now);

  /// The description that refuses a connect; nothing where it is welcome.
  std::optional<std::string> check_login(const rtmp::ServerSession::Connect& connect, MonoTime now);
  bool allowed(RtmpAccess::Right right, const std::string& path,
               const rtmp::Credentials& credentials);
  Result<void> check_codecs(const hub::StreamState& state) const;
  void feed();
  bool look_at_state();
  void send_items();
  void end_play(std::string_view reason);
  void stop_stream();
  void send_output();
  void say_good_bye();

  const std::shared_ptr<RtmpServerShared> shared_;
  rtmp::ServerSession machine_;
  Connection* connection_ = nullptr;
  std::string peer_;
  std::string app_;                         // As connect named it.
  std::optional<rtmp::Credentials> login_;  // Proved.
  std::vector<uint32_t> fourccs_;

  std::unique_ptr<hub::Publication> publication_;

  std::unique_ptr<hub::Reader<hub::RtmpItem>> reader_;
  std::shared_ptr<hub::Stream> stream_;  // Followed.
  uint64_t state_seen_ = 0;
  uint64_t header_sent_ = 0;  // The generation whose header has been sent.
  bool ending_ = false;       // The stream has ended; what it left is on its way.
  bool paused_ = false;
  bool good_bye_ = false;
};

}  // namespace pasu::net::detail
