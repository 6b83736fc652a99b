#include <algorithm>

#include "wire/detail/text.h"
#include "wire/sdp/session.h"

namespace pasu::sdp {
namespace {

using wire::detail::cut;
using wire::detail::cut_word;
using wire::detail::to_number;
using wire::detail::trim;

class Parser {
 public:
  Result<Session> run(std::string_view text) {
    if (text.size() > Session::kBytesMax)
      return fail(Errc::too_large, "sdp: {} bytes, over the limit of {}", text.size(),
                  Session::kBytesMax);
    while (!text.empty()) {
      ++line_number_;
      std::string_view line = cut(text, '\n');
      while (!line.empty() && (line.back() == '\r' || line.back() == '\0')) line.remove_suffix(1);
      TRY(take(trim(line)));
    }
    if (!any_)
      return fail(Errc::malformed, "sdp: no line of the form \"m=...\" in {} lines", line_number_);
    return std::move(session_);
  }

 private:
  Result<void> take(std::string_view line) {
    if (line.size() < 2 || line[1] != '=') return {};
    const std::string_view value = line.substr(2);
    // RFC 8866 9: the letters that exist. Others are skipped, as section 5 asks.
    if (std::string_view("vosiuepcbtrzkam").find(line[0]) == std::string_view::npos) return {};
    any_ = true;
    switch (line[0]) {
      case 'o':
        session_.origin = origin(value);
        break;
      case 's':
        session_.name = value;
        break;
      case 'i':
        section(&Session::info, &Media::title) = value;
        break;
      case 'c':
        section(&Session::connection, &Media::connection) = value;
        break;
      case 'b':
        return append(section(&Session::bandwidth, &Media::bandwidth), std::string(value), "b=");
      case 't':
        return append(session_.times, std::string(value), "t=");
      case 'a':
        return attribute(value);
      case 'm':
        return begin_media(value);
      default:
        break;  // v u e p r z k: nothing here uses them.
    }
    return {};
  }

  // Of the media that was begun last, else of the session.
  template <class T>
  T& section(T Session::* of_session, T Media::* of_media) {
    return session_.media.empty() ? session_.*of_session : session_.media.back().*of_media;
  }

  static Origin origin(std::string_view value) {
    // The five last words are fixed; what is before them is the name, which cameras fill with
    // blanks (gortsplib#201: "JefferyZhang Inno Fuzhou 0 0 IN IP4 127.0.0.1").
    Origin origin;
    std::string_view rest = trim(value);
    std::string* const fields[] = {&origin.address, &origin.address_type, &origin.net_type,
                                   &origin.session_version, &origin.session_id};
    for (std::string* field : fields) {
      const size_t at = rest.find_last_of(" \t");
      if (at == std::string_view::npos) {
        Origin broken;  // gortsplib#618: "- 1001 1 IN"
        broken.username = trim(value);
        return broken;
      }
      *field = rest.substr(at + 1);
      rest = trim(rest.substr(0, at));
    }
    origin.username = rest;
    return origin;
  }

  template <class T>
  Result<void> append(std::vector<T>& list, T item, std::string_view what) {
    if (list.size() >= Session::kAttributesMax)
      return fail(Errc::too_large, "sdp: line {}: more than {} {} lines in one section",
                  line_number_, Session::kAttributesMax, what);
    list.push_back(std::move(item));
    return {};
  }

  Result<void> attribute(std::string_view value) {
    Attribute attribute;
    attribute.name = trim(cut(value, ':'));
    attribute.value = trim(value);
    if (attribute.name.empty()) return {};
    return append(section(&Session::attributes, &Media::attributes), std::move(attribute), "a=");
  }

  Result<void> begin_media(std::string_view value) {
    if (session_.media.size() >= Session::kMediaMax)
      return fail(Errc::too_large, "sdp: line {}: more than {} media", line_number_,
                  Session::kMediaMax);
    Media media;
    media.type = cut_word(value);
    if (media.type.empty()) return fail(Errc::malformed, "sdp: line {}: m= is empty", line_number_);
    std::string_view ports = cut_word(value);
    // A port that is no number (go2rtc#2316: -1353744643) says nothing: RTSP asks for ports itself.
    media.port = to_number<uint16_t>(cut(ports, '/')).value_or(0);
    media.port_count = std::max<uint16_t>(1, to_number<uint16_t>(ports).value_or(1));
    media.protocol = cut_word(value);
    while (!value.empty()) {
      if (media.formats.size() >= Session::kFormatsMax)
        return fail(Errc::too_large, "sdp: line {}: more than {} formats", line_number_,
                    Session::kFormatsMax);
      media.formats.emplace_back(cut_word(value));
    }
    session_.media.push_back(std::move(media));
    return {};
  }

  Session session_;
  size_t line_number_ = 0;
  bool any_ = false;
};

}  // namespace

Result<Session> parse(std::string_view text) { return Parser().run(text); }

}  // namespace pasu::sdp
