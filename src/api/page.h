// The page's files: embedded in the program, or read from a folder while developing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace pasu::api {

/// One embedded file.
struct PageFile {
  const char* path;  ///< "/index.html"
  const char* etag;  ///< With its quotes.
  ByteView plain;
  ByteView gzip;  ///< The same, compressed; empty where that gains nothing.
};

/// What was embedded at build time; empty where the page was left out.
[[nodiscard]] std::span<const PageFile> embedded_page();

struct PageAnswer {
  Bytes data;
  Bytes gzip;  ///< Of the same; empty where there is none.
  std::string content_type;
  std::string etag;        ///< Empty: none.
  bool immutable = false;  ///< Its name changes with its content.
};

class Page {
 public:
  /// `folder` empty: the embedded page.
  explicit Page(std::string folder) : folder_(std::move(folder)) {}
  /// The file at a decoded absolute `path`; the page itself where it is no file of its own, so that
  /// its addresses can be opened directly. Nothing under /assets/ or for a file with a dot that is
  /// not there.
  [[nodiscard]] std::optional<PageAnswer> find(std::string_view path) const;

 private:
  [[nodiscard]] std::optional<PageAnswer> exactly(std::string_view path) const;
  std::string folder_;
};

/// "text/html; charset=utf-8" by the extension.
[[nodiscard]] std::string content_type_of(std::string_view path);

}  // namespace pasu::api
