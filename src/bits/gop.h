// What a video stream is made of: every picture's type, size and QP, GOP by GOP, from the bytes
// alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::bits {

enum class PictureType { idr, i, p, b };

/// "IDR", "I", "P" or "B".
[[nodiscard]] const char* to_string(PictureType type);

/// One coded picture as its slice headers describe it.
struct Picture {
  PictureType type = PictureType::p;  ///< The widest of its slices: B over P over I.
  size_t bytes = 0;
  int qp = 0;         ///< Of the first slice (26 + pic_init_qp_minus26 + slice_qp_delta).
  int frame_num = 0;  ///< H.264 frame_num; H.265: slice_pic_order_cnt_lsb.
  bool reference = true;
  bool recovery_point = false;  ///< An I picture with a recovery point SEI, or H.265 CRA.
};

/// Reads access units (Annex B or length-prefixed) one after another and says what each is. Keeps
/// the parameter sets it has seen. Never reads past a unit; damaged parts are errors with byte
/// offsets.
class PictureReader {
 public:
  /// Errors: unsupported (neither H.264 nor H.265), malformed extradata.
  [[nodiscard]] static Result<PictureReader> create(const media::StreamInfo& stream);
  PictureReader(PictureReader&&) noexcept;
  ~PictureReader();

  /// Errors: malformed, truncated, unsupported. The next call starts clean.
  [[nodiscard]] Result<Picture> read(ByteView access_unit);

 private:
  struct Impl;
  explicit PictureReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::bits
