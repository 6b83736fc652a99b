// RTMP's messages: what chunks carry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/rtmp/amf.h"

namespace pasu::rtmp {

/// Message type ids (RTMP 1.0 5.4, 6.2, 7.1; the FLV tag types among them are the same numbers).
enum class MessageType : uint8_t {
  set_chunk_size = 1,
  abort = 2,
  acknowledgement = 3,
  user_control = 4,
  window_acknowledgement_size = 5,
  set_peer_bandwidth = 6,
  audio = 8,
  video = 9,
  data_amf3 = 15,
  shared_object_amf3 = 16,
  command_amf3 = 17,
  data_amf0 = 18,
  shared_object_amf0 = 19,
  command_amf0 = 20,
  aggregate = 22,
};

struct Message {
  MessageType type = MessageType::audio;
  uint32_t stream_id = 0;
  uint32_t timestamp = 0;  ///< Milliseconds, wrapping at 2^32.
  Bytes payload;
};

/// User control events (RTMP 1.0 7.1.7).
enum class ControlEvent : uint16_t {
  stream_begin = 0,
  stream_eof = 1,
  stream_dry = 2,
  set_buffer_length = 3,
  stream_is_recorded = 4,
  ping_request = 6,
  ping_response = 7,
};

struct UserControl {
  ControlEvent event = ControlEvent::stream_begin;
  uint32_t value = 0;  ///< The stream's id or the ping's time.
};
/// Errors: truncated.
[[nodiscard]] Result<UserControl> parse_user_control(ByteView payload);

/// A command (RTMP 1.0 7.1.1, 7.2): types 20 and 17.
struct Command {
  std::string name;
  double transaction = 0;
  Value object;             ///< The command object, often null.
  std::vector<Value> args;  ///< What follows it.

  /// args[index], or undefined.
  [[nodiscard]] const Value& arg(size_t index) const;
};
/// Type 17 has one byte more in front; its values are AMF0 that may switch to AMF3.
/// Errors: as Amf0Reader, and malformed (no name).
[[nodiscard]] Result<Command> parse_command(MessageType type, ByteView payload);
/// In AMF0, as type 20.
[[nodiscard]] std::vector<uint8_t> build_command(const Command& command);

/// A data message (RTMP 1.0 7.1.2): types 18 and 15. "@setDataFrame" in front is taken off.
struct Data {
  std::string name;  ///< "onMetaData", "onTextData"...
  std::vector<Value> values;
};
/// Errors: as Amf0Reader, and malformed (no name).
[[nodiscard]] Result<Data> parse_data(MessageType type, ByteView payload);
/// In AMF0, as type 18.
[[nodiscard]] std::vector<uint8_t> build_data(const Data& data);

/// The messages within an aggregate (RTMP 1.0 7.1.6), their times moved to the aggregate's.
/// Their bytes are copies. Errors: truncated, malformed (an aggregate within).
[[nodiscard]] Result<std::vector<Message>> split_aggregate(const Message& aggregate);

/// onStatus's information object (RTMP 1.0 7.2.2): `code` "NetStream.Publish.Start".
struct Status {
  std::string level;  ///< "status", "warning" or "error".
  std::string code;
  std::string description;
};
[[nodiscard]] Object to_object(const Status& status);
[[nodiscard]] Status parse_status(const Value& value);

}  // namespace pasu::rtmp
