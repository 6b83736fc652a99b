#include "wire/rtmp/detail/link.h"

#include <algorithm>

#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {

Link::Link(Handshake::Role role) : handshake_(role) {
  if (auto out = handshake_.take_output(); !out.empty()) send(Bytes::copy(out));
}

Result<void> Link::receive(ByteView bytes, MonoTime now) {
  if (!bytes.empty()) heard_ = now;
  if (!handshake_.done()) {
    const size_t used = TRY(handshake_.receive(bytes));
    if (auto out = handshake_.take_output(); !out.empty()) send(Bytes::copy(out));
    bytes = bytes.subspan(used);
  }
  if (bytes.empty()) return {};
  TRY(reader_.push(bytes));
  acknowledge();
  while (auto message = reader_.next()) {
    switch (message->type) {
      case MessageType::acknowledgement:
      case MessageType::user_control:
      case MessageType::window_acknowledgement_size:
      case MessageType::set_peer_bandwidth:
        TRY(control(*message));
        break;
      default:
        waiting_bytes_ += message->payload.size();
        ready_.push_back(std::move(*message));
    }
  }
  return {};
}

std::optional<Message> Link::next_message() {
  if (ready_.empty()) return {};
  Message message = std::move(ready_.front());
  ready_.pop_front();
  waiting_bytes_ -= message.payload.size();
  return message;
}

wire::Output Link::take_output() { return std::exchange(output_, {}); }

void Link::send_command(const Command& command, uint32_t stream_id) {
  send(chunk_message({ChunkStream::command, MessageType::command_amf0, stream_id, 0},
                     build_command(command)));
}

void Link::ping(MonoTime now) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  send(chunk_user_control({ControlEvent::ping_request, static_cast<uint32_t>(ms.count())}));
}

Result<void> Link::control(const Message& message) {
  if (message.type == MessageType::user_control) {
    const auto event = parse_user_control(message.payload);
    // Some are shorter, of kinds that we do not know.
    if (event && event->event == ControlEvent::ping_request) {
      send(chunk_user_control({ControlEvent::ping_response, event->value}));
    }
    return {};
  }
  Cursor cursor(message.payload);
  const uint32_t value = cursor.u32();
  if (!cursor.ok()) {
    return fail(Errc::malformed, "control message of type {} and {} bytes, 4 are needed",
                static_cast<int>(message.type), message.payload.size());
  }
  if (message.type == MessageType::window_acknowledgement_size) {
    window_bytes_ = std::max(value, kWindowBytesMin);
  } else if (message.type == MessageType::set_peer_bandwidth && value != bandwidth_sent_) {
    // 5.4.5: answered with our window where that changed.
    bandwidth_sent_ = value;
    send(chunk_control(MessageType::window_acknowledgement_size, value));
  }
  return {};
}

// 5.4.3: the sequence number is the bytes received so far.
void Link::acknowledge() {
  if (reader_.position() - acknowledged_ < window_bytes_) return;
  acknowledged_ = reader_.position();
  send(chunk_control(MessageType::acknowledgement, static_cast<uint32_t>(acknowledged_)));
}

}  // namespace pasu::rtmp
