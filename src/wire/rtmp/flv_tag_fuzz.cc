#include <cstdint>
#include <vector>

#include "wire/rtmp/flv_file.h"
#include "wire/rtmp/media_reader.h"
#include "wire/rtmp/stream_writer.h"

using namespace pasu;

namespace {

// Reads all of it, checks what must hold, and sends on what RTMP can carry.
void drain(rtmp::MediaReader& reader) {
  std::vector<media::StreamInfo> streams;
  std::optional<rtmp::StreamWriter> writer;
  while (const auto event = reader.next()) {
    if (const auto* changed = std::get_if<rtmp::StreamsChanged>(&*event)) {
      streams = changed->streams;
      for (size_t i = 0; i < streams.size(); ++i) {
        if (streams[i].index != static_cast<int>(i)) __builtin_trap();
      }
      writer.reset();
      if (auto made = rtmp::StreamWriter::create(streams)) writer = std::move(*made);
      if (writer) (void)writer->header({});
    } else if (const auto* unit = std::get_if<media::AccessUnit>(&*event)) {
      if (unit->stream < 0 || static_cast<size_t>(unit->stream) >= streams.size()) __builtin_trap();
      if (unit->data.empty()) __builtin_trap();
      volatile uint8_t last = unit->data.data()[unit->data.size() + Bytes::kPadding - 1];
      (void)last;
      if (writer) (void)writer->write(*unit);
    }
  }
}

}  // namespace

// The bytes as a file; and as one tag of each kind, behind a configuration that fits most.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  rtmp::FlvReader file;
  rtmp::MediaReader media;
  (void)file.push(bytes);
  while (const auto tag = file.next()) (void)media.push(*tag);
  media.flush();
  drain(media);

  rtmp::MediaReader tags;
  for (const auto type : {rtmp::MessageType::video, rtmp::MessageType::audio,
                          rtmp::MessageType::data_amf0, rtmp::MessageType::aggregate}) {
    (void)tags.push({type, 1, 0xfffffff0, Bytes::copy(bytes)});
    (void)tags.push({type, 1, 0x10, Bytes::copy(bytes)});
  }
  tags.flush();
  drain(tags);
  return 0;
}
