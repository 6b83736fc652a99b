#include "wire/rtmp/chunk_reader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {
namespace {

constexpr uint32_t kTimeExtended = 0xFFFFFF;
constexpr uint32_t kFirstAllocation = 64u << 10;

// 5.3.1.1: the low six bits are the chunk stream's id, or say that one or two more bytes are.
size_t basic_header_bytes(uint8_t first) {
  const int id = first & 0x3f;
  return id == 0 ? 2 : id == 1 ? 3 : 1;
}
uint32_t chunk_stream_id(const uint8_t* header) {
  const uint32_t id = header[0] & 0x3f;
  if (id == 0) return 64u + header[1];
  if (id == 1) return 64u + header[1] + (uint32_t{header[2]} << 8);
  return id;
}

// The message stream's id is the one number that is not big-endian (5.3.1.2.1).
uint32_t little_endian(ByteView bytes) {
  return bytes[0] | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
}

// 5.3.1.2
constexpr size_t kMessageHeaderBytes[] = {11, 7, 3, 0};

}  // namespace

tl::unexpected<Error> ChunkReader::error(Errc code, std::string_view sentence) const {
  return fail(code, "chunks: {} (byte {})", sentence, position_);
}

Result<void> ChunkReader::push(ByteView bytes) {
  while (!bytes.empty()) {
    if (current_ != nullptr) {
      const size_t used = TRY(read_payload(bytes));
      bytes = bytes.subspan(used);
      position_ += used;
      continue;
    }
    ASSERT(header_size_ < header_.size());
    header_[header_size_++] = bytes[0];
    bytes = bytes.subspan(1);
    ++position_;
    TRY(read_header());
  }
  return {};
}

std::optional<Message> ChunkReader::next() {
  if (messages_.empty()) return {};
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

// Does nothing while more bytes are needed.
Result<void> ChunkReader::read_header() {
  const size_t basic = basic_header_bytes(header_[0]);
  if (header_size_ < basic) return {};
  const size_t format = header_[0] >> 6;
  const size_t whole = basic + kMessageHeaderBytes[format];
  if (header_size_ < whole) return {};

  const uint32_t id = chunk_stream_id(header_.data());
  auto found = streams_.find(id);
  if (found == streams_.end()) {
    if (streams_.size() >= kChunkStreamsMax) {
      return error(Errc::too_large, fmt::format("over {} chunk streams", kChunkStreamsMax));
    }
    found = streams_.emplace(id, Stream{}).first;
  }
  Stream& stream = found->second;
  // A stream may not begin with fmt 2 or 3; with fmt 1 some encoders do, on message stream 0.
  if (!stream.known && format >= 2) {
    return error(Errc::malformed,
                 fmt::format("chunk stream {} begins with fmt {}, without a header", id, format));
  }

  Cursor cursor(ByteView(header_).subspan(basic, header_size_ - basic));
  uint32_t time_field = stream.time_field;
  bool extended = stream.extended;
  if (format <= 2) {
    time_field = cursor.u24();
    extended = time_field == kTimeExtended;
  }
  size_t surplus = 0;
  if (extended) {
    if (header_size_ < whole + 4) return {};
    Cursor after(ByteView(header_).subspan(whole, 4));
    const uint32_t value = after.u32();
    if (format == 3 && value != time_field) {
      surplus = 4;  // Not repeated: these are payload.
    } else {
      time_field = value;
    }
  }

  uint32_t length = stream.length;
  MessageType type = stream.type;
  if (format <= 1) {
    length = cursor.u24();
    type = static_cast<MessageType>(cursor.u8());
  }
  if (!stream.reading) {
    if (format == 0) stream.stream_id = little_endian(cursor.take(4));
    stream.length = length;
    stream.type = type;
    stream.time_field = time_field;
    stream.extended = extended;
    // 5.3.1.2.4: fmt 3 repeats the difference, after fmt 0 the time itself as one.
    stream.timestamp = format == 0 ? time_field : stream.timestamp + time_field;
    stream.known = true;
    TRY(begin_message(stream, id));
  } else if (length != stream.length || type != stream.type) {
    // CVE-2016-10191: the buffer was made for the first length.
    return error(Errc::malformed, fmt::format("chunk stream {}: the message of type {} and {} "
                                              "bytes becomes type {} and {} bytes halfway",
                                              id, static_cast<int>(stream.type), stream.length,
                                              static_cast<int>(type), length));
  }

  header_size_ = 0;
  if (stream.reading) {
    current_ = &stream;
    chunk_left_ = std::min(chunk_bytes_, stream.length - stream.received);
  }
  if (surplus > 0) {
    std::array<uint8_t, 4> payload{};
    std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(whole), surplus, payload.begin());
    position_ -= surplus;
    TRY(push(payload));
  }
  return {};
}

