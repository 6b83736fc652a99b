// One picture or sound, compressed: what travels from the network to everybody.
#pragma once

#include "base/bytes.h"
#include "media/pts.h"

namespace pasu::media {

/// Copying shares the bytes. H.264 and H.265 bytes are Annex B or length-prefixed, as the stream's
/// extradata says (a configuration record means length-prefixed).
struct AccessUnit {
  Bytes data;
  int stream = 0;  ///< StreamInfo::index.
  Pts pts{0};
  Pts dts{0};             ///< Decoding order; equal to pts where the stream has no B frames.
  Pts duration{0};        ///< 0: unknown.
  int64_t position = -1;  ///< Byte offset in the file, -1 where there is none.
  bool key = false;       ///< Decoding can start here.
};

}  // namespace pasu::media
