// Strings for JSON that is written by hand.
#pragma once

#include <string>
#include <string_view>

namespace pasu {

/// `text` as a quoted JSON string; bytes that are no UTF-8 (a file's name may hold any) become
/// U+FFFD.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace pasu
