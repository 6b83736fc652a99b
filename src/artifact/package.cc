#include "artifact/package.h"

#include "base/part_file.h"
#include "base/read_file.h"

namespace pasu::artifact {
namespace {

constexpr size_t kManifestBytesMax = 1u << 20;
constexpr size_t kLabelsBytesMax = 1u << 20;

Result<void> check_files(const Package& package) {
  for (const FileEntry& entry : package.manifest.files) {
    const auto path = package.file(entry.path);
    const std::string found = TRY(sha256_of(path));
    if (found != entry.sha256)
      return fail(Errc::malformed,
                  "{}: is damaged or was changed: its sha256 is {}, {} says {}. Fetch the package "
                  "again, or import the file anew with 'pasu model import'",
                  path.string(), found, package.manifest.path, entry.sha256);
  }
  return {};
}

}  // namespace

Result<Package> load_package(const std::filesystem::path& folder) {
  const auto path = folder / kManifestName;
  const std::string text = TRY(read_file(path, kManifestBytesMax));
  Package package{.folder = folder, .manifest = {}};
  package.manifest = TRY(parse_manifest(text, path.string()));
  if (!package.manifest.labels_file.empty()) {
    const auto labels = package.file(package.manifest.labels_file);
    const std::string lines = TRY(read_file(labels, kLabelsBytesMax));
    package.manifest.labels = TRY(parse_labels(lines, labels.string()));
  }
  TRY(check_files(package));
  return package;
}

Result<void> save_manifest(Package& package) {
  for (FileEntry& entry : package.manifest.files)
    entry.sha256 = TRY(sha256_of(package.file(entry.path)));
  const std::string text = write_manifest(package.manifest);
  const auto path = package.folder / kManifestName;
  package.manifest.path = path.string();
  TRY(parse_manifest(text, path.string()));  // What we write, we can read.
  return write_file(path.string(), as_bytes(text), {.mode = 0644, .sync = true});
}

Result<std::filesystem::path> free_folder(const std::filesystem::path& folder) {
  std::filesystem::path out = folder.lexically_normal();
  if (!out.has_filename()) out = out.parent_path();  // Written with a slash at its end.
  if (!out.has_filename() || out == "..")
    return fail(Errc::invalid_argument, "'{}' names no folder for the package", folder.string());
  std::error_code ignored;
  if (std::filesystem::exists(out, ignored))
    return fail(Errc::exists, "{}: is there already. Name another folder, or remove it first",
                out.string());
  return out;
}

}  // namespace pasu::artifact
