// Why a camera is as it is, in words that stay.
#pragma once

#include <string>

#include "base/result.h"

namespace pasu::node {

/// What a page in another language translates by; the sentence beside it says more, in English.
/// Names are part of the API (CameraReason): add, never change.
enum class Reason {
  none,  ///< Nothing needs saying.
  no_publisher,
  unreachable,  ///< Refused, cut, ended, no way there.
  silent,       ///< No answer in time, or no more of the stream.
  login,        ///< User or password wrong, or without the right.
  not_found,    ///< No such host or stream.
  no_stream,    ///< What comes is nothing that can be understood.
  unsupported,  ///< No video, or of a kind that is not handled.
  no_such_file,
  unreadable_file,
  damaged_file,  ///< Or none of video at all.
  damaged_pictures,
  decoder_behind,   ///< The server decodes too slowly.
  detector_behind,  ///< The server looks at too few frames.
  nothing_moves,    ///< Asleep.
  nobody_seen,      ///< Asleep, though something moves.
  no_key_frame,     ///< Nothing can be decoded yet.
  long_gop,         ///< Its key frames are too far apart to sleep by.
  other,
};
/// "no_publisher"; empty for none.
[[nodiscard]] const char* to_string(Reason reason);

struct Why {
  Reason reason = Reason::none;
  std::string sentence;  ///< With the remedy.
  friend bool operator==(const Why&, const Why&) = default;
};

/// Of a session with the camera at `url`, which may be a file's path.
[[nodiscard]] Why why_lost(const Error& error, const std::string& url);

}  // namespace pasu::node
