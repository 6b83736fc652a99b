// Standard output and error: how wide, whether coloured, whether what was written arrived.
#pragma once

#include <string>
#include <string_view>

#include "media/pts.h"

namespace pasu::cli {

/// What standard output or error is.
struct Terminal {
  bool interactive = false;  ///< A terminal rather than a file or pipe.
  bool color = false;        ///< Interactive, and neither NO_COLOR nor TERM=dumb is set.
  int columns = 80;

  [[nodiscard]] static Terminal of_stdout();
  [[nodiscard]] static Terminal of_stderr();
};

/// Writes to standard output; false once that has failed (full disk, closed pipe).
bool print(std::string_view text);
/// Flushes. Gives `exit_code`, or reports what could not be written and gives kFailed. A reader
/// that closed its end of the pipe has seen enough: no error.
int finish_output(int exit_code);

/// "1.25", without trailing zeros, to the microsecond: a JSON number too.
[[nodiscard]] std::string seconds_text(media::Pts pts);
/// "31.2 kB", in powers of 1000 as bit rates are.
[[nodiscard]] std::string bytes_text(double bytes);
/// "848 kb/s"
[[nodiscard]] std::string rate_text(double bits_per_second);

}  // namespace pasu::cli
