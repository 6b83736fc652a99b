// Any method, target, header fields and body, one a line, to the router: every answer is well
// formed.
#include <array>
#include <cstdlib>
#include <string>

#include <nlohmann/json.hpp>

#include "api/fake_node.h"
#include "api/router.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pasu::api;
  static const AccessRule rule({"https://cctv.example.org"}, "watchtower");
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::array<std::string, 6> lines;
  size_t at = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    // The last is the body, line ends and all.
    const size_t end = i + 1 < lines.size() ? text.find('\n', at) : std::string::npos;
    lines[i] = text.substr(at, end == std::string::npos ? end : end - at);
    if (end == std::string::npos) break;
    at = end + 1;
  }
  FakeNode fake;
  const Router router(fake, Page(""), rule);
  const Request request{.method = lines[0],
                        .target = lines[1],
                        .host = lines[2],
                        .origin = lines[3],
                        .fetch_site = {},
                        .content_type = lines[4],
                        .accept_encoding = lines[4],
                        .if_none_match = lines[3],
                        .body = lines[5]};
  const Response response = router.handle(request);
  if (response.status < 200 || response.status > 599) std::abort();
  if (response.content_type == "application/json" &&
      !nlohmann::json::accept(pasu::as_text(response.data)))
    std::abort();
  const auto upgrade = router.handle_upgrade(request);
  if (!upgrade && upgrade.error().status < 400) std::abort();
  return 0;
}
