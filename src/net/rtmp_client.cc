#include "net/rtmp_client.h"

#include "net/detail/rtmp_pull.h"
#include "net/detail/rtmp_push.h"

namespace pasu::net {
namespace {

Result<detail::RtmpLinkOptions> link_options(const rtmp::Url& url, const ClientOptions& options,
                                             rtmp::ClientSession::Mode mode) {
  detail::RtmpLinkOptions link{url, mode, options.timeout, nullptr};
  if (url.tls) link.tls = TRY(TlsContext::client(options.tls));
  return link;
}

class Pull final : public PullSession {
 public:
  Pull(IoThread& thread, std::shared_ptr<detail::RtmpPull> pull)
      : thread_(thread), pull_(std::move(pull)) {
    thread_.post([pull = pull_] { pull->start(); });
  }
  ~Pull() override {
    thread_.run([this] { pull_->stop(); });
  }
  PullStats stats() const override { return pull_->stats(); }

 private:
  IoThread& thread_;
  const std::shared_ptr<detail::RtmpPull> pull_;
};

class Push final : public PushSession {
 public:
  Push(IoThread& thread, std::shared_ptr<detail::RtmpPush> push)
      : thread_(thread), push_(std::move(push)) {
    thread_.post([push = push_] { push->start(); });
  }
  ~Push() override {
    thread_.run([this] { push_->stop(); });
  }
  void push(media::AccessUnit unit) override { push_->push(std::move(unit)); }
  PushStats stats() const override { return push_->stats(); }

 private:
  IoThread& thread_;
  const std::shared_ptr<detail::RtmpPush> push_;
};

}  // namespace

Result<std::unique_ptr<PullSession>> pull_rtmp(IoThread& thread, const rtmp::Url& url,
                                               const PullOptions& options, PullEvents events) {
  auto link = TRY(link_options(url, options, rtmp::ClientSession::Mode::play));
  return std::make_unique<Pull>(
      thread, std::make_shared<detail::RtmpPull>(thread, std::move(link), std::move(events)));
}

Result<std::unique_ptr<PushSession>> push_rtmp(IoThread& thread, const rtmp::Url& url,
                                               const hub::Tracks& tracks,
                                               const PushOptions& options, PushEvents events) {
  // What cannot be sent is said here, not once the server has been reached.
  TRY(rtmp::StreamWriter::create(tracks));
  auto link = TRY(link_options(url, options, rtmp::ClientSession::Mode::publish));
  return std::make_unique<Push>(thread, std::make_shared<detail::RtmpPush>(
                                            thread, std::move(link), tracks, std::move(events)));
}

}  // namespace pasu::net
