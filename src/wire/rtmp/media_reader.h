// Audio and video messages into streams and access units.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "media/access_unit.h"
#include "media/codec.h"
#include "wire/rtmp/media_tag.h"
#include "wire/rtmp/message.h"
#include "wire/rtmp/metadata.h"

namespace pasu::rtmp {

/// All streams as they are from here on; indices never change their stream. Comes before the
/// first unit, and again when a stream joins or its configuration (picture size...) changes.
struct StreamsChanged {
  std::vector<media::StreamInfo> streams;
};

/// Reads the media messages of one RTMP stream, or an FLV file's tags. Sans-IO.
///
/// H.264 and H.265 come out with 4-byte lengths and avcC or hvcC, AAC raw with its
/// AudioSpecificConfig, others as they are. Times are the sender's, their 32 bits unwrapped. Units
/// share the message's bytes.
///
/// Which streams there will be is known from onMetaData, at best; else the first units are held
/// back until there is one of each kind, a second of media has passed or the limits are reached.
class MediaReader {
 public:
  static constexpr size_t kHeldUnitsMax = 256;
  static constexpr size_t kHeldBytesMax = 4u << 20;
  static constexpr int64_t kHeldMsMax = 1000;
  /// Enhanced RTMP v2 multitrack.
  static constexpr size_t kTracksMax = 16;

  using Event = std::variant<StreamsChanged, media::AccessUnit, Data>;

  /// Messages that are no media are ignored. An error concerns this message alone, and is counted.
  Result<void> push(const Message& message);
  [[nodiscard]] std::optional<Event> next();
  /// Gives out what is held back: nothing more will come.
  void flush();

  /// Units and configurations that could not be read, or came before their configuration.
  [[nodiscard]] uint64_t dropped() const { return dropped_; }

 private:
  struct Track {
    int id = 0;
    int length_size = 4;  // Of NAL unit lengths, as sent.
    media::StreamInfo info;
  };

  Result<void> push_data(const Message& message);
  Result<void> push_packet(const MediaPacket& packet, const Message& message);
  Result<void> configure(const MediaPacket& packet);
  Result<void> take_unit(Track& track, const MediaPacket& packet, const Message& message);
  Track* find(media::MediaKind kind, int id);
  Result<void> set_track(Track track);
  void apply_metadata(media::StreamInfo& info) const;
  int64_t unwrap(uint32_t timestamp);
  [[nodiscard]] bool settled() const;
  void announce_when_settled();
  void announce();

  std::vector<Track> tracks_;  // Once announced, a stream's index is its place here.
  bool announced_ = false;
  std::vector<std::pair<size_t, media::AccessUnit>> held_;  // Place in tracks_, unit.
  size_t held_bytes_ = 0;
  Metadata metadata_;
  std::optional<int64_t> time_ms_;
  std::deque<Event> events_;
  uint64_t dropped_ = 0;
};

}  // namespace pasu::rtmp
