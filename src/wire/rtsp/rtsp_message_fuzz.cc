#include <cstdint>
#include <string>
#include <vector>

#include "wire/rtsp/message_reader.h"

using namespace pasu;
using namespace pasu::rtsp;

namespace {

constexpr size_t kHeldMax = MessageReader::kHeadBytesMax + MessageReader::kBodyBytesMax + 65539;

std::string to_text(const Message& message) {
  if (const auto* request = std::get_if<Request>(&message)) return print(*request);
  if (const auto* response = std::get_if<Response>(&message)) return print(*response);
  const auto& frame = std::get<InterleavedFrame>(message);
  return fmt::format("${}:", frame.channel) + std::string(as_text(frame.payload));
}

// All that comes out of `bytes`, fed in pieces of `piece` bytes, and how it ended.
std::string read(ByteView bytes, size_t piece, bool channels) {
  MessageReader reader;
  if (channels) reader.set_channels(std::bitset<256>(0xF));
  std::string out;
  while (!bytes.empty()) {
    const size_t size = std::min(piece, bytes.size());
    // An exact copy, so that the sanitizer sees every read past the piece.
    const std::vector<uint8_t> copy(bytes.begin(),
                                    bytes.begin() + static_cast<std::ptrdiff_t>(size));
    bytes = bytes.subspan(size);
    reader.feed(copy);
    while (true) {
      const auto message = reader.next();
      if (!message) return out + message.error().message();
      if (!*message) break;
      out += to_text(**message);
    }
    if (reader.buffered_bytes() > kHeldMax) __builtin_trap();
  }
  return out + fmt::format(" {} {}", reader.skipped_bytes(), reader.resyncs());
}

}  // namespace

// However the bytes are split, the same messages come out.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const ByteView bytes(data + 1, size - 1);
  const bool channels = (data[0] & 0x80) != 0;
  const std::string whole = read(bytes, size, channels);
  if (read(bytes, 1 + (data[0] & 0x7F), channels) != whole) __builtin_trap();
  return 0;
}
