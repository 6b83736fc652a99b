#include <cstdint>
#include <vector>

#include "wire/rtsp/test_peers.h"

using namespace pasu;
using namespace pasu::rtsp;

namespace {

// Everything the server says is a whole response, however wild the question.
void check_output(const wire::Output& output) {
  MessageReader reader;
  const auto bytes = rtsp::testing::join(output);
  reader.feed(bytes);
  while (true) {
    const auto message = reader.next();
    if (!message) __builtin_trap();
    if (!*message) break;
    const auto* response = std::get_if<Response>(&**message);
    if (!response || response->status < 200) __builtin_trap();
  }
  if (reader.buffered_bytes() != 0) __builtin_trap();
}

}  // namespace

// A client's bytes, cut into pieces whose size is the first byte; the second says who may what.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  MonoTime now{std::chrono::hours(1)};
  ServerOptions options;
  options.auth = rtsp::testing::ann();
  if (data[1] & 1) options.auth.may = [](auto, auto, auto) { return true; };
  options.auth.allow_basic = (data[1] & 2) != 0;
  options.multicast = (data[1] & 4) != 0;
  rtsp::testing::ServerOwner owner(std::move(options), now);
  const size_t piece = 1 + data[0];
  for (size_t at = 2; at < size; at += piece) {
    const std::vector<uint8_t> bytes(data + at, data + std::min(size, at + piece));
    const bool good = owner.session.receive(bytes, now).has_value();
    owner.drain();
    check_output(owner.session.take_output());
    if (!good) return 0;
    now += std::chrono::seconds(1);
    if (!owner.session.on_time(now)) return 0;
  }
  if (owner.setups.size() > size / 10) __builtin_trap();
  return 0;
}
