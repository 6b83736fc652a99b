// What a benchmark needs of its surroundings: a folder of its own, the program, the checkout.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace pasu::job {

/// A new folder, gone with this.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// The program that runs.
[[nodiscard]] std::filesystem::path this_program();

/// bench/ of the checkout: from where one stands, or beside build/release/pasu. Errors: not_found
/// (there is no `file` in it).
[[nodiscard]] Result<std::filesystem::path> bench_folder(const std::string& file);

}  // namespace pasu::job
