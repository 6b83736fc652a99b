// How many files and sockets the process may have open, and keeping the last of them for what
// matters.
#pragma once

#include <cstddef>

namespace pasu {

/// Raises the limit (`ulimit -n`) as far as the system lets us. Returns what holds now.
size_t raise_open_files_limit();

/// Whether `descriptor`, just opened, is one of the last `kept` that the process may have. The
/// kernel gives out the lowest number that is free, so such a number says that hardly any is left:
/// who was given it for a newcomer closes it again, and cameras and files find one.
[[nodiscard]] bool is_one_of_the_last(int descriptor, size_t kept);

/// What newcomers leave to cameras and files: a quarter of all, 256 at most.
[[nodiscard]] size_t descriptors_kept();

}  // namespace pasu
