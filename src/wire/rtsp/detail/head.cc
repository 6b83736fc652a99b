#include "wire/rtsp/detail/head.h"

#include <algorithm>

#include "wire/detail/text.h"

namespace pasu::rtsp::detail {
namespace {

using wire::detail::cut;
using wire::detail::cut_word;
using wire::detail::is_digit;
using wire::detail::is_space;
using wire::detail::to_number;
using wire::detail::trim;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 127 &&
           std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
  });
}

bool is_version(std::string_view text) {
  return text.size() == 3 && is_digit(text[0]) && text[1] == '.' && is_digit(text[2]);
}

Result<Message> parse_status_line(std::string_view line) {
  Response response;
  std::string_view rest = line.substr(5);
  response.version = cut_word(rest);
  const std::string_view status = cut_word(rest);
  const auto number = to_number<uint16_t>(status);
  if (!is_version(response.version) || status.size() != 3 || !number || *number < 100)
    return fail(Errc::malformed, "'{}' is no status line", line.substr(0, 80));
  response.status = *number;
  response.reason = rest;
  return response;
}

Headers& headers_of(Message& message) {
  if (auto* request = std::get_if<Request>(&message)) return request->headers;
  return std::get<Response>(message).headers;
}

Result<void> add_field(Headers& headers, std::string_view line) {
  const size_t colon = line.find(':');
  const std::string_view name = trim(line.substr(0, colon));
  if (colon == std::string_view::npos || !is_token(name))
    return fail(Errc::malformed, "'{}' is no header field", line.substr(0, 80));
  headers.add(name, trim(line.substr(colon + 1)));
  return {};
}

}  // namespace

Result<Message> parse_start_line(std::string_view line) {
  if (line.starts_with("RTSP/")) return parse_status_line(line);
  // The URI is what lies between the first and the last blank: some clients do not encode theirs.
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last == first)
    return fail(Errc::malformed, "'{}' is no request line", line.substr(0, 80));
  Request request;
  request.method_name = line.substr(0, first);
  request.method = to_method(request.method_name);
  request.uri = trim(line.substr(first, last - first));
  const std::string_view version = line.substr(last + 1);
  if (!is_token(request.method_name) || request.uri.empty() || !version.starts_with("RTSP/") ||
      !is_version(version.substr(5)))
    return fail(Errc::malformed, "'{}' is no request line", line.substr(0, 80));
  request.version = version.substr(5);
  return request;
}

Result<Message> parse_head(std::string_view head) {
  const auto next_line = [&head] {
    std::string_view line = cut(head, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  Message message = TRY(parse_start_line(next_line()));
  std::string unfolded;
  while (true) {
    const std::string_view line = next_line();
    if (!line.empty() && is_space(line[0]) && !unfolded.empty()) {
      unfolded += ' ';
      unfolded += trim(line);
      continue;
    }
    if (!unfolded.empty()) TRY(add_field(headers_of(message), unfolded));
    if (line.empty()) return message;
    unfolded = line;
  }
}

Result<size_t> content_length(const Headers& headers, size_t bytes_max) {
  const auto values = headers.find_all("Content-Length");
  if (values.empty()) return 0;
  if (values.size() > 1) return fail(Errc::malformed, "Content-Length is given twice");
  const bool digits =
      !values[0].empty() && std::all_of(values[0].begin(), values[0].end(), is_digit);
  if (!digits)
    return fail(Errc::malformed, "Content-Length '{}' is no number", values[0].substr(0, 20));
  const auto length = to_number<size_t>(values[0]);
  if (!length || *length > bytes_max)
    return fail(Errc::too_large, "Content-Length {} is over the limit of {}",
                values[0].substr(0, 20), bytes_max);
  return *length;
}

}  // namespace pasu::rtsp::detail
