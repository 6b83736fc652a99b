#include <algorithm>
#include <cstdint>
#include <vector>

#include "wire/rtmp/fuzz_support.h"

using namespace pasu;

// The first byte says how the owner answers and how the bytes are split; the rest is what comes
// behind the handshake, or with the top bit from the first byte on.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::vector<uint8_t> bytes(data + 1, data + size);
  const uint8_t mode = data[0];
  uint32_t choices = mode * 0x01010101u;
  MonoTime now(std::chrono::hours(1));
  rtmp::ServerSession server(now);
  if ((mode & 0x80) == 0) {
    std::vector<uint8_t> hello(1 + 2 * rtmp::Handshake::kPacketBytes);
    hello[0] = rtmp::Handshake::kVersion;
    if (!server.receive(hello, now)) __builtin_trap();
  }
  const size_t piece = size_t{1} << (mode & 15);
  size_t sent = 0;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const ByteView view = ByteView(bytes).subspan(at, std::min(piece, bytes.size() - at));
    now += std::chrono::milliseconds(100);
    if (!server.receive(view, now) || !rtmp::answer(server, choices, now)) break;
    for (const Bytes& out : server.take_output()) sent += out.size();
    if (server.deadline() && *server.deadline() <= now && !server.on_time(now)) break;
  }
  // What is sent stays in proportion: the handshake, and for a command of 12 bytes some hundreds.
  if (sent > 8192 + bytes.size() * 64) __builtin_trap();
  return 0;
}
