// A stream as RTMP: cut into chunks once for all its readers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "hub/broadcast.h"
#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtmp/stream_writer.h"

namespace pasu::hub {

/// One access unit as ready chunks of message stream 1.
struct RtmpItem {
  Bytes data;
  /// What a decoder needs first, of the items where a reader may begin; to be sent before `data` by
  /// who begins here or had another generation before.
  Bytes header;
  uint64_t generation = 0;
};

/// The first video and the first audio track that RTMP can carry, by their place in the stream.
[[nodiscard]] std::vector<size_t> rtmp_tracks(const std::vector<media::StreamInfo>& tracks);

/// Makes the items. Not thread-safe.
class RtmpForm {
 public:
  void set_tracks(const std::vector<media::StreamInfo>& tracks, uint64_t generation);
  void push(const media::AccessUnit& unit, bool start);
  [[nodiscard]] const std::shared_ptr<Broadcast<RtmpItem>>& log() const { return log_; }
  /// Units that RTMP could not carry.
  [[nodiscard]] uint64_t failed() const { return failed_; }

 private:
  std::vector<size_t> carried_;
  std::optional<rtmp::StreamWriter> writer_;
  bool has_video_ = false;
  uint64_t generation_ = 0;
  uint64_t failed_ = 0;
  std::shared_ptr<Broadcast<RtmpItem>> log_ = std::make_shared<Broadcast<RtmpItem>>();
};

}  // namespace pasu::hub
