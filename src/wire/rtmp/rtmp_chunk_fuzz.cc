#include <algorithm>
#include <cstdint>
#include <vector>

#include "wire/rtmp/chunk_reader.h"
#include "wire/rtmp/message.h"

using namespace pasu;

namespace {

// A run's messages, each with its payload, as bytes to compare.
std::vector<uint8_t> run(ByteView bytes, size_t piece) {
  rtmp::ChunkReader reader;
  std::vector<uint8_t> seen;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const auto pushed = reader.push(bytes.subspan(at, std::min(piece, bytes.size() - at)));
    while (const auto message = reader.next()) {
      if (message->payload.size() > rtmp::ChunkReader::kMessageBytesMax) __builtin_trap();
      if (message->type == rtmp::MessageType::aggregate) (void)rtmp::split_aggregate(*message);
      seen.push_back(static_cast<uint8_t>(message->type));
      seen.push_back(static_cast<uint8_t>(message->timestamp));
      const ByteView payload = message->payload;
      seen.insert(seen.end(), payload.begin(), payload.end());
    }
    if (reader.unfinished_bytes() > rtmp::ChunkReader::kUnfinishedBytesMax) __builtin_trap();
    if (!pushed) {
      seen.push_back(0xee);
      break;
    }
  }
  return seen;
}

}  // namespace

// Where the bytes are split makes no difference. (Messages before an error may come out in the
// same push or not at all; all come before it here, as next() is asked first.)
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  const auto whole = run(bytes, std::max<size_t>(size, 1));
  if (run(bytes, 1) != whole) __builtin_trap();
  if (run(bytes, 7) != whole) __builtin_trap();
  return 0;
}
