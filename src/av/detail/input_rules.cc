#include "av/detail/input_rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/log.h"

namespace pasu::av {
namespace {

// Formats that hold the media themselves. Left out: playlists and scripts that make libavformat
// open other files (concat, sdp, dash, imf, ...), drawings (svg) and whatever cameras never send.
#define PASU_MEDIA_FORMATS                                                                      \
  "mov,matroska,avi,mpegts,mpeg,mpegvideo,m4v,flv,live_flv,h264,hevc,mjpeg,mpjpeg,ivf,obu,asf," \
  "ogg,wav,mp3,aac,ac3,flac,amr,nut,mxf,dhav,gif,apng,image2,jpeg_pipe,png_pipe,bmp_pipe,"      \
  "webp_pipe,tiff_pipe,gif_pipe,j2k_pipe,jpegls_pipe,pgm_pipe,ppm_pipe"

// RTSP and RTMP are net/'s.
constexpr std::array kSchemes = {"http", "https", "udp", "rtp", "srt", "tcp"};

}  // namespace

Result<InputRules> input_rules(const std::string& input) {
  InputRules rules;
  const size_t colon = input.find("://");
  const bool has_scheme =
      colon != std::string::npos && colon > 0 &&
      std::all_of(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(colon),
                  [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-'; });
  std::string scheme = has_scheme ? input.substr(0, colon) : "file";
  std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (scheme == "file") {
    // Named outright, so that "concat:a|b" or "data:..." is the name of a file.
    rules.url = "file:" + (has_scheme ? input.substr(colon + 3) : input);
    rules.protocols = "file";
    rules.formats = PASU_MEDIA_FORMATS;
    return rules;
  }
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end())
    return fail(Errc::unsupported,
                "{}: no address of a file or stream begins with '{}'; use rtsp, rtsps, rtmp, "
                "rtmps, http, https, udp, rtp, srt or tcp",
                log::hide_credentials(input), scheme);
  rules.is_url = true;
  rules.url = scheme + input.substr(colon);
  rules.protocols = "rtp,srtp,udp,tcp,tls,http,https,httpproxy,crypto,srt";
  rules.formats = PASU_MEDIA_FORMATS ",hls,rtp";
  return rules;
}

}  // namespace pasu::av
