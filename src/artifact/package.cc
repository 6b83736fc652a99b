#include "artifact/package.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

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

Result<std::string> read_text(const std::filesystem::path& file, size_t bytes_max) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::not_found, "{}: {}", file.string(), std::strerror(errno));
  std::string text(bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (!in && !in.eof()))
    return fail(Errc::io, "{}: reading failed; is it a folder?", file.string());
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > bytes_max)
    return fail(Errc::too_large, "{}: larger than {} bytes", file.string(), bytes_max);
  return text;
}

Result<Package> load_package(const std::filesystem::path& folder) {
  const auto path = folder / kManifestName;
  const std::string text = TRY(read_text(path, kManifestBytesMax));
  Package package { folder, TRY(parse_manifest(text, path.string())) };
  if (!package.manifest.labels_file.empty()) {
    const auto labels = package.file(package.manifest.labels_file);
    const std::string lines = TRY(read_text(labels, kLabelsBytesMax));
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

  const auto part = std::filesystem::path(path.string() + ".part");
  errno = 0;
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (!out) {
    const int reason = errno;
    std::filesystem::remove(part, error);
    return fail(reason == ENOSPC ? Errc::no_space : Errc::io, "{}: cannot be written: {}",
                path.string(), std::strerror(reason));
  }
  std::filesystem::rename(part, path, error);
  if (error) return fail(Errc::io, "{}: cannot be written: {}", path.string(), error.message());
  return {};
}

}  // namespace pasu::artifact
