// Compressed bytes: counted, immutable, padded, shared by everyone who reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace pasu {

using ByteView = std::span<const uint8_t>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A shared, read-only run of bytes. Copying a Bytes shares it; nobody can write through it.
///
/// Bytes made by copy() are followed by kPadding zero bytes, as bit readers and libavcodec want.
class Bytes {
 public:
  /// At least AV_INPUT_BUFFER_PADDING_SIZE.
  static constexpr size_t kPadding = 64;

  Bytes() = default;
  /// Copies `view` into fresh padded storage.
  [[nodiscard]] static Bytes copy(ByteView view);
  /// Shares bytes that `owner` keeps alive. The caller vouches for the padding.
  [[nodiscard]] static Bytes share(std::shared_ptr<const void> owner, ByteView view) {
    Bytes bytes;
    bytes.owner_ = std::move(owner);
    bytes.view_ = view;
    return bytes;
  }

  [[nodiscard]] const uint8_t* data() const { return view_.data(); }
  [[nodiscard]] size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] ByteView view() const { return view_; }
  operator ByteView() const { return view_; }  // NOLINT(google-explicit-constructor)

 private:
  std::shared_ptr<const void> owner_;
  ByteView view_;
};

}  // namespace pasu
