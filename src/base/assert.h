// ASSERT: our own mistakes, checked in release too. Never for input from outside.
#pragma once

#include <cstdio>
#include <cstdlib>

#define ASSERT(condition)                                                                    \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
