#include "base/program_pages.h"

#include <cstdint>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pasu {
namespace {

// Code that the loader has written addresses into would lose them. No compiler of today makes such.
bool code_was_relocated(const dl_phdr_info& object) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const auto& header = object.dlpi_phdr[i];
    if (header.p_type != PT_DYNAMIC) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): where the loader says it lies.
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + header.p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      if (entry->d_tag == DT_TEXTREL) return true;
      if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
    }
  }
  return false;
}

int release_object(dl_phdr_info* object, size_t, void*) {
  if (code_was_relocated(*object)) return 0;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& header = object->dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
    // Whole pages only: the first may be shared with a segment that is written.
    const uintptr_t begin = (object->dlpi_addr + header.p_vaddr + page - 1) / page * page;
    const uintptr_t end = (object->dlpi_addr + header.p_vaddr + header.p_memsz) / page * page;
    // NOLINTNEXTLINE(performance-no-int-to-ptr)
    if (begin < end) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_program_pages() { dl_iterate_phdr(release_object, nullptr); }

}  // namespace pasu
