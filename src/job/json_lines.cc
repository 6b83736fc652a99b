#include "job/json_lines.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <nlohmann/json.hpp>

namespace pasu::job {
namespace {

// Bytes that are no UTF-8 (a file's name may hold any) become U+FFFD.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

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
      R"({{"source":{},"frame":{},"pts":{},"width":{},"height":{},)", quoted(frame.source),
      frame.frame, number(media::to_seconds(frame.pts), 6), frame.size.width, frame.size.height);
  out += R"("detections":[)";
  for (const FrameBoxes::One& one : frame.boxes) {
    if (&one != &frame.boxes.front()) out += ',';
    out += fmt::format(R"({{"label":{},"score":{},"box":[{},{},{},{}],"track":{}}})",
                       quoted(one.label), number(one.score, 4), number(one.box.x, 2),
                       number(one.box.y, 2), number(one.box.w, 2), number(one.box.h, 2),
                       one.track == 0 ? "null" : std::to_string(one.track));
  }
  return out + "]}";
}

Result<std::unique_ptr<JsonLines>> JsonLines::create(const std::string& path) {
  std::unique_ptr<JsonLines> lines(new JsonLines(path, stdout));
  if (path == "-") return lines;
  // A pipe or device is written where it is.
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode))
    lines->written_path_ = path + ".part";
  lines->file_ = std::fopen(lines->written_path_.c_str(), "wbe");
  if (lines->file_ == nullptr)
    return fail(errno == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be written: {}", path,
                std::strerror(errno));
  return lines;
}

JsonLines::~JsonLines() {
  if (file_ == nullptr || file_ == stdout) return;
  (void)std::fclose(file_);
  if (written_path_ != path_) ::unlink(written_path_.c_str());
}

Result<void> JsonLines::write(const FrameBoxes& frame) {
  const std::string line = to_json(frame) + '\n';
  if (std::fwrite(line.data(), 1, line.size(), file_) != line.size()) return failed(errno);
  if (file_ == stdout && std::fflush(file_) != 0) return failed(errno);
  ++lines_;
  return {};
}

Result<void> JsonLines::finish() {
  // A full disk often shows only when the last bytes are written.
  if (std::fflush(file_) != 0) return failed(errno);
  if (file_ == stdout) return {};
  if (std::fclose(std::exchange(file_, nullptr)) == 0 &&
      (written_path_ == path_ || std::rename(written_path_.c_str(), path_.c_str()) == 0))
    return {};
  const int number = errno;
  if (written_path_ != path_) ::unlink(written_path_.c_str());
  return failed(number);
}

tl::unexpected<Error> JsonLines::failed(int number) const {
  return fail(number == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be written: {}",
              path_ == "-" ? "stdout" : path_, std::strerror(number));
}

}  // namespace pasu::job
