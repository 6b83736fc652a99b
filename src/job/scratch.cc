#include "job/scratch.h"

#include <atomic>
#include <unistd.h>

namespace pasu::job {

namespace fs = std::filesystem;

Scratch::Scratch() {
  static std::atomic<int> count = 0;
  path_ = fs::temp_directory_path() / fmt::format("pasu-bench-{}-{}", getpid(), count++);
  std::error_code error;
  fs::create_directories(path_, error);
}

Scratch::~Scratch() {
  std::error_code error;
  fs::remove_all(path_, error);
}

fs::path this_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

Result<fs::path> bench_folder(const std::string& file) {
  for (const fs::path& root : {fs::path("."), this_program().parent_path() / "../.."}) {
    std::error_code error;
    if (fs::is_regular_file(root / "bench" / file, error))
      return (root / "bench").lexically_normal();
  }
  return fail(Errc::not_found,
              "bench/{} is neither here nor beside the program; run from a checkout", file);
}

}  // namespace pasu::job
