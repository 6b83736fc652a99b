#include "api/page.h"

#include <array>
#include <filesystem>
#include <utility>

#include "base/read_file.h"

namespace pasu::api {
namespace {

constexpr size_t kFileBytesMax = 16u << 20;

constexpr std::string_view kWithoutPage =
    "<!doctype html><meta charset=utf-8><title>pasu</title><h1>pasu is watching</h1>"
    "<p>This build has no page: it was configured with PASU_WEB=OFF. scripts/run.sh builds it; "
    "the API is at <a href=/api/v1/cameras>/api/v1/cameras</a>.";

// Whether `path` could name something outside the folder it is put behind.
bool climbs(std::string_view path) {
  // "//etc": what follows the first slash would be a path of its own.
  return path.find("..") != std::string_view::npos || path.find("//") != std::string_view::npos ||
         path.find('\0') != std::string_view::npos || path.find('\\') != std::string_view::npos;
}

}  // namespace

std::string content_type_of(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, const char*>, 10> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [ending, type] : kTypes)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

std::optional<PageAnswer> Page::find(std::string_view path) const {
  if (climbs(path)) return std::nullopt;
  if (path != "/")
    if (auto file = exactly(path)) return file;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (path.starts_with("/assets/") || last.find('.') != std::string_view::npos) return std::nullopt;
  if (auto index = exactly("/index.html")) return index;
  PageAnswer answer;
  answer.data = Bytes::copy(as_bytes(kWithoutPage));
  answer.content_type = content_type_of(".html");
  return answer;
}

std::optional<PageAnswer> Page::exactly(std::string_view path) const {
  PageAnswer answer;
  answer.content_type = content_type_of(path);
  answer.immutable = path.starts_with("/assets/");
  if (!folder_.empty()) {
    const auto file = std::filesystem::path(folder_) / path.substr(1);
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
    const auto data = read_file(file, kFileBytesMax);
    if (!data) return std::nullopt;
    answer.data = Bytes::copy(as_bytes(*data));
    answer.immutable = false;
    return answer;
  }
  for (const PageFile& file : embedded_page()) {
    if (path != file.path) continue;
    answer.data = Bytes::share(nullptr, file.plain);
    answer.gzip = Bytes::share(nullptr, file.gzip);
    answer.etag = file.etag;
    return answer;
  }
  return std::nullopt;
}

}  // namespace pasu::api
