#include "train/data/xml_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "train/data/detail/utf8.h"

namespace pasu::data {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.' || c == ':' || static_cast<uint8_t>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

XmlReader::XmlReader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

tl::unexpected<Error> XmlReader::error(Errc code, std::string_view what) const {
  return fail(code, "line {}: {}", line_, what);
}

void XmlReader::advance(size_t bytes) {
  const auto passed = text_.substr(at_, bytes);
  line_ += static_cast<int>(std::ranges::count(passed, '\n'));
  at_ += passed.size();
}

Result<void> XmlReader::pass(std::string_view end, const char* what) {
  const size_t found = text_.find(end, at_);
  if (found == text_.npos) return error(Errc::truncated, fmt::format("{} has no end", what));
  advance(found + end.size() - at_);
  return {};
}

Result<void> XmlReader::append_entity(std::string& out) {
  constexpr size_t kNameMax = 12;
  const size_t end = text_.substr(at_, kNameMax).find(';');
  if (end == text_.npos)
    return error(Errc::malformed, "'&' begins no entity; a plain one is written &amp;");
  const std::string_view name = text_.substr(at_ + 1, end - 1);
  constexpr std::pair<std::string_view, char> kKnown[] = {
      {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [known, value] : kKnown)
    if (name == known) {
      out += value;
      at_ += end + 1;
      return {};
    }
  uint32_t code = 0;
  if (name.size() > 1 && name.front() == '#') {
    const bool hex = name[1] == 'x';
    const char* first = name.data() + (hex ? 2 : 1);
    const char* last = name.data() + name.size();
    const auto [stop, result] = std::from_chars(first, last, code, hex ? 16 : 10);
    if (result != std::errc() || stop != last || code > 0x10FFFF) code = 0;
  }
  if (code == 0) return error(Errc::malformed, fmt::format("unknown entity '&{};'", name));
  detail::append_utf8(out, code);
  at_ += end + 1;
  return {};
}

/// Up to the next tag; comments and CDATA sections in between are part of the text's run.
Result<void> XmlReader::append_text(std::string& out) {
  while (at_ < text_.size()) {
    const std::string_view rest = text_.substr(at_);
    if (rest.front() == '&') {
      TRY(append_entity(out));
    } else if (rest.front() != '<') {
      const size_t run = std::min(rest.find_first_of("<&"), rest.size());
      out += rest.substr(0, run);
      advance(run);
    } else if (rest.starts_with("<!--")) {
      advance(4);
      TRY(pass("-->", "a comment"));
    } else if (rest.starts_with("<![CDATA[")) {
      advance(9);
      const size_t begin = at_;
      TRY(pass("]]>", "a CDATA section"));
      out += text_.substr(begin, at_ - 3 - begin);
    } else if (rest.starts_with("<?")) {
      TRY(pass("?>", "a processing instruction"));
    } else {
      return {};
    }
  }
  return {};
}

Result<XmlEvent> XmlReader::tag() {
  XmlEvent event{.kind = XmlEvent::Kind::start, .name = {}, .text = {}, .line = line_};
  const bool ends = text_.substr(at_).starts_with("</");
  if (text_.substr(at_).starts_with("<!"))
    return error(Errc::unsupported, "a DOCTYPE or the like, which annotations do not need");
  at_ += ends ? 2 : 1;
  const size_t begin = at_;
  while (at_ < text_.size() && is_name(text_[at_])) ++at_;
  event.name = text_.substr(begin, at_ - begin);
  if (event.name.empty())
    return error(at_ < text_.size() ? Errc::malformed : Errc::truncated,
                 "'<' begins no tag; a plain one is written &lt;");
  while (at_ < text_.size() && text_[at_] != '>') {  // Attributes.
    const char c = text_[at_];
    if (c == '<') return error(Errc::malformed, fmt::format("<{} has no '>'", event.name));
    if (c == '/' && text_.substr(at_).starts_with("/>") && !ends) {
      closes_ = true;
      ++at_;
      break;
    }
    advance(1);
    if (c == '"' || c == '\'') TRY(pass({&c, 1}, "an attribute's value"));
  }
  if (at_ >= text_.size())
    return error(Errc::truncated, fmt::format("the text ends within <{}", event.name));
  ++at_;
  if (!ends) {
    if (open_.empty() && std::exchange(rooted_, true))
      return error(Errc::malformed, fmt::format("<{}> after the document's end", event.name));
    if (open_.size() == kDepthMax)
      return error(Errc::too_large, fmt::format("tags nested over {} deep", kDepthMax));
    open_.push_back(event.name);
    return event;
  }
  if (open_.empty() || open_.back() != event.name)
    return error(Errc::malformed,
                 fmt::format("</{}> closes {}", event.name,
                             open_.empty() ? "nothing" : fmt::format("<{}>", open_.back())));
  open_.pop_back();
  event.kind = XmlEvent::Kind::end;
  return event;
}

Result<XmlEvent> XmlReader::next() {
  if (std::exchange(closes_, false)) {
    XmlEvent event{.kind = XmlEvent::Kind::end, .name = open_.back(), .text = {}, .line = line_};
    open_.pop_back();
    return event;
  }
  XmlEvent event{.kind = XmlEvent::Kind::text, .name = {}, .text = {}, .line = line_};
  TRY(append_text(event.text));
  if (!trimmed(event.text).empty()) {
    if (open_.empty())
      return error(Errc::malformed, rooted_ ? "text after the document's end"
                                            : "text before the first tag: is this XML?");
    return event;
  }
  if (at_ < text_.size()) return tag();
  if (!open_.empty())
    return error(Errc::truncated, fmt::format("the text ends within <{}>", open_.back()));
  if (!rooted_) return error(Errc::truncated, "holds no tag");
  event.kind = XmlEvent::Kind::finish;
  return event;
}

Result<void> XmlReader::skip() {
  const size_t depth = open_.size() - 1;
  while (open_.size() > depth) TRY(next());
  return {};
}

Result<std::string> XmlReader::text() {
  std::string out;
  while (true) {
    const XmlEvent event = TRY(next());
    if (event.kind == XmlEvent::Kind::end) break;
    if (event.kind == XmlEvent::Kind::start)
      return error(Errc::malformed, fmt::format("expected text, found <{}>", event.name));
    out += event.text;
  }
  return std::string(trimmed(out));
}

}  // namespace pasu::data
