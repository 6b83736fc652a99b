#include "av/detail/ffmpeg.h"

#include <cstring>
#include <mutex>

#include "base/assert.h"
#include "base/log.h"

namespace pasu::av {
namespace {

std::string& first_error_line() {
  thread_local std::string line;
  return line;
}

// Called from FFmpeg's own threads too.
void on_log_line(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  char line[1024];
  // The prefix is left out: "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55..] " tells a reader nothing.
  vsnprintf(line, sizeof line, format, arguments);
  std::string text = log::hide_credentials(line);
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  if (text.empty()) return;
  const char* source = context != nullptr ? (*static_cast<AVClass**>(context))->class_name : "";
  log::debug("ffmpeg {}: {}", source, text);
  if (level <= AV_LOG_ERROR && first_error_line().empty()) first_error_line() = std::move(text);
}

}  // namespace

void route_ffmpeg_log() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(on_log_line); });
}

FfmpegReason::FfmpegReason() { first_error_line().clear(); }

std::string FfmpegReason::text(int code) const {
  if (!first_error_line().empty()) return first_error_line();
  char name[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, name, sizeof name);
  return name;
}

Errc to_errc(int code) {
  switch (code) {
    case AVERROR(ENOENT):
    case AVERROR_HTTP_NOT_FOUND:
      return Errc::not_found;
    case AVERROR_INVALIDDATA:
      return Errc::malformed;
    case AVERROR(ENOSPC):
    case AVERROR(EDQUOT):
      return Errc::no_space;
    case AVERROR(ETIMEDOUT):
      return Errc::timeout;
    case AVERROR(ECONNREFUSED):
    case AVERROR(ECONNRESET):
    case AVERROR(EHOSTUNREACH):
    case AVERROR(ENETUNREACH):
    case AVERROR(EPIPE):
    case AVERROR_HTTP_BAD_REQUEST:
    case AVERROR_HTTP_UNAUTHORIZED:
    case AVERROR_HTTP_FORBIDDEN:
    case AVERROR_HTTP_OTHER_4XX:
    case AVERROR_HTTP_SERVER_ERROR:
      return Errc::unavailable;
    case AVERROR(EACCES):
    case AVERROR(EPERM):
    case AVERROR(EROFS):
    case AVERROR(EISDIR):
    case AVERROR(EIO):
      return Errc::io;
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_MUXER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_PROTOCOL_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR(ENOSYS):
      return Errc::unsupported;
    default:
      return Errc::internal;
  }
}

PacketPtr share_as_packet(const Bytes& bytes) {
  PacketPtr packet(av_packet_alloc());
  ASSERT(packet != nullptr);
  auto* owner = new Bytes(bytes);
  auto* data = const_cast<uint8_t*>(bytes.data());  // AV_BUFFER_FLAG_READONLY keeps it unwritten.
  packet->buf = av_buffer_create(
      data, bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE,
      [](void* opaque, uint8_t*) { delete static_cast<Bytes*>(opaque); }, owner,
      AV_BUFFER_FLAG_READONLY);
  ASSERT(packet->buf != nullptr);
  packet->data = data;
  packet->size = static_cast<int>(bytes.size());
  return packet;
}

Bytes share_as_bytes(AVPacket& packet) {
  if (packet.size == 0 || av_packet_make_refcounted(&packet) < 0) return {};
  AVBufferRef* reference = av_buffer_ref(packet.buf);
  ASSERT(reference != nullptr);
  std::shared_ptr<const void> owner(reference, [](const void* buffer) {
    auto* taken = static_cast<AVBufferRef*>(const_cast<void*>(buffer));
    av_buffer_unref(&taken);
  });
  return Bytes::share(std::move(owner), {packet.data, static_cast<size_t>(packet.size)});
}

}  // namespace pasu::av
