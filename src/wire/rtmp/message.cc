#include "wire/rtmp/message.h"

#include "wire/rtmp/amf0.h"
#include "wire/rtmp/detail/big_endian.h"

namespace pasu::rtmp {
namespace {

// A name and values, as commands and data have them. Types 15 and 17 begin with a format byte of
// 0; some encoders leave it out of type 15.
Result<std::vector<Value>> parse_values(MessageType type, ByteView payload) {
  const bool amf3 = type == MessageType::command_amf3 || type == MessageType::data_amf3;
  const size_t skip = amf3 && !payload.empty() && payload[0] == 0 ? 1 : 0;
  Amf0Reader reader(payload.subspan(skip));
  std::vector<Value> values;
  while (!reader.at_end()) values.push_back(TRY(reader.read()));
  if (values.empty() || values[0].get<std::string>() == nullptr) {
    return fail(Errc::malformed, "message of type {}: does not begin with a name",
                static_cast<int>(type));
  }
  return values;
}

}  // namespace

Result<UserControl> parse_user_control(ByteView payload) {
  Cursor cursor(payload);
  UserControl control;
  control.event = static_cast<ControlEvent>(cursor.u16());
  control.value = cursor.u32();
  if (!cursor.ok()) {
    return fail(Errc::truncated, "user control message of {} bytes, at least 6 are needed",
                payload.size());
  }
  return control;
}

const Value& Command::arg(size_t index) const {
  static const Value kUndefined;
  return index < args.size() ? args[index] : kUndefined;
}

Result<Command> parse_command(MessageType type, ByteView payload) {
  std::vector<Value> values = TRY(parse_values(type, payload));
  Command command;
  command.name = values[0].text();
  if (values.size() > 1) command.transaction = values[1].number();
  if (values.size() > 2) command.object = std::move(values[2]);
  for (size_t i = 3; i < values.size(); ++i) command.args.push_back(std::move(values[i]));
  return command;
}

std::vector<uint8_t> build_command(const Command& command) {
  std::vector<uint8_t> out;
  write_amf0(out, command.name);
  write_amf0(out, command.transaction);
  write_amf0(out, command.object);
  for (const Value& arg : command.args) write_amf0(out, arg);
  return out;
}

Result<Data> parse_data(MessageType type, ByteView payload) {
  std::vector<Value> values = TRY(parse_values(type, payload));
  size_t at = 0;
  if (values[0].text() == "@setDataFrame" && values.size() > 1) at = 1;
  Data data;
  data.name = values[at].text();
  for (size_t i = at + 1; i < values.size(); ++i) data.values.push_back(std::move(values[i]));
  return data;
}

std::vector<uint8_t> build_data(const Data& data) {
  std::vector<uint8_t> out;
  write_amf0(out, data.name);
  for (const Value& value : data.values) write_amf0(out, value);
  return out;
}

Result<std::vector<Message>> split_aggregate(const Message& aggregate) {
  std::vector<Message> messages;
  Cursor cursor(aggregate.payload);
  std::optional<uint32_t> first_time;
  while (cursor.left() > 0) {
    const size_t at = cursor.position();
    Message message;
    message.type = static_cast<MessageType>(cursor.u8());
    const uint32_t size = cursor.u24();
    const uint32_t time = cursor.u24() | uint32_t{cursor.u8()} << 24;
    cursor.u24();  // The stream's id, which is the aggregate's.
    const ByteView payload = cursor.take(size);
    if (!cursor.ok()) {
      return fail(Errc::truncated, "aggregate: the message at byte {} ends early", at);
    }
    if (message.type == MessageType::aggregate) {
      return fail(Errc::malformed, "aggregate: another one within, at byte {}", at);
    }
    cursor.take(std::min<size_t>(4, cursor.left()));  // The back pointer; the last may be missing.
    if (!first_time) first_time = time;
    message.stream_id = aggregate.stream_id;
    message.timestamp = aggregate.timestamp + (time - *first_time);
    message.payload = Bytes::copy(payload);
    messages.push_back(std::move(message));
  }
  return messages;
}

Object to_object(const Status& status) {
  return Object(
      {{"level", status.level}, {"code", status.code}, {"description", status.description}});
}

Status parse_status(const Value& value) {
  const auto text = [&](const char* name) {
    const Value* member = value.find(name);
    return std::string(member != nullptr ? member->text() : std::string_view());
  };
  return {text("level"), text("code"), text("description")};
}

}  // namespace pasu::rtmp
