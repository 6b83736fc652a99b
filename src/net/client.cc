#include "net/client.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/log.h"
#include "net/rtmp_client.h"
#include "net/rtsp_client.h"

namespace pasu::net {
namespace {

std::string_view scheme_of(std::string_view url) { return url.substr(0, url.find("://")); }

tl::unexpected<Error> no_such_scheme(const std::string& url) {
  return fail(Errc::unsupported,
              "{}: not a stream's address; it begins with rtsp://, rtsps://, rtmp:// or rtmps://",
              log::hide_credentials(url));
}

}  // namespace

const char* to_string(ClientTransport transport) {
  switch (transport) {
    case ClientTransport::automatic:
      return "automatic";
    case ClientTransport::tcp:
      return "tcp";
    case ClientTransport::udp:
      return "udp";
    case ClientTransport::multicast:
      return "multicast";
    case ClientTransport::http:
      return "http";
  }
  return "";
}

bool is_stream_url(std::string_view url) {
  std::string scheme(scheme_of(url));
  std::ranges::transform(scheme, scheme.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return scheme == "rtsp" || scheme == "rtsps" || scheme == "rtmp" || scheme == "rtmps";
}

Result<std::unique_ptr<PullSession>> pull(IoThread& thread, const std::string& url,
                                          const PullOptions& options, PullEvents events) {
  const auto scheme = scheme_of(url);
  if (scheme == "rtsp" || scheme == "rtsps")
    return pull_rtsp(thread, TRY(rtsp::Url::parse(url)), options, std::move(events));
  if (scheme == "rtmp" || scheme == "rtmps")
    return pull_rtmp(thread, TRY(rtmp::Url::parse(url)), options, std::move(events));
  return no_such_scheme(url);
}

Result<std::unique_ptr<PushSession>> push(IoThread& thread, const std::string& url,
                                          const hub::Tracks& tracks, const PushOptions& options,
                                          PushEvents events) {
  const auto scheme = scheme_of(url);
  if (scheme == "rtsp" || scheme == "rtsps")
    return push_rtsp(thread, TRY(rtsp::Url::parse(url)), tracks, options, std::move(events));
  if (scheme == "rtmp" || scheme == "rtmps")
    return push_rtmp(thread, TRY(rtmp::Url::parse(url)), tracks, options, std::move(events));
  return no_such_scheme(url);
}

}  // namespace pasu::net
