#include "av/detail/input_error.h"

#include <string>

#include "av/detail/ffmpeg.h"

namespace pasu::av {
namespace {

struct Row {
  int code;
  Errc errc;
  const char* sentence;
};

// Of addresses. The codes are those of net::PullEvents::on_end. A camera that answers nonsense may
// answer better later, so most are `unavailable`.
const Row kUrlRows[] = {
    {AVERROR(ECONNREFUSED), Errc::unavailable,
     "connection refused; check the port, and that the camera is on and its stream service "
     "enabled"},
    {AVERROR(ETIMEDOUT), Errc::timeout,
     "no answer; check that the camera is on, and that no firewall stands between"},
    {AVERROR(EHOSTUNREACH), Errc::unavailable,
     "the host cannot be reached; check its address, power and network cable"},
    {AVERROR(ENETUNREACH), Errc::unavailable,
     "its network cannot be reached; check the address, and this computer's network"},
    {AVERROR(ECONNRESET), Errc::unavailable,
     "the camera cut the connection; check how many viewers it allows, or restart it"},
    {AVERROR(EPIPE), Errc::unavailable,
     "the camera cut the connection; check how many viewers it allows, or restart it"},
    {AVERROR_EOF, Errc::unavailable,
     "the camera ended the stream; check that nothing else holds it, or restart it"},
    {AVERROR_HTTP_BAD_REQUEST, Errc::unavailable,
     "the camera does not understand the address (400); check what follows the host in it"},
    {AVERROR_HTTP_UNAUTHORIZED, Errc::invalid_argument,
     "user and password are missing or wrong (401); write them into the address: "
     "//USER:PASSWORD@HOST"},
    {AVERROR_HTTP_FORBIDDEN, Errc::invalid_argument,
     "this user may not watch (403); use one that may, and check the camera's list of allowed "
     "addresses"},
    {AVERROR_HTTP_NOT_FOUND, Errc::not_found,
     "no stream of that name (404); check what follows the host in the address, which differs by "
     "the camera's maker"},
    {AVERROR_HTTP_SERVER_ERROR, Errc::unavailable,
     "the camera failed to answer (5xx); restart it, or ask it for fewer streams"},
    {AVERROR_INVALIDDATA, Errc::malformed,
     "what comes from there is no video; check that this is the address of the stream, not of the "
     "camera's web page"},
    {AVERROR_PROTOCOL_NOT_FOUND, Errc::unsupported,
     "this FFmpeg does not speak that protocol; use an rtsp:// address"},
};

const Row kFileRows[] = {
    {AVERROR(ENOENT), Errc::not_found,
     "no such file; check the path, and that its disk is mounted"},
    {AVERROR(EACCES), Errc::io, "may not be read by this user; check its permissions"},
    {AVERROR(EPERM), Errc::io, "may not be read by this user; check its permissions"},
    {AVERROR(EIO), Errc::io, "the disk fails to read it; check the disk (dmesg names it)"},
};

// "Failed to resolve hostname cam.lan: Name or service not known", code EIO like much else.
std::string_view unknown_host(std::string_view line) {
  constexpr std::string_view kBegin = "Failed to resolve hostname ";
  const size_t at = line.find(kBegin);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = line.substr(at + kBegin.size());
  return rest.substr(0, rest.find(':'));
}

}  // namespace

Error input_error(int code, std::string_view line, bool is_url) {
  const auto made = [](Errc errc, std::string sentence) {
    return Error(errc, std::move(sentence));
  };
  if (line.find("whitelist") != std::string_view::npos)
    return made(Errc::unsupported,
                "text, a playlist or another kind of file that pasu does not open; name a video "
                "file or a stream");
  if (is_url) {
    if (const auto host = unknown_host(line); !host.empty())
      return made(Errc::not_found,
                  fmt::format("no computer of the name '{}' is known; check its spelling, or write "
                              "the IP address",
                              host));
    for (const Row& row : kUrlRows)
      if (row.code == code) return made(row.errc, row.sentence);
    const Errc errc = to_errc(code);
    const bool transient = errc == Errc::internal || errc == Errc::io;
    return made(transient ? Errc::unavailable : errc,
                fmt::format("{}; check the address, and that the camera is on", line));
  }
  for (const Row& row : kFileRows)
    if (row.code == code) return made(row.errc, row.sentence);
  if (code == AVERROR_INVALIDDATA || code == AVERROR_EOF || code == AVERROR(EINVAL)) {
    char name[AV_ERROR_MAX_STRING_SIZE] = {};
    av_strerror(code, name, sizeof name);
    const std::string detail = line == name ? "" : fmt::format(" ({})", line);
    return made(Errc::malformed,
                fmt::format("not a video, sound or picture file, or a damaged one{}; copy or "
                            "record it again",
                            detail));
  }
  return made(to_errc(code), std::string(line));
}

}  // namespace pasu::av
