#include "wire/rtsp/transport.h"

#include <algorithm>

#include "wire/detail/text.h"

namespace pasu::rtsp {
namespace {

using wire::detail::cut;
using wire::detail::cut_outside_quotes;
using wire::detail::equal_ignoring_case;
using wire::detail::starts_ignoring_case;
using wire::detail::to_number;
using wire::detail::trim;

constexpr size_t kAlternativesMax = 16;

std::string_view unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

template <class T>
std::optional<Pair<T>> to_pair(std::string_view text) {
  const auto first = to_number<T>(trim(cut(text, '-')));
  if (!first) return std::nullopt;
  if (text.empty()) return Pair<T>{*first, static_cast<T>(*first + 1)};
  const auto second = to_number<T>(trim(text));
  if (!second) return std::nullopt;
  return Pair<T>{*first, *second};
}

std::optional<Pair<uint16_t>> to_ports(std::string_view text) {
  const auto ports = to_pair<uint16_t>(text);
  if (!ports || ports->rtp == 0 || ports->rtcp == 0 || ports->rtp == ports->rtcp)
    return std::nullopt;
  return ports;
}

std::optional<uint32_t> to_ssrc(std::string_view text) {
  text = trim(text);
  if (starts_ignoring_case(text, "0x")) text.remove_prefix(2);
  return to_number<uint32_t>(text, 16);
}

// False where the alternative is of no use.
bool set_parameter(Transport& transport, std::string_view name, std::string_view value) {
  const auto is = [name](std::string_view known) { return equal_ignoring_case(name, known); };
  if (is("multicast")) {
    if (transport.delivery == Delivery::tcp) return false;
    transport.delivery = Delivery::multicast;
  } else if (is("client_port")) {
    transport.client_port = to_ports(value);
    return transport.client_port || transport.delivery == Delivery::tcp;
  } else if (is("server_port")) {
    transport.server_port = to_ports(value);
  } else if (is("port")) {
    transport.port = to_ports(value);
  } else if (is("interleaved")) {
    transport.interleaved = to_pair<uint8_t>(value);
    return transport.interleaved && transport.interleaved->rtp != transport.interleaved->rtcp;
  } else if (is("ssrc")) {
    transport.ssrc = to_ssrc(value);
  } else if (is("ttl")) {
    transport.ttl = to_number<uint8_t>(value);
  } else if (is("destination")) {
    transport.destination = value;
  } else if (is("source")) {
    transport.source = value;
  } else if (is("mode")) {
    value = unquote(value);
    transport.record =
        equal_ignoring_case(value, "record") || equal_ignoring_case(value, "receive");
  }
  return true;
}

std::optional<Transport> parse_one(std::string_view text) {
  Transport transport;
  const std::string_view profile = trim(cut(text, ';'));
  if (equal_ignoring_case(profile, "RTP/AVP/TCP")) {
    transport.delivery = Delivery::tcp;
  } else if (equal_ignoring_case(profile, "RTP/AVP") ||
             equal_ignoring_case(profile, "RTP/AVP/UDP")) {
    transport.delivery = Delivery::udp;
  } else {
    return std::nullopt;
  }
  while (!text.empty()) {
    std::string_view value = cut_outside_quotes(text, ';');
    const std::string_view name = trim(cut(value, '='));
    if (!set_parameter(transport, name, trim(value))) return std::nullopt;
  }
  return transport;
}

template <class T>
void append_pair(std::string& out, std::string_view name, const std::optional<Pair<T>>& pair) {
  if (pair) out += fmt::format(";{}={}-{}", name, pair->rtp, pair->rtcp);
}

}  // namespace

Result<std::vector<Transport>> parse_transport(std::string_view text) {
  std::vector<Transport> transports;
  const std::string_view whole = text;
  for (size_t count = 0; !text.empty(); ++count) {
    if (count == kAlternativesMax)
      return fail(Errc::too_large, "Transport: over {} alternatives", kAlternativesMax);
    if (auto transport = parse_one(cut_outside_quotes(text, ',')))
      transports.push_back(std::move(*transport));
  }
  if (transports.empty())
    return fail(Errc::unsupported, "Transport: nothing usable in '{}'", whole.substr(0, 200));
  return transports;
}

std::string to_string(const Transport& transport) {
  std::string out = transport.delivery == Delivery::tcp ? "RTP/AVP/TCP" : "RTP/AVP";
  out += transport.delivery == Delivery::multicast ? ";multicast" : ";unicast";
  if (!transport.destination.empty()) out += ";destination=" + transport.destination;
  if (!transport.source.empty()) out += ";source=" + transport.source;
  append_pair(out, "interleaved", transport.interleaved);
  append_pair(out, "client_port", transport.client_port);
  append_pair(out, "server_port", transport.server_port);
  append_pair(out, "port", transport.port);
  if (transport.ttl) out += fmt::format(";ttl={}", *transport.ttl);
  if (transport.ssrc) out += fmt::format(";ssrc={:08X}", *transport.ssrc);
  if (transport.record) out += ";mode=record";
  return out;
}

}  // namespace pasu::rtsp
