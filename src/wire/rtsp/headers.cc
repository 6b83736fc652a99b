#include "wire/rtsp/headers.h"

#include <cmath>

#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

using wire::detail::cut;
using wire::detail::equal_ignoring_case;
using wire::detail::starts_ignoring_case;
using wire::detail::to_number;
using wire::detail::trim;

constexpr size_t kRtpInfoMax = 32;
constexpr double kSecondsMax = 1e9;  // Thirty years.

// "123.45", and with hours and minutes "1:02:03.5" (RFC 2326 3.6).
std::optional<double> to_seconds(std::string_view text) {
  double seconds = 0;
  for (int parts = 0; parts < 3; ++parts) {
    std::string_view part = cut(text, ':');
    const std::string_view whole = cut(part, '.');
    const auto value = to_number<uint32_t>(whole);
    if (!value || part.size() > 9 || (parts > 0 && *value > 59)) return std::nullopt;
    seconds = seconds * 60 + *value;
    if (seconds > kSecondsMax) return std::nullopt;
    if (!part.empty()) {
      const auto fraction = to_number<uint32_t>(part);
      if (!fraction) return std::nullopt;
      seconds += *fraction / std::pow(10.0, static_cast<double>(part.size()));
      return text.empty() ? std::optional(seconds) : std::nullopt;
    }
    if (text.empty()) return seconds;
  }
  return std::nullopt;
}

Result<Range> parse_npt(std::string_view text, std::string_view whole) {
  NptRange range;
  const size_t dash = text.find('-');
  const std::string_view start = trim(text.substr(0, dash));
  const std::string_view end = dash == text.npos ? "" : trim(text.substr(dash + 1));
  range.now = equal_ignoring_case(start, "now");
  if (!range.now && !start.empty()) range.start = to_seconds(start);
  if (!end.empty()) range.end = to_seconds(end);
  const bool good = (range.now || start.empty() || range.start) && (end.empty() || range.end) &&
                    !(start.empty() && end.empty());
  if (!good) return fail(Errc::malformed, "Range: '{}' is no npt range", whole.substr(0, 80));
  return range;
}

// "20261125T080000.25Z" (RFC 2326 3.7).
std::optional<UtcTime> to_utc(std::string_view text) {
  const auto digits = [&text](size_t at, size_t count) {
    return to_number<unsigned>(text.substr(at, count));
  };
  if (text.size() < 16 || text[8] != 'T' || text.back() != 'Z') return std::nullopt;
  const auto year = digits(0, 4), month = digits(4, 2), day = digits(6, 2);
  const auto hour = digits(9, 2), minute = digits(11, 2), second = digits(13, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  UtcTime time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                 std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  if (text.size() > 16) {
    const std::string_view fraction = text.substr(16, text.size() - 17);
    const auto value = to_number<uint32_t>(fraction);
    if (text[15] != '.' || !value || fraction.size() > 9) return std::nullopt;
    const double micros = *value * std::pow(10.0, 6.0 - static_cast<double>(fraction.size()));
    time += std::chrono::microseconds(std::llround(micros));
  }
  return time;
}

std::string from_utc(UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string out =
      fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto micros = clock.subseconds().count()) out += fmt::format(".{:06}", micros);
  return out + "Z";
}

Result<Range> parse_clock(std::string_view text, std::string_view whole) {
  const std::string_view end = [&] {
    const size_t dash = text.find('-');
    return dash == text.npos ? std::string_view() : trim(text.substr(dash + 1));
  }();
  const auto start_time = to_utc(trim(text.substr(0, text.find('-'))));
  const auto end_time = to_utc(end);
  if (!start_time || (!end.empty() && !end_time))
    return fail(Errc::malformed, "Range: '{}' is no clock range", whole.substr(0, 80));
  return ClockRange{*start_time, end_time};
}