Result<void> ChunkReader::begin_message(Stream& stream, uint32_t id) {
  if (stream.length == 0) {
    ++messages_dropped_;
    return {};
  }
  if (stream.length > kMessageBytesMax) {
    return error(Errc::too_large, fmt::format("a message of {} bytes on chunk stream {}, over {}",
                                              stream.length, id, kMessageBytesMax));
  }
  if (unfinished_bytes_ + stream.length > kUnfinishedBytesMax) {
    return error(Errc::too_large,
                 fmt::format("unfinished messages of over {} bytes together", kUnfinishedBytesMax));
  }
  unfinished_bytes_ += stream.length;
  stream.reading = true;
  stream.received = 0;
  stream.capacity = 0;
  return {};
}

Result<size_t> ChunkReader::read_payload(ByteView bytes) {
  Stream& stream = *current_;
  const auto count = static_cast<uint32_t>(std::min<size_t>(chunk_left_, bytes.size()));
  grow(stream, stream.received + count);
  std::copy_n(bytes.begin(), count, stream.data.get() + stream.received);
  stream.received += count;
  chunk_left_ -= count;
  if (chunk_left_ == 0) {
    current_ = nullptr;
    if (stream.received == stream.length) TRY(finish_message(stream));
  }
  return count;
}

// Memory follows what has come, not what was announced.
void ChunkReader::grow(Stream& stream, uint32_t needed) {
  if (needed <= stream.capacity) return;
  uint32_t capacity = std::max(stream.capacity * 2, kFirstAllocation);
  while (capacity < needed) capacity *= 2;
  capacity = std::min(capacity, stream.length);
  auto data = std::make_shared_for_overwrite<uint8_t[]>(capacity + Bytes::kPadding);
  if (stream.received > 0) std::memcpy(data.get(), stream.data.get(), stream.received);
  stream.data = std::move(data);
  stream.capacity = capacity;
}

void ChunkReader::release(Stream& stream) {
  unfinished_bytes_ -= stream.length;
  stream.reading = false;
  stream.received = 0;
  stream.capacity = 0;
  stream.data.reset();
}

Result<void> ChunkReader::finish_message(Stream& stream) {
  std::memset(stream.data.get() + stream.length, 0, Bytes::kPadding);
  Message message{stream.type, stream.stream_id, stream.timestamp, {}};
  const ByteView view(stream.data.get(), stream.length);
  message.payload = Bytes::share(std::move(stream.data), view);
  release(stream);
  if (message.type == MessageType::set_chunk_size || message.type == MessageType::abort) {
    return control(message);
  }
  messages_.push_back(std::move(message));
  return {};
}

Result<void> ChunkReader::control(const Message& message) {
  Cursor cursor(message.payload);
  const uint32_t value = cursor.u32();
  if (!cursor.ok()) return error(Errc::malformed, "a control message of under 4 bytes");
  if (message.type == MessageType::set_chunk_size) {
    // 5.4.1: at least 1, the top bit is zero. No message is longer than our limit.
    if (value == 0 || value > 0x7FFFFFFF) {
      return error(Errc::malformed, fmt::format("Set Chunk Size to {}", value));
    }
    chunk_bytes_ = std::min(value, kMessageBytesMax);
    return {};
  }
  const auto found = streams_.find(value);
  if (found == streams_.end() || !found->second.reading) return {};
  ++messages_dropped_;
  release(found->second);
  return {};
}

}  // namespace pasu::rtmp
