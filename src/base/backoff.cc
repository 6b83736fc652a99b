#include "base/backoff.h"

#include <random>

namespace pasu {

double random_unit() {
  thread_local std::mt19937 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(engine);
}

}  // namespace pasu
