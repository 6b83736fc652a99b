// What this process uses: CPU time and memory.
#pragma once

#include <sys/resource.h>

namespace pasu {

/// User and system time in seconds.
[[nodiscard]] double cpu_seconds(const rusage& usage);
/// Of all threads since the start.
[[nodiscard]] double process_cpu_seconds();
/// Resident memory in MiB; 0 where the system does not tell.
[[nodiscard]] double process_rss_mb();

}  // namespace pasu
