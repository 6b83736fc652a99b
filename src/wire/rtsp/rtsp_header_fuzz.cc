#include <cstdint>
#include <string>
#include <vector>

#include "wire/rtsp/auth.h"
#include "wire/rtsp/detail/target.h"
#include "wire/rtsp/headers.h"
#include "wire/rtsp/http_tunnel.h"
#include "wire/rtsp/server_auth.h"
#include "wire/rtsp/transport.h"
#include "wire/rtsp/url.h"

using namespace pasu;
using namespace pasu::rtsp;

namespace {

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void urls(std::string_view text) {
  const Url camera = Url::parse("rtsp://ann:secret@cam/x?y").value();
  for (const std::string& made :
       {base_url(camera, text), control_url(camera, "rtsp://cam/x", text)})
    require(made.find("secret") == std::string::npos || text.find("secret") != text.npos);
  const auto target = rtsp::detail::parse_target(text);
  if (target) require(target->path.find('\0') == std::string::npos);
  const auto url = Url::parse(text);
  if (!url) return;
  const auto again = Url::parse(url->request_uri());
  require(again && again->host == url->host && again->port == url->port &&
          again->request_uri() == url->request_uri());
}

void transports(std::string_view text) {
  const auto parsed = parse_transport(text);
  if (!parsed) return;
  require(!parsed->empty());
  for (const auto& transport : *parsed) {
    if (transport.client_port) require(transport.client_port->rtp != 0);
    (void)to_string(transport);
  }
}

void ranges(std::string_view text) {
  if (const auto range = parse_range(text)) require(parse_range(to_string(*range)).has_value());
}

void rtp_infos(std::string_view text) { require(parse_rtp_info(text).size() <= 32); }

void sessions(std::string_view text) {
  const auto session = parse_session(text);
  if (session) require(parse_session(to_string(*session)).value() == *session);
}

void challenges(std::string_view text) {
  for (const auto& challenge : parse_challenges(text)) {
    const auto again = parse_challenges(to_string(challenge));
    require(again.size() == 1 && again[0] == challenge);
  }
}

void credentials(std::string_view text) {
  const auto parsed = parse_credentials(text);
  if (parsed && parsed->scheme != AuthScheme::basic) {
    const auto again = parse_credentials(to_string(*parsed));
    require(again && again->user == parsed->user && again->uri == parsed->uri);
  }
  // Nobody gets in by luck.
  AuthPolicy policy;
  policy.allow_basic = true;
  policy.password_of = [](std::string_view) { return std::string("a password nobody guesses"); };
  policy.may = [](std::string_view user, std::string_view, Access) { return !user.empty(); };
  ServerAuth auth(policy);
  Request request{Method::play, "PLAY", "rtsp://cam/x", "1.0", {}, ""};
  request.headers.add("Authorization", text);
  std::string user;
  require(auth.check(request, "x", Access::read, MonoTime{}, user) != ServerAuth::Verdict::granted);
}

void tunnels(std::string_view text) {
  ByteView bytes = as_bytes(text);
  TunnelHead head;
  const auto request = head.receive(bytes);
  if (!request || !*request) return;
  Base64Stream whole, pieces;
  std::vector<uint8_t> a, b;
  const bool good = whole.decode(bytes, a).has_value();
  bool also = true;
  for (size_t i = 0; i < bytes.size() && also; ++i)
    also = pieces.decode(bytes.subspan(i, 1), b).has_value();
  require(good == also && a == b && a.size() <= bytes.size());
}

}  // namespace

// The first byte chooses the header; what can be printed reads back the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::vector<uint8_t> bytes(data + 1, data + size);
  constexpr void (*kHeaders[])(std::string_view) = {urls,     transports, ranges,      rtp_infos,
                                                    sessions, challenges, credentials, tunnels};
  kHeaders[data[0] % std::size(kHeaders)](as_text(bytes));
  return 0;
}
