#include "train/fit/run_log.h"

#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/json_text.h"
#include "base/part_file.h"
#include "base/read_file.h"
#include "train/data/json_reader.h"

namespace pasu::train {
namespace {

constexpr size_t kBytesMax = size_t{1} << 30;

tl::unexpected<Error> cannot_be_written(const std::string& path) {
  return fail(errno == ENOSPC || errno == EDQUOT ? Errc::no_space : Errc::io,
              "{}: cannot be written: {}", path, std::strerror(errno));
}

template <class T>
const T* find_in(const std::vector<std::pair<std::string, T>>& list, const std::string& name) {
  for (const auto& [key, value] : list)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace

const double* LogLine::number(const std::string& name) const { return find_in(numbers, name); }
const std::string* LogLine::text(const std::string& name) const { return find_in(texts, name); }

std::string log_text(const LogLine& line) {
  std::string out = fmt::format("{{\"kind\":{},\"step\":{}", json_text(line.kind), line.step);
  for (const auto& [name, value] : line.texts)
    out += fmt::format(",{}:{}", json_text(name), json_text(value));
  for (const auto& [name, value] : line.numbers)
    out += std::isfinite(value) ? fmt::format(",{}:{:.6g}", json_text(name), value)
                                : fmt::format(",{}:null", json_text(name));
  return out + "}\n";
}

Result<LogLine> parse_log_line(std::string_view text) {
  LogLine out;
  data::JsonReader json(text);
  TRY(json.enter_object());
  while (const auto key = TRY(json.next_key())) {
    const std::string name(*key);
    const auto kind = TRY(json.peek());
    if (kind == data::JsonReader::Kind::string) {
      std::string value = TRY(json.string());
      if (name == "kind")
        out.kind = std::move(value);
      else
        out.texts.emplace_back(name, std::move(value));
    } else if (kind == data::JsonReader::Kind::number) {
      const double value = TRY(json.number());
      if (name == "step")
        out.step = std::abs(value) < 1e15 ? static_cast<int64_t>(value) : 0;
      else
        out.numbers.emplace_back(name, value);
    } else {
      TRY(json.skip());
    }
  }
  TRY(json.finish());
  return out;
}

Result<std::vector<LogLine>> read_log(const std::string& path) {
  const auto text = read_file(path, kBytesMax);
  if (!text && text.error().code() == Errc::not_found) return std::vector<LogLine>();
  if (!text) return tl::unexpected(text.error());
  std::vector<LogLine> out;
  for (size_t at = 0; at < text->size();) {
    const size_t end = std::min(text->find('\n', at), text->size());
    if (auto line = parse_log_line(std::string_view(*text).substr(at, end - at)))
      out.push_back(std::move(*line));
    at = end + 1;
  }
  return out;
}

Result<RunLog> RunLog::open(const std::string& path, int64_t step) {
  std::string kept;
  const auto lines = TRY(read_log(path));
  for (const LogLine& line : lines)
    if (line.step <= step) kept += log_text(line);
  TRY(write_file(path, as_bytes(kept)));
  std::FILE* file = std::fopen(path.c_str(), "abe");
  if (file == nullptr) return cannot_be_written(path);
  return RunLog(path, file);
}

Result<void> RunLog::write(const LogLine& line) {
  const std::string text = log_text(line);
  if (std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() &&
      std::fflush(file_.get()) == 0)
    return {};
  std::clearerr(file_.get());
  return cannot_be_written(path_);
}

}  // namespace pasu::train
