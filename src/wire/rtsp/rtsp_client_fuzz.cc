#include <cstdint>
#include <vector>

#include "wire/rtsp/test_peers.h"

using namespace pasu;
using namespace pasu::rtsp;

// A camera's bytes, cut into pieces whose size is the first byte. Answers without CSeq fit whatever
// was asked.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  MonoTime now{std::chrono::hours(1)};
  ClientOptions options;
  options.url = Url::parse("rtsp://ann:s3cret@cam/x").value();
  rtsp::testing::ClientOwner owner(options);
  owner.delivery = static_cast<Delivery>(data[1] % 3);
  if (data[1] & 0x80) {
    owner.description = sdp::parse(rtsp::testing::kSdp).value();
    if (!owner.session.announce(owner.description, now)) __builtin_trap();
  } else {
    owner.session.describe(now);
  }
  // The password is never sent, unless the input happens to have it too.
  const bool told = as_text({data, size}).find("s3cret") != std::string_view::npos;
  const size_t piece = 1 + data[0];
  for (size_t at = 2; at < size; at += piece) {
    const std::vector<uint8_t> bytes(data + at, data + std::min(size, at + piece));
    const bool good = owner.session.receive(bytes, now).has_value();
    owner.log.clear();
    owner.drain(now);
    if (owner.log.find("redirected") != std::string::npos) owner.session.reconnected(now);
    for (const auto& out : owner.session.take_output())
      if (!told && as_text(out).find("s3cret") != std::string_view::npos) __builtin_trap();
    if (!good) return 0;
    now += std::chrono::seconds(3);
    if (!owner.session.on_time(now)) return 0;
    owner.drain(now);
  }
  return 0;
}
