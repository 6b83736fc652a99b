#include "net/client.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/log.h"
#include "net/rtmp_client.h"
#include "net/rtsp_client.h"

namespace pasu::net {
namespace {

// In small letters: case does not count (RFC 3986 3.1).
std::string scheme_of(std::string_view url) {
  std::string scheme(url.substr(0, url.find("://")));
  std::ranges::transform(scheme, scheme.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return scheme;
}

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
  const std::string scheme = scheme_of(url);
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