RtpInfo parse_rtp_info_entry(std::string_view entry) {
  RtpInfo info;
  // Parameters are taken from the end, since URLs may carry ';' and '='.
  while (true) {
    const size_t semicolon = entry.rfind(';');
    if (semicolon == std::string_view::npos) break;
    std::string_view value = entry.substr(semicolon + 1);
    const std::string_view name = trim(cut(value, '='));
    value = trim(value);
    if (equal_ignoring_case(name, "seq")) {
      info.sequence = to_number<uint16_t>(value);
    } else if (equal_ignoring_case(name, "rtptime")) {
      info.rtp_time = to_number<uint32_t>(value);
    } else if (!equal_ignoring_case(name, "ssrc") && !name.empty()) {
      break;
    }
    entry = entry.substr(0, semicolon);
  }
  if (starts_ignoring_case(entry, "url=")) entry.remove_prefix(4);
  if (entry.size() >= 2 && entry.front() == '"' && entry.back() == '"')
    entry = entry.substr(1, entry.size() - 2);
  info.url = trim(entry);
  return info;
}

}  // namespace

Result<SessionId> parse_session(std::string_view text) {
  SessionId session;
  session.id = trim(cut(text, ';'));
  if (session.id.empty() || session.id.size() > 256)
    return fail(Errc::malformed, "Session: no id, or one of over 256 characters");
  while (!text.empty()) {
    std::string_view value = cut(text, ';');
    const std::string_view name = trim(cut(value, '='));
    if (!equal_ignoring_case(name, "timeout")) continue;
    const auto seconds = to_number<uint16_t>(trim(value));
    if (seconds && *seconds > 0) session.timeout = std::chrono::seconds(*seconds);
  }
  return session;
}

std::string to_string(const SessionId& session) {
  return fmt::format("{};timeout={}", session.id, session.timeout.count());
}

Result<Range> parse_range(std::string_view text) {
  std::string_view value = trim(text);
  value = trim(value.substr(0, value.find(';')));
  if (starts_ignoring_case(value, "npt=")) return parse_npt(value.substr(4), text);
  if (starts_ignoring_case(value, "clock=")) return parse_clock(value.substr(6), text);
  return fail(Errc::unsupported, "Range: '{}' is neither npt nor clock", text.substr(0, 80));
}

std::string to_string(const Range& range) {
  if (const auto* clock = std::get_if<ClockRange>(&range))
    return fmt::format("clock={}-{}", from_utc(clock->start),
                       clock->end ? from_utc(*clock->end) : "");
  const auto& npt = std::get<NptRange>(range);
  std::string out = "npt=";
  if (npt.now || (!npt.start && !npt.end)) {
    out += "now";
  } else if (npt.start) {
    out += fmt::format("{:.3f}", *npt.start);
  }
  out += '-';
  if (npt.end) out += fmt::format("{:.3f}", *npt.end);
  return out;
}

std::vector<RtpInfo> parse_rtp_info(std::string_view text) {
  std::vector<RtpInfo> tracks;
  while (!text.empty() && tracks.size() < kRtpInfoMax) {
    // An entry ends at a comma that is followed by the next "url=".
    size_t end = text.find(',');
    while (end != std::string_view::npos &&
           !starts_ignoring_case(trim(text.substr(end + 1)), "url="))
      end = text.find(',', end + 1);
    const std::string_view entry = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    auto info = parse_rtp_info_entry(entry);
    if (!info.url.empty()) tracks.push_back(std::move(info));
  }
  return tracks;
}

std::string to_string(const std::vector<RtpInfo>& tracks) {
  std::string out;
  for (const auto& track : tracks) {
    if (!out.empty()) out += ',';
    out += "url=" + track.url;
    if (track.sequence) out += fmt::format(";seq={}", *track.sequence);
    if (track.rtp_time) out += fmt::format(";rtptime={}", *track.rtp_time);
  }
  return out;
}

bool list_has(std::string_view list, std::string_view item) {
  while (!list.empty())
    if (equal_ignoring_case(trim(cut(list, ',')), item)) return true;
  return false;
}

}  // namespace pasu::rtsp
