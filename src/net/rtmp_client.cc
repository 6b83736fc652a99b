#include "net/rtmp_client.h"

#include "net/detail/rtmp_pull.h"
#include "net/detail/rtmp_push.h"
#include "net/detail/session_handles.h"

namespace pasu::net {
namespace {

Result<detail::RtmpLinkOptions> link_options(const rtmp::Url& url, const ClientOptions& options,
                                             rtmp::ClientSession::Mode mode) {
  detail::RtmpLinkOptions link{url, mode, options.timeout, nullptr};
  if (url.tls) link.tls = TRY(TlsContext::client(options.tls));
  return link;
}

}  // namespace

Result<std::unique_ptr<PullSession>> pull_rtmp(IoThread& thread, const rtmp::Url& url,
                                               const PullOptions& options, PullEvents events) {
  auto link = TRY(link_options(url, options, rtmp::ClientSession::Mode::play));
  return std::make_unique<detail::PullHandle<detail::RtmpPull>>(
      thread, std::make_shared<detail::RtmpPull>(thread, std::move(link), std::move(events)));
}

Result<std::unique_ptr<PushSession>> push_rtmp(IoThread& thread, const rtmp::Url& url,
                                               const hub::Tracks& tracks,
                                               const PushOptions& options, PushEvents events) {
  // What cannot be sent is said here, not once the server has been reached.
  TRY(rtmp::StreamWriter::create(tracks));
  auto link = TRY(link_options(url, options, rtmp::ClientSession::Mode::publish));
  return std::make_unique<detail::PushHandle<detail::RtmpPush>>(
      thread,
      std::make_shared<detail::RtmpPush>(thread, std::move(link), tracks, std::move(events)));
}

}  // namespace pasu::net
