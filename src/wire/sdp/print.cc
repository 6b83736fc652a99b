#include <algorithm>

#include "wire/sdp/session.h"

namespace pasu::sdp {
namespace {

class Printer {
 public:
  Result<std::string> run(const Session& session) {
    line('v', "0");
    TRY(origin(session.origin));
    // RFC 8866 5.3: a session without a name is called "-" or " ".
    TRY(field('s', session.name.empty() ? "-" : session.name));
    if (!session.info.empty()) TRY(field('i', session.info));
    if (!session.connection.empty()) TRY(field('c', session.connection));
    for (const auto& bandwidth : session.bandwidth) TRY(field('b', bandwidth));
    if (session.times.empty()) line('t', "0 0");
    for (const auto& time : session.times) TRY(field('t', time));
    TRY(attributes(session.attributes));
    for (const auto& media : session.media) TRY(section(media));
    return std::move(text_);
  }

 private:
  void line(char type, std::string_view value) { text_ += fmt::format("{}={}\r\n", type, value); }

  Result<void> field(char type, std::string_view value) {
    if (value.empty() || value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos)
      return fail(Errc::invalid_argument, "sdp: {}= would be empty or carry a line break or NUL",
                  type);
    line(type, value);
    return {};
  }

  static Result<void> token(std::string_view what, std::string_view value) {
    const bool good = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) > ' ' && c != 127;
    });
    if (!good)
      return fail(Errc::invalid_argument, "sdp: the {} '{}' is empty or has blanks in it", what,
                  value);
    return {};
  }

  static Result<void> number(std::string_view what, std::string_view value) {
    const bool good = !value.empty() && std::all_of(value.begin(), value.end(),
                                                    [](char c) { return c >= '0' && c <= '9'; });
    if (!good) return fail(Errc::invalid_argument, "sdp: the {} '{}' is no number", what, value);
    return {};
  }

  Result<void> origin(const Origin& origin) {
    TRY(token("user name", origin.username));
    TRY(number("session id", origin.session_id));
    TRY(number("session version", origin.session_version));
    TRY(token("network type", origin.net_type));
    TRY(token("address type", origin.address_type));
    TRY(token("address", origin.address));
    line('o',
         fmt::format("{} {} {} {} {} {}", origin.username, origin.session_id,
                     origin.session_version, origin.net_type, origin.address_type, origin.address));
    return {};
  }

  Result<void> attributes(const std::vector<Attribute>& list) {
    for (const auto& [name, value] : list) {
      TRY(token("attribute name", name));
      if (name.find(':') != name.npos)
        return fail(Errc::invalid_argument, "sdp: the attribute name '{}' has a colon", name);
      TRY(field('a', value.empty() ? name : fmt::format("{}:{}", name, value)));
    }
    return {};
  }

  Result<void> section(const Media& media) {
    TRY(token("media type", media.type));
    TRY(token("protocol", media.protocol));
    std::string text = fmt::format("{} {}", media.type, media.port);
    if (media.port_count > 1) text += fmt::format("/{}", media.port_count);
    text += " " + media.protocol;
    if (media.formats.empty())
      return fail(Errc::invalid_argument, "sdp: the {} media has no format", media.type);
    for (const auto& format : media.formats) {
      TRY(token("format", format));
      text += " " + format;
    }
    line('m', text);
    if (!media.title.empty()) TRY(field('i', media.title));
    if (!media.connection.empty()) TRY(field('c', media.connection));
    for (const auto& bandwidth : media.bandwidth) TRY(field('b', bandwidth));
    return attributes(media.attributes);
  }

  std::string text_;
};

}  // namespace

Result<std::string> print(const Session& session) { return Printer().run(session); }

}  // namespace pasu::sdp
