// A size of picture as commands take it: 640x384.
#pragma once

#include <cstdio>
#include <string>

#include "base/result.h"
#include "geom/box.h"

namespace pasu::cli {

/// Errors (invalid_argument) name `option`, for example "--input".
inline Result<geom::Size> parse_size(const char* option, const std::string& text) {
  geom::Size size;
  int end = 0;
  if (std::sscanf(text.c_str(), "%5dx%5d%n", &size.width, &size.height, &end) != 2 ||
      static_cast<size_t>(end) != text.size() || size.width < 1 || size.height < 1)
    return fail(Errc::invalid_argument, "{} {}: expected a size such as 640x384", option, text);
  return size;
}

}  // namespace pasu::cli
