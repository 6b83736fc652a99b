#include "wire/rtsp/message.h"

#include <array>

#include <fmt/format.h>

#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

using wire::detail::equal_ignoring_case;
using wire::detail::to_number;

constexpr std::array<std::string_view, 12> kMethods{
    "OPTIONS", "DESCRIBE", "ANNOUNCE",      "SETUP",         "PLAY",     "PAUSE",
    "RECORD",  "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "REDIRECT", ""};

struct Phrase {
  int status;
  std::string_view text;
};
// RFC 2326 7.1.1.
constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {250, "Low on Storage Space"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Time-out"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Large"},
    {415, "Unsupported Media Type"},
    {451, "Parameter Not Understood"},
    {452, "Conference Not Found"},
    {453, "Not Enough Bandwidth"},
    {454, "Session Not Found"},
    {455, "Method Not Valid in This State"},
    {456, "Header Field Not Valid for Resource"},
    {457, "Invalid Range"},
    {458, "Parameter Is Read-Only"},
    {459, "Aggregate operation not allowed"},
    {460, "Only aggregate operation allowed"},
    {461, "Unsupported transport"},
    {462, "Destination unreachable"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Time-out"},
    {505, "RTSP Version not supported"},
    {551, "Option not supported"},
};

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

void append_rest(std::string& out, const Headers& headers, const std::string& body) {
  out += "\r\n";
  for (const auto& [name, value] : headers.fields()) {
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += "\r\n";
  }
  if (!body.empty()) out += fmt::format("Content-Length: {}\r\n", body.size());
  out += "\r\n";
  out += body;
}

}  // namespace

std::string_view to_string(Method method) { return kMethods[static_cast<size_t>(method)]; }

Method to_method(std::string_view name) {
  size_t i = 0;
  while (i + 1 < kMethods.size() && kMethods[i] != name) ++i;
  return static_cast<Method>(i);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::vector<std::string_view> Headers::find_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : fields_)
    if (equal_ignoring_case(key, name)) values.emplace_back(value);
  return values;
}

std::optional<uint32_t> cseq(const Headers& headers) {
  const auto value = headers.find("CSeq");
  return value ? to_number<uint32_t>(*value) : std::nullopt;
}

std::string_view reason_phrase(int status) {
  for (const auto& phrase : kPhrases)
    if (phrase.status == status) return phrase.text;
  return "Unknown";
}

std::string print(const Request& request) {
  std::string out(request.method == Method::unknown ? request.method_name
                                                    : to_string(request.method));
  out += ' ';
  append_clean(out, request.uri);
  out += " RTSP/" + request.version;
  append_rest(out, request.headers, request.body);
  return out;
}

std::string print(const Response& response) {
  std::string out = fmt::format("RTSP/{} {} ", response.version, response.status);
  append_clean(out, response.reason.empty() ? reason_phrase(response.status) : response.reason);
  append_rest(out, response.headers, response.body);
  return out;
}

}  // namespace pasu::rtsp
