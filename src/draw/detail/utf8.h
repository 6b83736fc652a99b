// UTF-8 to code points.
#pragma once

#include <string>
#include <string_view>

namespace pasu::draw {

/// Each malformed byte becomes U+FFFD, as do surrogates, overlong forms and values past U+10FFFF.
[[nodiscard]] std::u32string code_points(std::string_view utf8);

}  // namespace pasu::draw
