#include "wire/sdp/session.h"

#include <array>

#include "wire/detail/text.h"

namespace pasu::sdp {
namespace {

using wire::detail::cut;
using wire::detail::cut_word;
using wire::detail::equal_ignoring_case;
using wire::detail::to_number;
using wire::detail::trim;

struct StaticType {
  uint8_t payload_type;
  const char* encoding;
  uint32_t clock_rate;
  int channels;
};

// RFC 3551 section 6, tables 4 and 5.
constexpr std::array<StaticType, 24> kStaticTypes{{
    {0, "PCMU", 8000, 1},   {3, "GSM", 8000, 1},    {4, "G723", 8000, 1},   {5, "DVI4", 8000, 1},
    {6, "DVI4", 16000, 1},  {7, "LPC", 8000, 1},    {8, "PCMA", 8000, 1},   {9, "G722", 8000, 1},
    {10, "L16", 44100, 2},  {11, "L16", 44100, 1},  {12, "QCELP", 8000, 1}, {13, "CN", 8000, 1},
    {14, "MPA", 90000, 1},  {15, "G728", 8000, 1},  {16, "DVI4", 11025, 1}, {17, "DVI4", 22050, 1},
    {18, "G729", 8000, 1},  {25, "CelB", 90000, 1}, {26, "JPEG", 90000, 1}, {28, "nv", 90000, 1},
    {31, "H261", 90000, 1}, {32, "MPV", 90000, 1},  {33, "MP2T", 90000, 1}, {34, "H263", 90000, 1},
}};

std::optional<std::string_view> find_attribute(const std::vector<Attribute>& attributes,
                                               std::string_view name) {
  for (const auto& attribute : attributes)
    if (equal_ignoring_case(attribute.name, name)) return attribute.value;
  return std::nullopt;
}

// The rest of "a=NAME:PT REST" where PT is `payload_type`.
std::optional<std::string_view> find_of_type(const Media& media, std::string_view name,
                                             uint8_t payload_type) {
  for (const auto& attribute : media.attributes) {
    if (!equal_ignoring_case(attribute.name, name)) continue;
    std::string_view rest = attribute.value;
    if (to_number<uint8_t>(cut_word(rest)) == payload_type) return rest;
  }
  return std::nullopt;
}

std::optional<Direction> own_direction(const std::vector<Attribute>& attributes) {
  if (find_attribute(attributes, "sendrecv")) return Direction::sendrecv;
  if (find_attribute(attributes, "sendonly")) return Direction::sendonly;
  if (find_attribute(attributes, "recvonly")) return Direction::recvonly;
  if (find_attribute(attributes, "inactive")) return Direction::inactive;
  return std::nullopt;
}

}  // namespace

FormatParameters FormatParameters::parse(std::string_view text) {
  FormatParameters parameters;
  while (!text.empty()) {
    std::string_view value = trim(cut(text, ';'));
    const std::string_view name = trim(cut(value, '='));
    if (!name.empty()) parameters.pairs_.emplace_back(name, trim(value));
  }
  return parameters;
}

std::optional<std::string_view> FormatParameters::find(std::string_view name) const {
  for (const auto& [key, value] : pairs_)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

std::optional<uint32_t> FormatParameters::number(std::string_view name) const {
  const auto value = find(name);
  return value ? to_number<uint32_t>(*value) : std::nullopt;
}

std::optional<std::string_view> Media::attribute(std::string_view name) const {
  return find_attribute(attributes, name);
}

std::optional<uint8_t> Media::payload_type() const {
  for (const auto& format : formats) {
    const auto number = to_number<uint8_t>(format);
    if (number && *number < 128) return number;
  }
  return std::nullopt;
}

std::optional<RtpMap> Media::rtpmap(uint8_t payload_type) const {
  if (const auto text = find_of_type(*this, "rtpmap", payload_type)) {
    std::string_view rest = trim(*text);
    RtpMap map;
    map.encoding = trim(cut(rest, '/'));
    const auto rate = to_number<uint32_t>(trim(cut(rest, '/')));
    map.clock_rate = rate && *rate > 0 ? *rate : type == "video" ? 90000 : 8000;
    map.channels = to_number<uint8_t>(trim(rest)).value_or(1);
    if (map.channels == 0) map.channels = 1;
    if (!map.encoding.empty()) return map;
  }
  for (const auto& known : kStaticTypes)
    if (known.payload_type == payload_type)
      return RtpMap{known.encoding, known.clock_rate, known.channels};
  return std::nullopt;
}

FormatParameters Media::parameters(uint8_t payload_type) const {
  const auto text = find_of_type(*this, "fmtp", payload_type);
  return text ? FormatParameters::parse(*text) : FormatParameters();
}

std::string_view Media::control() const { return trim(attribute("control").value_or("")); }

std::optional<std::string_view> Session::attribute(std::string_view wanted) const {
  return find_attribute(attributes, wanted);
}

std::string_view Session::control() const { return trim(attribute("control").value_or("")); }

Direction Session::direction(const Media& of) const {
  if (const auto own = own_direction(of.attributes)) return *own;
  return own_direction(attributes).value_or(Direction::sendrecv);
}

}  // namespace pasu::sdp
