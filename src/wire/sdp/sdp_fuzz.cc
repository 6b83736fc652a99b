#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "wire/rtsp/track_choice.h"
#include "wire/sdp/session.h"

using namespace pasu;

// What can be printed reads back the same, and limits hold.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  const auto session = sdp::parse(as_text(bytes));
  if (!session) return session.error().message().empty() ? (__builtin_trap(), 0) : 0;
  if (session->media.size() > sdp::Session::kMediaMax) __builtin_trap();
  for (size_t i = 0; i < session->media.size(); ++i) {
    const auto& media = session->media[i];
    if (media.attributes.size() > sdp::Session::kAttributesMax) __builtin_trap();
    (void)rtsp::is_back_channel(*session, i);
    (void)session->direction(media);
    for (int type = 0; type < 128; ++type) {
      const auto map = media.rtpmap(static_cast<uint8_t>(type));
      if (map && (map->clock_rate == 0 || map->channels < 1 || map->encoding.empty()))
        __builtin_trap();
    }
    if (const auto type = media.payload_type()) (void)media.parameters(*type);
  }
  for (const auto& choice : rtsp::choose_tracks(*session))
    if (choice.media >= session->media.size()) __builtin_trap();
  const auto text = sdp::print(*session);
  if (!text) return 0;
  const auto again = sdp::parse(*text);
  // Printing adds lines, so that a text at the limit may come back over it.
  if (!again) return again.error().code() == Errc::too_large ? 0 : (__builtin_trap(), 0);
  if (again->media != session->media || sdp::print(*again).value() != *text) __builtin_trap();
  return 0;
}
