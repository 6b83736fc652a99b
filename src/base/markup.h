// Text into HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace pasu {

/// `text` as HTML and SVG show it, between tags and within double quotes.
[[nodiscard]] std::string escaped_markup(std::string_view text);

}  // namespace pasu
