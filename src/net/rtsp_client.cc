#include "net/rtsp_client.h"

#include "net/detail/rtsp_pull.h"
#include "net/detail/rtsp_push.h"
#include "net/detail/session_handles.h"

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

}  // namespace

Result<std::unique_ptr<PullSession>> pull_rtsp(IoThread& thread, const rtsp::Url& url,
                                               const PullOptions& options, PullEvents events) {
  auto link = TRY(link_options(url, options));
  return std::make_unique<detail::PullHandle<detail::RtspPull>>(
      thread,
      std::make_shared<detail::RtspPull>(thread, std::move(link), options, std::move(events)));
}

Result<std::unique_ptr<PushSession>> push_rtsp(IoThread& thread, const rtsp::Url& url,
                                               const hub::Tracks& tracks,
                                               const PushOptions& options, PushEvents events) {
  auto link = TRY(link_options(url, options));
  return std::make_unique<detail::PushHandle<detail::RtspPush>>(
      thread,
      TRY(detail::RtspPush::create(thread, std::move(link), tracks, options, std::move(events))));
}

}  // namespace pasu::net
