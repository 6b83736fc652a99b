#include "media/codec.h"

namespace pasu::media {

const char* to_string(Codec codec) {
  switch (codec) {
    case Codec::other:
      return "other";
    case Codec::h264:
      return "h264";
    case Codec::h265:
      return "hevc";
    case Codec::av1:
      return "av1";
    case Codec::vp9:
      return "vp9";
    case Codec::mjpeg:
      return "mjpeg";
    case Codec::mpeg4:
      return "mpeg4";
    case Codec::aac:
      return "aac";
    case Codec::opus:
      return "opus";
    case Codec::mp3:
      return "mp3";
    case Codec::pcmu:
      return "pcm_mulaw";
    case Codec::pcma:
      return "pcm_alaw";
  }
  return "other";
}

}  // namespace pasu::media
