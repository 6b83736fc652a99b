#include "job/json_lines.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/json_text.h"

namespace pasu::job {
namespace {

// At most `digits` after the point, no zeros at the end: 12.5, not 12.500.
std::string number(double value, int digits) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace

std::string to_json(const FrameBoxes& frame) {
  std::string out = fmt::format(
      R"({{"source":{},"frame":{},"pts":{},"width":{},"height":{},)", json_text(frame.source),
      frame.frame, number(media::to_seconds(frame.pts), 6), frame.size.width, frame.size.height);
  out += R"("detections":[)";
  for (const FrameBoxes::One& one : frame.boxes) {
    if (&one != &frame.boxes.front()) out += ',';
    out += fmt::format(R"({{"label":{},"score":{},"box":[{},{},{},{}],"track":{}}})",
                       json_text(one.label), number(one.score, 4), number(one.box.x, 2),
                       number(one.box.y, 2), number(one.box.w, 2), number(one.box.h, 2),
                       one.track == 0 ? "null" : std::to_string(one.track));
  }
  return out + "]}";
}

Result<std::unique_ptr<JsonLines>> JsonLines::create(const std::string& path) {
  std::optional<PartFile> file;
  if (path != "-") file.emplace(TRY(PartFile::create(path)));
  return std::unique_ptr<JsonLines>(new JsonLines(std::move(file)));
}

Result<void> JsonLines::write(const FrameBoxes& frame) {
  waiting_ += to_json(frame);
  waiting_ += '\n';
  ++lines_;
  if (file_ && waiting_.size() < kWaitingBytesMax) return {};
  return flush();
}

Result<void> JsonLines::finish() {
  TRY(flush());
  return file_ ? file_->commit() : Result<void>();
}

Result<void> JsonLines::flush() {
  const std::string text = std::exchange(waiting_, {});
  if (file_) return file_->write(as_bytes(text));
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return {};
  return fail(errno == ENOSPC ? Errc::no_space : Errc::io, "stdout: cannot be written: {}",
              std::strerror(errno));
}

}  // namespace pasu::job
