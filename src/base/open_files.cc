#include "base/open_files.h"

#include <algorithm>
#include <sys/resource.h>

namespace pasu {
namespace {

size_t limit_now() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  return limit.rlim_cur;
}

}  // namespace

size_t raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);  // Then the old one holds.
  }
  return limit_now();
}

bool is_one_of_the_last(int descriptor, size_t kept) {
  return static_cast<size_t>(descriptor) + kept >= limit_now();
}

size_t descriptors_kept() { return std::min<size_t>(limit_now() / 4, 256); }

}  // namespace pasu
