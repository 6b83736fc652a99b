// What a video stream is made of: every picture's type, size and QP, from the bytes alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "bits/sequence.h"
#include "media/access_unit.h"
#include "media/codec.h"

namespace pasu::bits {

enum class PictureType { idr, i, p, b };

/// "IDR", "I", "P" or "B".
[[nodiscard]] const char* to_string(PictureType type);

/// One coded picture as its slice headers describe it.
struct Picture {
  /// The widest of its slices: B over P over I. Of a frame coded as two fields, the first's.
  PictureType type = PictureType::p;
  size_t bytes = 0;   ///< Of the whole access unit.
  int qp = 0;         ///< Of the first slice (26 + pic_init_qp_minus26 + slice_qp_delta).
  int frame_num = 0;  ///< H.264 frame_num; H.265: slice_pic_order_cnt_lsb.
  bool reference = true;
  bool recovery_point = false;  ///< An I picture with a recovery point SEI; H.265: CRA or BLA.
  /// Shown before the key picture it follows in decoding order, so it may refer to pictures before
  /// that one: H.265 RASL; H.264: a lower picture order count.
  bool needs_previous_gop = false;
  bool second_field = false;  ///< H.264: completes the frame whose first field came just before.
  /// H.264: picture order count, since the last picture that restarts it: an IDR picture, or one
  /// with memory_management_control_operation 5, itself counted the old way. 0 in H.265.
  int64_t order = 0;
  bool restarts_order = false;

  /// Decoding can start here: IDR or recovery point.
  [[nodiscard]] bool key() const { return type == PictureType::idr || recovery_point; }
};

/// A part of an access unit that could not be read.
struct Damage {
  size_t offset = 0;  ///< Of the NAL unit, in the access unit.
  Error error;        ///< Bytes named in it count from there.
};

/// Reads access units (Annex B or length-prefixed) one after another and says what each is. Keeps
/// the parameter sets it has seen. Never reads past a unit. One thread at a time.
class PictureReader {
 public:
  /// Of one unit; what is beyond is damaged too, but not told.
  static constexpr size_t kDamagesMax = 16;

  /// Errors: unsupported (neither H.264 nor H.265), malformed or truncated configuration record.
  [[nodiscard]] static Result<PictureReader> create(const media::StreamInfo& stream);
  PictureReader(PictureReader&&) noexcept;
  PictureReader& operator=(PictureReader&&) noexcept;
  ~PictureReader();

  /// The unit's picture, from those slices that can be read. Errors, after which the next call
  /// starts clean: malformed, truncated, unsupported; not_found (nothing damaged, no picture).
  [[nodiscard]] Result<Picture> read(ByteView access_unit);
  /// What the last read() could not make out, whether it gave a picture or an error.
  [[nodiscard]] std::span<const Damage> damage() const;
  /// The parameter set of the last picture; nullptr before the first.
  [[nodiscard]] const SequenceInfo* sequence() const;

 private:
  struct Impl;
  explicit PictureReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pasu::bits
