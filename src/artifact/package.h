// A model package: a folder with manifest.toml, the network's files, labels and a card.
#pragma once

#include <filesystem>
#include <string>

#include "artifact/manifest.h"

namespace pasu::artifact {

inline constexpr const char* kManifestName = "manifest.toml";

struct Package {
  std::filesystem::path folder;
  Manifest manifest;  ///< Labels filled in, from wherever they stand.

  [[nodiscard]] std::filesystem::path file(const std::string& path) const { return folder / path; }
};

/// Reads the manifest and checks every file's SHA-256 against it.
///
/// Errors, each naming the file: not_found, malformed (manifest, labels, a checksum that differs),
/// too_large (a file over 4 GiB), io.
[[nodiscard]] Result<Package> load_package(const std::filesystem::path& folder);

/// Writes manifest.toml into the package's folder, where the network's files already lie: fills in
/// the checksums, and appears under its name only when whole. Errors: not_found, io, no_space.
[[nodiscard]] Result<void> save_manifest(Package& package);

/// Where a new package may be made: `folder` without a slash at its end. Errors: invalid_argument
/// (it names no folder), exists.
[[nodiscard]] Result<std::filesystem::path> free_folder(const std::filesystem::path& folder);

/// SHA-256 of a file as 64 lower-case hexadecimal digits. Errors: not_found, too_large, io.
[[nodiscard]] Result<std::string> sha256_of(const std::filesystem::path& file);

}  // namespace pasu::artifact
