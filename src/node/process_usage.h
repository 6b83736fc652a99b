// What this process uses: CPU time and memory.
#pragma once

namespace pasu::node {

/// User and system time of all threads since the start, in seconds.
[[nodiscard]] double process_cpu_seconds();
/// Resident memory in MiB; 0 where the system does not tell.
[[nodiscard]] double process_rss_mb();

}  // namespace pasu::node
