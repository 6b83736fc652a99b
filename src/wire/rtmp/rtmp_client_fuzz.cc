#include <algorithm>
#include <cstdint>
#include <vector>

#include "wire/rtmp/client_session.h"

using namespace pasu;

// The first byte says what the client does and how the bytes are split; the rest is what comes
// behind the handshake, or with the top bit from the first byte on.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  using Client = rtmp::ClientSession;
  const std::vector<uint8_t> bytes(data + 1, data + size);
  const uint8_t mode = data[0];
  MonoTime now(std::chrono::hours(1));
  Client::Options options;
  options.mode = (mode & 0x40) != 0 ? Client::Mode::publish : Client::Mode::play;
  Client client(rtmp::Url::parse("rtmp://user:pass@host/app/key").value(), options, now);
  if ((mode & 0x80) == 0) {
    std::vector<uint8_t> hello(1 + 2 * rtmp::Handshake::kPacketBytes);
    hello[0] = rtmp::Handshake::kVersion;
    if (!client.receive(hello, now)) __builtin_trap();
  }
  const size_t piece = size_t{1} << (mode & 15);
  size_t sent = 0;
  bool started = false;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const ByteView view = ByteView(bytes).subspan(at, std::min(piece, bytes.size() - at));
    now += std::chrono::milliseconds(100);
    if (!client.receive(view, now)) break;
    while (const auto event = client.next_event()) {
      if (std::get_if<Client::Started>(&*event) == nullptr) continue;
      if (started) __builtin_trap();
      started = true;
    }
    for (const Bytes& out : client.take_output()) sent += out.size();
    if (client.deadline() && *client.deadline() <= now && !client.on_time(now)) break;
  }
  client.stop();
  if (sent > 8192 + bytes.size() * 16) __builtin_trap();
  return 0;
}
