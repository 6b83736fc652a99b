// pasu-train: what of pasu needs libtorch. `pasu train` runs it from its own folder.
#include <cstdio>
#include <malloc.h>

int main(int argc, char**) {
  // A step frees and asks again for the same hundreds of megabytes. Given back to the kernel each
  // time, half of the time goes into page faults.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 256 << 20);
  std::fprintf(stderr, "pasu-train: there is nothing to run yet\n");
  return argc > 1 ? 1 : 2;
}
