// JSON as a stream of values asked for one by one: no tree is built, and what nobody asks for is
// passed over at the speed of a byte scan. Made for annotation files of hundreds of megabytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pasu::data {

/// Borrows its text. After an error only seek() makes sense. Errors name the byte: truncated,
/// malformed, too_large (an integer beyond 64 bits; nesting beyond kDepthMax).
///
///   TRY(json.enter_object());
///   while (const auto key = TRY(json.next_key()))
///     if (*key == "id") id = TRY(json.integer()); else TRY(json.skip());
///
/// Beyond RFC 8259: a byte order mark is passed over, and number() reads NaN and Infinity, which
/// Python writes, for the caller to refuse by name. skip() checks brackets, strings and the bytes
/// that may stand outside them, not each number.
class JsonReader {
 public:
  static constexpr size_t kDepthMax = 256;  ///< Of what skip() passes over.
  enum class Kind { null, boolean, number, string, array, object };

  explicit JsonReader(std::string_view text);

  /// What comes next, which stays there.
  [[nodiscard]] Result<Kind> peek();
  [[nodiscard]] Result<void> enter_object();
  /// The next key, or nothing at the object's end, which is passed. Lives until the next call.
  [[nodiscard]] Result<std::optional<std::string_view>> next_key();
  [[nodiscard]] Result<void> enter_array();
  /// Is there one more; false at the array's end, which is passed.
  [[nodiscard]] Result<bool> next_element();

  [[nodiscard]] Result<double> number();
  /// Also 3.0 and 3e2: some writers know only floats.
  [[nodiscard]] Result<int64_t> integer();
  /// true, false, or a number, which is true where it is not 0.
  [[nodiscard]] Result<bool> flag();
  [[nodiscard]] Result<std::string> string();
  [[nodiscard]] Result<void> skip();
  /// Nothing but white space follows.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] size_t offset() const { return at_; }
  /// Back to the first byte of a value that offset() gave after peek().
  void seek(size_t offset);

 private:
  void skip_space();
  [[nodiscard]] Result<void> expect(char c, const char* what);
  [[nodiscard]] Result<std::string_view> raw_string();  // Between the quotes, escapes as they are.
  [[nodiscard]] Result<std::string> unescape(std::string_view raw, size_t at) const;
  [[nodiscard]] Result<std::string_view> number_token();
  [[nodiscard]] tl::unexpected<Error> error(size_t at, Errc code, std::string_view what) const;
  [[nodiscard]] tl::unexpected<Error> expected(const char* what);

  std::string_view text_;
  size_t at_ = 0;
  bool first_ = true;  // Nothing of the innermost container was read yet.
  std::string key_;    // Of a key with escapes.
};

}  // namespace pasu::data
