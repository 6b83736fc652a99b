#include "net/rtsp_client.h"

#include "net/detail/rtsp_pull.h"
#include "net/detail/rtsp_push.h"

namespace pasu::net {
namespace {

Result<detail::RtspLinkOptions> link_options(const rtsp::Url& url, const ClientOptions& options) {
  detail::RtspLinkOptions link;
  link.url = url;
  link.user_agent = options.user_agent;
  link.timeout = options.timeout;
  if (url.tls) link.tls = TRY(TlsContext::client(options.tls));
  return link;
}

class Pull final : public PullSession {
 public:
  Pull(IoThread& thread, std::shared_ptr<detail::RtspPull> pull)
      : thread_(thread), pull_(std::move(pull)) {
    thread_.post([pull = pull_] { pull->start(); });
  }
  ~Pull() override {
    thread_.run([this] { pull_->stop(); });
  }
  PullStats stats() const override { return pull_->stats(); }

 private:
  IoThread& thread_;
  const std::shared_ptr<detail::RtspPull> pull_;
};

class Push final : public PushSession {
 public:
  Push(IoThread& thread, std::shared_ptr<detail::RtspPush> push)
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
  const std::shared_ptr<detail::RtspPush> push_;
};

}  // namespace

Result<std::unique_ptr<PullSession>> pull_rtsp(IoThread& thread, const rtsp::Url& url,
                                               const PullOptions& options, PullEvents events) {
  auto link = TRY(link_options(url, options));
  return std::make_unique<Pull>(thread, std::make_shared<detail::RtspPull>(
                                            thread, std::move(link), options, std::move(events)));
}

Result<std::unique_ptr<PushSession>> push_rtsp(IoThread& thread, const rtsp::Url& url,
                                               const hub::Tracks& tracks,
                                               const PushOptions& options, PushEvents events) {
  auto link = TRY(link_options(url, options));
  return std::make_unique<Push>(
      thread,
      TRY(detail::RtspPush::create(thread, std::move(link), tracks, options, std::move(events))));
}

}  // namespace pasu::net
