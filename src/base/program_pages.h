// The pages of the program's and its libraries' files that the process holds.
#pragma once

namespace pasu {

/// Lets go of all pages of code and constants that are mapped now; those that are used come back
/// from the system's cache as they are touched. After the start: loading 150 libraries touches far
/// more of them than running does. Data that was written, relocations too, stays.
void release_program_pages();

}  // namespace pasu
